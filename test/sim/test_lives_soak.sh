#!/bin/sh
# Simulated lives in number: LIVES (1000000) ordinary ones, a tenth of it in
# which everything happens, as many with security associations, a hundredth
# full of sessions and half of that full of conferences and full of chats; a
# thousandth are whole stories at 20 % loss and 2 s of jitter, in which the
# P-CSCF restarts. SEED (from the clock) begins; a life that goes wrong prints
# its seed.
# class: soak
cd "$(dirname "$0")/../.." || exit 1

passed=0
failed=0
lives=${LIVES:-1000000}
seed=${SEED:-$(date +%s)000000}

run()
{
	name=$1
	shift
	if out=$("${B:-build/host}/lives" "$@" -s "$seed"); then
		echo "ok $name: $(echo "$out" | tail -1)"
		passed=$((passed + 1))
	else
		echo "$out" | tail -20
		echo "FAIL $name: seeds are above"
		failed=$((failed + 1))
	fi
}

run "lives at 0 to 30 % loss" -n "$lives"
run "lives in which everything happens" -c -n $((lives / 10))
run "lives with associations in which things cross" -r -n $((lives / 10))
run "lives full of sessions" -i -n $((lives / 100))
run "lives full of conferences" -f -n $((lives / 200))
run "lives full of chats" -m -n $((lives / 200))
run "whole stories" -w -n $((lives / 1000))

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
