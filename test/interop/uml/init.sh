#!/bin/sh
# First process of the user-mode Linux guest. Its root file system is the
# host's, read-only; the kernel command line brings into the environment:
#   RUN=command line to run   ADDR4=10.77.0.2/24 ADDR6=fd77::2/64
#   MODS=modules,separated,by,commas
export PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run
# a /tmp to write to, and the tree in it if it is there
tree=${0%/test/interop/uml/*}
mkdir /run/tree
mount --bind "$tree" /run/tree
mount -t tmpfs tmpfs /tmp
mkdir -p "$tree"
mount --bind /run/tree "$tree"

# the modules of this kernel are not where modprobe looks for them
mkdir -p /run/root/lib
ln -s /usr/lib/uml/modules /run/root/lib/modules
printf '#!/bin/sh\nexec /sbin/modprobe -d /run/root "$@"\n' >/run/modprobe
chmod +x /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe
for m in $(echo "$MODS" | tr , ' '); do
	/run/modprobe "$m" || echo "no module $m"
done

ip link set lo up
ip addr add "$ADDR4" dev vec0
ip -6 addr add "$ADDR6" dev vec0 nodad
ip link set vec0 up

# shellcheck disable=SC2086
PYTHONDONTWRITEBYTECODE=1 $(echo "$RUN" | tr , ' ')

exec /usr/bin/python3 -c 'import ctypes, time
libc = ctypes.CDLL(None)
libc.sync()
libc.reboot(0x4321fedc)
time.sleep(9)'
