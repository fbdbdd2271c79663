# Sourced by tests that are lists of commands, which may add to `skipped`

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# NAME COMMAND...
try()
{
	name=$1
	shift
	if "$@" >"$log" 2>&1; then
		echo "ok $name"
		passed=$((passed + 1))
	else
		echo "FAIL $name: $(grep -aE 'FAIL|rror' "$log" | head -3)"
		failed=$((failed + 1))
	fi
}

# The last line, and the exit status
tried()
{
	echo "$passed passed, $failed failed$([ $skipped = 0 ] ||
		echo ", $skipped skipped")"
	[ $failed = 0 ]
}
