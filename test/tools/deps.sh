#!/bin/sh
# Fetch, check and unpack the pinned third-party sources.
#   deps.sh DIR NAME...     NAME: libre mbedtls zlib lwip freertos
# The tarballs come by path from the Debian mirror that apt is set up with
# and are kept in DIR/tarballs (DEPS_CACHE names another folder); a tarball
# put there by hand does as well.
set -eu

table='
libre    LIBRE    pool/main/libr/libre/libre_1.1.0.orig.tar.gz 82afc903a6b1e436b357f05eb11560ec681712291dd9c83c408465c895f28b5d
mbedtls  MBEDTLS  pool/main/m/mbedtls/mbedtls_2.28.3.orig.tar.gz 3b4953aa55a681e084d31892d9904cc5328d6b4958ea57b90ae4b4f94ae69a8d
zlib     ZLIB     pool/main/z/zlib/zlib_1.2.13.dfsg.orig.tar.bz2 71feb7947e3c00ef125f83b79a4e529bde31171e5babe48b391f06758d1ab0a1
lwip     LWIP     pool/main/l/lwip/lwip_2.1.3+dfsg1.orig.tar.xz 0a8276d09fc4e97bbba2f953d74af2388fc2195ea156be9d7589e297a68fde24
freertos FREERTOS pool/main/m/micropython/micropython_1.25.0+ds.orig.tar.xz 7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea
'

die()
{
	echo "deps: $*" >&2
	exit 1
}

# The mirrors that apt is set up with. Before the first `apt-get update` it
# lists no index, but can say where it would fetch them from.
mirrors()
{
	{
		apt-get indextargets --format '$(REPO_URI)'
		apt-get --print-uris update | sed -n "s|^'\(.*/\)dists/.*|\1|p"
	} 2>/dev/null | sort -u
}

# apt's own downloader: it knows the proxy settings. A mirror that has to get
# the file itself first may be slower than apt waits; it is asked again
fetch_apt()
{
	echo "  FETCH   $file"
	for pause in 0 1 2 4; do
		sleep $((pause * ${DEPS_PAUSE:-10}))
		bases=$(mirrors)
		[ -n "$bases" ] || return 1
		for base in $bases; do
			if /usr/lib/apt/apt-helper download-file \
			   "${base%/}/$path" "$1" >/dev/null 2>&1 &&
			   [ -s "$1" ]; then
				return 0
			fi
			rm -f "$1"
		done
	done
	return 1
}

check()
{
	got=$(sha256sum "$1" | cut -d' ' -f1)
	[ "$got" = "$sum" ]
}

get()
{
	line=$(echo "$table" | grep "^$1 ") || die "unknown source '$1'"
	# shellcheck disable=SC2086
	set -- $line
	name=$1 var=$2 path=$3 sum=$4
	file=${path##*/}
	tarball=$cache/$file
	mkdir -p "$cache"

	if [ ! -e "$tarball" ]; then
		tmp=$tarball.new.$$
		fetch_apt "$tmp" || die "cannot fetch $file ($path) from the" \
			"package mirror of apt. Put the file into $cache, or" \
			"set $var= to an unpacked source tree."
		mv "$tmp" "$tarball"
	fi
	check "$tarball" || die "$file has sha256 $got, expected $sum." \
		"Remove $tarball and try again, or set $var= to an" \
		"unpacked source tree."

	new=$dir/.$name.$$
	rm -rf "$new"
	mkdir -p "$new"
	tar -xf "$tarball" -C "$new" --strip-components=1 --no-same-owner ||
		{ rm -rf "$new"; die "cannot unpack $tarball ($var)"; }
	# prerequisites of the build: older than anything made from them
	find "$new" -type f -exec touch -d 2020-01-01 {} +
	rm -rf "${dir:?}/$name"
	mv "$new" "$dir/$name" 2>/dev/null || rm -rf "$new"
	[ -d "$dir/$name" ] || die "cannot create $dir/$name"
}

[ $# -ge 2 ] || die "usage: deps.sh DIR NAME..."
dir=$1
shift
cache=${DEPS_CACHE:-$dir/tarballs}
for n in "$@"; do
	get "$n"
done
