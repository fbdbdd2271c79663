#!/bin/sh
# Make sure that Debian packages are there.
#   setup.sh PACKAGE...
# Installs what is missing when run as root or where sudo needs no password;
# else prints the one command that is missing and exits 2.
set -u

missing=
for p in "$@"; do
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
	echo "  apt-get install$missing" >&2
	exit 2
fi

install()
{
	# shellcheck disable=SC2086
	$as env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
		--no-install-recommends $missing >"$log" 2>&1
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "  APT     $missing" >&2
install && exit 0
$as apt-get update -qq >"$log" 2>&1
install && exit 0

cat "$log" >&2
echo "setup: cannot install:$missing" >&2
exit 2
