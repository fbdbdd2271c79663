#!/bin/sh
# Run the proofs: test_proof.sh [NAME...]
# needs: gcc
# class: test
#
# Each proof is a file test/proof/<name>.c for CBMC, whose head comment says
#   source: FILES      what is proved, compiled with it
#   unwind: N          bound of the loops, which CBMC checks to be enough
#   flags: ...         more options
#   bug: FILE SED      a mistake put into FILE; the proof must then fail
# A proof without a bug line counts as failed: nobody knows if it can fail.
set -u
cd "$(dirname "$0")/../.." || exit 1

passed=0 failed=0 skipped=0
out=build/proof
# a proof that has grown too big fails instead of taking the machine along
ulimit -v 4000000
mkdir -p "$out"

if ! test/proof/get_cbmc.sh build/cbmc 2>"$out/get.log"; then
	echo "skip proof: $(cat "$out/get.log")"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
[ -e build/deps/mbedtls/include/mbedtls/aes.h ] ||
	sh test/tools/deps.sh build/deps mbedtls || exit 1

field()
{
	sed -n "s/^ \* $2: //p" "$1"
}

# run FILE SOURCES LOG: 0 proved, 10 refuted, anything else is an error
run()
{
	# shellcheck disable=SC2046,SC2086
	timeout --foreground 300 build/cbmc/bin/cbmc "$1" $2 --c11 -I . \
		-I build/deps/mbedtls/include \
		'-DMBEDTLS_CONFIG_FILE="boards/common/mbedtls_config.h"' \
		--unwind "$(field "$1" unwind)" --unwinding-assertions \
		--pointer-overflow-check \
		--malloc-may-fail --malloc-fail-null --slice-formula \
		$(field "$1" flags) >"$3" 2>&1
}

ok()
{
	echo "ok $1"
	passed=$((passed + 1))
}

fail()
{
	echo "FAIL $1: $2"
	failed=$((failed + 1))
}

prove()
{
	name=$(basename "$1" .c)
	src=$(field "$1" source)
	run "$1" "$src" "$out/$name.log"
	case $? in
	0)  ok "$name ($(sed -n 's/^\*\* \(.*\) (.*$/\1/p' \
		"$out/$name.log"))" ;;
	10) fail "$name" "$(grep ': FAILURE$' "$out/$name.log" | head -n 3)" ;;
	*)  fail "$name" "cbmc: $(tail -n 2 "$out/$name.log")" ;;
	esac

	n=0
	field "$1" bug >"$out/$name.bugs"
	while read -r file sed; do
		n=$((n + 1))
		dir=$out/$name.$n
		# the mistaken file goes by another name, the rest stays
		mkdir -p "$dir"
		sed "$sed" "$file" >"$dir/${file##*/}"
		if cmp -s "$file" "$dir/${file##*/}"; then
			fail "$name bug $n" "'$sed' changes nothing in $file"
			continue
		fi
		other=$(printf '%s\n' $src | grep -vxF "$file" | tr '\n' ' ')
		run "$1" "$dir/${file##*/} $other" "$dir/log"
		case $? in
		10) ok "$name finds: $sed" ;;
		0)  fail "$name bug $n" "'$sed' is not found" ;;
		*)  fail "$name bug $n" "cbmc: $(tail -n 2 "$dir/log")" ;;
		esac
	done <"$out/$name.bugs"
	[ "$n" -gt 0 ] || fail "$name" "no bug line"
}

for f in ${*:-$(cd test/proof && ls ./*.c)}; do
	f=test/proof/$(basename "$f" .c).c
	prove "$f"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
