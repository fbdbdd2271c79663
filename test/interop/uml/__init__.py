"""A user-mode Linux guest on a network of its own.

The calling process moves into a fresh network namespace that ends with it, so
nothing is left behind: the tap device in it is the wire to the guest, which
has 10.77.0.2 and fd77::2; this side has 10.77.0.1 and fd77::1. Root only.
"""

import ctypes
import os
import shutil
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CLONE_NEWNET = 0x40000000
MODULES = ('xfrm_user', 'esp4', 'esp6', 'cbc', 'hmac', 'des_generic',
           'authenc', 'gcm', 'ghash_generic', 'ctr', 'seqiv', 'echainiv')


def missing():
    """Why no guest can run here; None if it can."""
    if not shutil.which('linux.uml'):
        return 'no linux.uml (package user-mode-linux)'
    if not (shutil.which('modprobe') or os.path.exists('/sbin/modprobe')):
        return 'no modprobe (package kmod)'
    if os.geteuid() != 0:
        return 'needs root for a tap device'
    if not os.access('/dev/net/tun', os.R_OK | os.W_OK):
        return 'no /dev/net/tun'
    return None


def network():
    """Move into a network namespace of our own with the tap device."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), 'unshare')
    for line in ('link set lo up', 'tuntap add ut0 mode tap',
                 'addr add 10.77.0.1/24 dev ut0',
                 '-6 addr add fd77::1/64 dev ut0 nodad', 'link set ut0 up'):
        subprocess.run(['ip', *line.split()], check=True)


class Guest:
    """A running guest; `with Guest(command) as guest:`"""

    def __init__(self, command, env=(), memory='256M', modules=MODULES):
        self.folder = tempfile.mkdtemp(prefix='uml')
        self.log = os.path.join(self.folder, 'log')
        shim = os.path.join(self.folder, 'shim.so')
        subprocess.run(['gcc', '-O2', '-shared', '-fPIC', '-o', shim,
                        os.path.join(HERE, 'shim.c')], check=True)
        with open(self.log, 'wb') as log:
            # a session of its own: a guest is more than one process
            self.proc = subprocess.Popen(
                ['linux.uml', 'root=/dev/root', 'rootfstype=hostfs',
                 'rootflags=/', 'ro', 'init=' + os.path.join(HERE, 'init.sh'),
                 'mem=' + memory, 'con=null', 'con0=null,fd:1', 'quiet',
                 'vec0:transport=tap,ifname=ut0,depth=64,'
                 'mac=02:00:00:00:77:02', 'uml_dir=' + self.folder + '/',
                 'ADDR4=10.77.0.2/24', 'ADDR6=fd77::2/64',
                 'MODS=' + ','.join(modules), 'RUN=' + ','.join(command),
                 *('%s=%s' % pair for pair in env)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, env={**os.environ,
                                             'LD_PRELOAD': shim})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def text(self):
        """What the guest has printed."""
        with open(self.log, encoding='utf-8', errors='replace') as f:
            return f.read()

    def wait(self, word, seconds=60):
        """Wait until the guest prints a word."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if word in self.text():
                return True
            if self.proc.poll() is not None:
                return word in self.text()
            time.sleep(0.1)
        return False

    def close(self):
        """End the guest, whatever it does."""
        if self.proc.poll() is None:
            try:
                self.proc.wait(3)
            except subprocess.TimeoutExpired:
                os.killpg(self.proc.pid, 9)
                self.proc.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)
