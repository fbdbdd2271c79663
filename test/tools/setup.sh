#!/bin/sh
# Make sure that Debian packages are there.
#   setup.sh [-t GOAL] PACKAGE...
# -t adds what the tests of that goal need: the `# needs:` lines of the files
# test/*/test_*.{py,sh} whose class belongs to it.
# Installs what is missing when run as root or where sudo needs no password;
# else prints the one command that is missing and exits 2.
set -u
cd "$(dirname "$0")/../.." || exit 2

# needs GOAL: packages of the tests that run_tests.py would run
needs()
{
	for f in test/*/test_*.py test/*/test_*.sh; do
		[ -e "$f" ] || continue
		class=$(sed -n '1,8s/^# class: *//p' "$f")
		case $1:${class:-test}:$f in
		check:check:*|test:check:*|test:test:*|soak:soak:*) ;;
		interop:check:test/interop/*|interop:test:test/interop/*) ;;
		*) continue ;;
		esac
		sed -n '1,8s/^# needs: *//p' "$f"
	done
}

if [ "${1:-}" = -t ]; then
	goal=$2
	shift 2
	# shellcheck disable=SC2046
	set -- "$@" $(needs "$goal")
fi

if ! command -v dpkg-query >/dev/null; then
	echo "setup: not a Debian system; these must be there: $*" >&2
	exit 0
fi

missing=
for p in "$@"; do
	case " $missing " in *" $p "*) continue ;; esac
	case $(dpkg-query -W -f '${Status}' "$p" 2>/dev/null) in
	'install ok installed') ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
	as=
elif sudo -n true 2>/dev/null; then
	as='sudo -n'
else
	echo "Packages are missing. As root:" >&2
	echo "  apt-get install --no-install-recommends$missing" >&2
	exit 2
fi

install()
{
	# shellcheck disable=SC2086
	$as env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
		-o DPkg::Lock::Timeout=300 \
		--no-install-recommends $missing >"$log" 2>&1
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "  APT    $missing" >&2
install && exit 0
$as apt-get update -qq -o DPkg::Lock::Timeout=300 >"$log" 2>&1
install && exit 0

cat "$log" >&2
echo "setup: cannot install:$missing" >&2
exit 2
