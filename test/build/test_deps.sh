#!/bin/sh
# class: check
# Third-party sources: every failure names the file and the variable.
set -u
cd "$(dirname "$0")/../.."

passed=0 failed=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

ok()
{
	echo "ok $1"
	passed=$((passed + 1))
}

bad()
{
	echo "FAIL $1: $2"
	failed=$((failed + 1))
}

# NAME PATTERN...: the last output must hold every pattern
expect()
{
	name=$1
	shift
	for p in "$@"; do
		case $out in
		*"$p"*) ;;
		*) bad "$name" "does not say $p: $out"; return ;;
		esac
	done
	[ "$status" != 0 ] && ok "$name" || bad "$name" "exit status 0"
}

# offline: a package manager that knows no mirror
mkdir "$dir/bin"
printf '#!/bin/sh\nexit 1\n' >"$dir/bin/apt-get"
chmod +x "$dir/bin/apt-get"

out=$(PATH=$dir/bin:$PATH DEPS_CACHE=$dir/none \
	sh test/tools/deps.sh "$dir/deps" libre 2>&1)
status=$?
expect "deps offline: file and variable are named" \
	libre_1.1.0.orig.tar.gz LIBRE= "$dir/none"

# a mirror that has the file when it is asked again
mkdir -p "$dir/later" "$dir/mirror/pool/main/m/mbedtls"
cat >"$dir/later/apt-get" <<END
#!/bin/sh
[ "\$1" = indextargets ] || exit 0
[ -e "$dir/asked" ] && echo late \
	>"$dir/mirror/pool/main/m/mbedtls/mbedtls_2.28.3.orig.tar.gz"
: >"$dir/asked"
echo "copy:$dir/mirror/"
END
chmod +x "$dir/later/apt-get"
out=$(PATH=$dir/later:$PATH DEPS_CACHE=$dir/late DEPS_PAUSE=0 \
	sh test/tools/deps.sh "$dir/deps" mbedtls 2>&1)
status=$?
expect "deps of a mirror that fails once: it is asked again" \
	mbedtls_2.28.3.orig.tar.gz "has sha256"

mkdir "$dir/cache"
echo wrong >"$dir/cache/mbedtls_2.28.3.orig.tar.gz"
out=$(DEPS_CACHE=$dir/cache sh test/tools/deps.sh "$dir/deps" mbedtls 2>&1)
status=$?
expect "deps with a wrong checksum: file and variable are named" \
	mbedtls_2.28.3.orig.tar.gz MBEDTLS= sha256
[ ! -e "$dir/deps/mbedtls" ] && ok "deps: nothing unpacked then" ||
	bad "deps: nothing unpacked then" "there is $dir/deps/mbedtls"

out=$(make BUILD="$dir/build" LIBRE="$dir/none" deps 2>&1)
status=$?
expect "deps with a wrong tree: file and variable are named" \
	"$dir/none/include/re.h" LIBRE=

# NAME TREE FLAG...: where the kernel of a tree is
kernel()
{
	name=$1 at=$2
	shift 2
	mkdir -p "$at" && : >"$at/tasks.c"
	out=$(make -n V=1 BUILD="$dir/build" TARGET=mps2-an385 "$@" \
		KERNEL_PORT=portable/GCC/ARM_CM4F \
		"$dir/build/mps2-an385/libkernel.a" 2>&1)
	for p in " $at/tasks.c" "-isystem $at/include " \
			"-isystem $at/portable/GCC/ARM_CM4F " \
			" $at/portable/GCC/ARM_CM4F/port.c"; do
		case $out in
		*"$p"*) ;;
		*) bad "$name" "does not say $p"; return ;;
		esac
	done
	case $out in
	*ARM_CM3*) bad "$name" "says ARM_CM3" ;;
	*) ok "$name" ;;
	esac
}

kernel "FREERTOS= takes a clone of FreeRTOS-Kernel" "$dir/clone" \
	FREERTOS="$dir/clone"
kernel "FREERTOS= takes the FreeRTOS folder of a release" \
	"$dir/release/FreeRTOS/Source" FREERTOS="$dir/release/FreeRTOS"
kernel "FREERTOS= takes a release" \
	"$dir/release/FreeRTOS/Source" FREERTOS="$dir/release"
kernel "KERNEL= takes the kernel's folder" "$dir/other" KERNEL="$dir/other"

out=$(make BUILD="$dir/build" TARGET=mps2-an385 KERNEL="$dir/none" \
	"$dir/none/tasks.c" 2>&1)
status=$?
expect "deps with a wrong kernel: file and variable are named" \
	"$dir/none/tasks.c" FREERTOS= KERNEL=

out=$(make -n TARGET=toaster 2>&1)
status=$?
expect "make with an unknown target says so" toaster board.mk

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
