#!/bin/sh
# class: soak
# needs: gcc
# The differential checks with many more cases, from a seed of their own.
cd "$(dirname "$0")" || exit 1
passed=0 failed=0
for t in esp udvm sip; do
	if SEED=${SEED:-soak} DIFFER=${DIFFER:-100} python3 \
		test_differential_$t.py; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
