#!/bin/sh
# Fetch CBMC for the proofs: get_cbmc.sh DIR
#
# Debian 12 has no CBMC. Debian 13's package needs a newer C library, so the
# packages are unpacked next to the C library they were built for and started
# through its loader; nothing is installed. They come from the mirror that apt
# is set up with, through an apt state of our own, so signatures are checked.
# Result: DIR/bin/ with cbmc, goto-cc and goto-instrument. Installed ones are
# taken as they are.
set -eu

[ $# -eq 1 ] || { echo "usage: get_cbmc.sh DIR" >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)

die()
{
	echo "get_cbmc: $*" >&2
	exit 1
}

# the last one that is made
[ -x "$dir/bin/cbmc" ] && [ -x "$dir/bin/goto-cc" ] && exit 0
if command -v cbmc >/dev/null 2>&1; then
	mkdir -p "$dir/bin"
	for tool in cbmc goto-instrument goto-cc; do
		ln -sf "$(command -v $tool)" "$dir/bin/$tool"
	done
	exit 0
fi
command -v apt-get >/dev/null 2>&1 || die "no cbmc here, and no apt-get"
[ "$(dpkg --print-architecture)" = amd64 ] || die "no cbmc here; the" \
	"packages are fetched for amd64 only"

# the mirror of the Debian that is running
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
base=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' |
	sed -n "s/^\([^ ]*\) $release main\$/\1/p" | head -n 1)
[ -n "$base" ] || die "no cbmc here, and apt knows no mirror of $release"

key=/usr/share/keyrings/debian-archive-keyring.gpg
mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial" \
	"$dir/deb"
: > "$dir/apt/status"
echo "deb [signed-by=$key] $base trixie main" > "$dir/apt/sources.list"

apt()
{
	apt-get -q -q -o Dir::Etc::SourceList="$dir/apt/sources.list" \
		-o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$dir/apt/lists" \
		-o Dir::State::Status="$dir/apt/status" \
		-o Dir::Cache="$dir/apt/cache" \
		-o APT::Sandbox::User=root -o Debug::NoLocking=1 \
		-o Acquire::Languages=none -o APT::Update::Post-Invoke= \
		-o APT::Update::Post-Invoke-Success= "$@"
}

apt update >"$dir/apt/log" 2>&1 || die "cannot read the package lists:" \
	"$(tail -n 1 "$dir/apt/log")"
(cd "$dir/deb" && rm -f ./*.deb &&
	apt download cbmc libc6 libstdc++6 libgcc-s1 minisat) \
	>"$dir/apt/log" 2>&1 || die "cannot fetch: $(tail -n 1 "$dir/apt/log")"

rm -rf "$dir/cbmc" "$dir/system" "$dir/bin"
mkdir -p "$dir/bin"
for deb in "$dir"/deb/*.deb; do
	case ${deb##*/} in
	cbmc_*) dpkg -x "$deb" "$dir/cbmc" ;;
	*)      dpkg -x "$deb" "$dir/system" ;;
	esac
done

lib=$dir/system/usr/lib/x86_64-linux-gnu
loader=$lib/ld-linux-x86-64.so.2
[ -x "$loader" ] || loader=$dir/system/usr/lib64/ld-linux-x86-64.so.2
for tool in cbmc goto-instrument goto-cc; do
	cat > "$dir/bin/new" <<END
#!/bin/sh
exec "$loader" --argv0 $tool --library-path "$lib:$dir/system/usr/lib" \
	"$dir/cbmc/usr/bin/$tool" "\$@"
END
	chmod +x "$dir/bin/new"
	"$dir/bin/new" --version >/dev/null 2>&1 ||
		die "the fetched $tool does not start"
	mv "$dir/bin/new" "$dir/bin/$tool"
done
