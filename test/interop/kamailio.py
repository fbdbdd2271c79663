"""Kamailio 5.6 as an IMS core: P-CSCF 127.0.0.1:5060 (and [::1]:5060, or other
addresses), I-CSCF 127.0.0.2, S-CSCF 127.0.0.3, the HSS 127.0.0.9 in this process.

    async with Core() as core: ... core.terminate(...)

enter_namespace() first puts the calling process into a network namespace of
its own, so that the fixed ports never meet anyone else's.
"""
import asyncio
import ctypes
import fcntl
import glob
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile

from lab import hss, sip, transaction

from .diameter import CER, CxServer

HERE = os.path.dirname(os.path.abspath(__file__))
KAMAILIO = '/usr/sbin/kamailio'
SCSCF = 'sip:127.0.0.3:6060'
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def missing():
    """The Debian packages that are not there."""
    want = [(KAMAILIO, 'kamailio')]
    found = [package for path, package in want if not os.path.exists(path)]
    for module, package in (
            ('ims_registrar_scscf', 'kamailio-ims-modules'),
            ('presence', 'kamailio-presence-modules')):
        if not _module(module):
            found.append(package)
    return found


def _module(name):
    top = '/usr/lib'
    return any(os.path.exists('%s/%s/kamailio/modules/%s.so' % (
        top, arch, name)) for arch in os.listdir(top))


def enter_namespace():
    """True when this process now has a loopback device of its own; without
    the right to do so it stays where it is."""
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        if libc.unshare(CLONE_NEWNET):
            return False
    else:
        if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET):
            return False
        for name, text in (('setgroups', 'deny'),
                           ('uid_map', '0 %d 1' % uid),
                           ('gid_map', '0 %d 1' % gid)):
            with open('/proc/self/' + name, 'w') as file:
                file.write(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack('16sH14x', b'lo', IFF_UP))
    return True


def _has_ipv6(address):
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.bind((address, 0))
        return True
    except OSError:
        return False


class Core:
    """define: further -A definitions for the P-CSCF's configuration; address,
    address6: where the P-CSCF listens."""

    def __init__(self, define=(), address='127.0.0.1', address6='::1'):
        self.hss = hss.Hss()
        self.cx = CxServer(self.hss, SCSCF)
        self.define, self.ipv6 = list(define), _has_ipv6(address6)
        self.address, self.address6 = address, address6
        self.processes, self.folder = [], None
        self.port = 5060

    async def __aenter__(self):
        try:
            return await self.start()
        except BaseException:
            await self.stop()
            raise

    async def __aexit__(self, *exc):
        await self.stop()

    async def start(self):
        """Ready when both CSCFs have met the HSS and the P-CSCF answers."""
        self.folder = tempfile.mkdtemp(prefix='uims-kamailio-')
        self._configure()
        await self.cx.start()
        if self.ipv6:
            self.define.append('V6=1')
        for name in ('icscf', 'scscf', 'pcscf'):
            self._run(name)
        for _ in range(1200):
            if self.cx.count[CER] >= 2 and await self._answers():
                return self
            self._check_alive()
            await asyncio.sleep(0.05)
        raise RuntimeError('Kamailio is not ready:\n' + self.logs())

    def _configure(self):
        for name in os.listdir(os.path.join(HERE, 'core')):
            path = os.path.join(HERE, 'core', name)
            if os.path.isdir(path):
                shutil.copytree(path, os.path.join(self.folder, name))
                continue
            with open(path) as file:
                text = file.read()
            for word, value in (('@DIR@', self.folder),
                                ('@PCSCF@', self.address),
                                ('@PCSCF6@', self.address6)):
                text = text.replace(word, value)
            with open(os.path.join(self.folder, name), 'w') as file:
                file.write(text)

    def _run(self, name):
        run = os.path.join(self.folder, 'run-' + name)
        os.mkdir(run)
        args = [KAMAILIO, '-f', os.path.join(self.folder, name + '.cfg'),
                '-P', os.path.join(run, 'pid'), '-Y', run, '-m', '64',
                '-M', '8', '-DD', '-E']
        if name == 'pcscf':
            for text in self.define:
                args += ['-A', text]
        with open(os.path.join(self.folder, name + '.log'), 'wb') as log:
            self.processes.append(subprocess.Popen(
                args, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, start_new_session=True))

    def _check_alive(self):
        for proc in self.processes:
            if proc.poll() is not None:
                raise RuntimeError('Kamailio ended:\n' + self.logs())

    async def _answers(self):
        """An OPTIONS to the P-CSCF gets 200."""
        loop = asyncio.get_running_loop()
        req = sip.Message('OPTIONS', 'sip:%s:5060' % self.address)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.bind((self.address, 0))
            me = '%s:%d' % sock.getsockname()
            for name, value in (
                    ('Via', 'SIP/2.0/UDP %s;branch=%s' % (
                        me, transaction.branch())),
                    ('Max-Forwards', 10), ('From', '<sip:probe@lab>;tag=p'),
                    ('To', '<sip:%s:5060>' % self.address),
                    ('Call-ID', transaction.branch()),
                    ('CSeq', '1 OPTIONS')):
                req.add(name, value)
            try:
                await loop.sock_sendto(sock, req.to_bytes(),
                                       (self.address, self.port))
                data = await asyncio.wait_for(loop.sock_recv(sock, 4096),
                                              0.2)
            except (asyncio.TimeoutError, OSError):
                return False
        return data.startswith(b'SIP/2.0 200')

    def terminate(self, impi):
        """Network-initiated de-registration of all identities."""
        sub = self.hss.find(impi)
        self.cx.terminate(sub, sub.impus[0])

    def logs(self, lines=15):
        """The end of each log, without what is said at any time, for a
        failure's report."""
        text = []
        for name in sorted(os.listdir(self.folder)):
            if name.endswith('.log'):
                with open(os.path.join(self.folder, name),
                          errors='replace') as file:
                    text += ['== ' + name] + [
                        line for line in file.read().splitlines()
                        if ' INFO: ' not in line][-lines:]
        return '\n'.join(text)

    def kill_pcscf(self):
        """The P-CSCF alone goes away."""
        self._end(self.processes.pop())

    def _end(self, proc):
        """Kamailio's main process takes its children with it."""
        proc.terminate()
        try:
            proc.wait(5)
        except subprocess.TimeoutExpired:
            try:
                os.killpg(proc.pid, signal.SIGKILL)  # its own session
            except ProcessLookupError:
                pass
            proc.wait()

    def _fifos(self):
        """cdp leaves /tmp/cdp_send_<pid>_...; those of our sessions."""
        ours, found = {p.pid for p in self.processes}, []
        for path in glob.glob('/tmp/cdp_send_*'):
            pid = path.split('_')[2]
            try:
                if os.getsid(int(pid)) in ours:
                    found.append(path)
            except (ProcessLookupError, ValueError):
                pass
        return found

    async def stop(self):
        fifos = self._fifos()
        for proc in self.processes:
            proc.terminate()
        for proc in self.processes:
            await asyncio.get_running_loop().run_in_executor(
                None, self._end, proc)
        self.processes.clear()
        for path in fifos:
            os.unlink(path)
        if getattr(self.cx, 'server', None):
            self.cx.stop()
        if self.folder:
            shutil.rmtree(self.folder)
            self.folder = None
