"""The firmware in QEMU beside the network: its console is what the events
come from, its Ethernet a tap of this namespace."""
import os
import subprocess

from . import netns, uims

TARGET = os.environ.get('TARGET', 'mps2-an385')
IMAGE = os.path.join(uims.ROOT, os.environ.get('BUILD', 'build'),
                     TARGET, 'firmware')
QEMU = os.path.join(uims.ROOT, 'test/tools/qemu_mps2.sh')


def build():
    """`make test` has built it; a run of one file alone has not."""
    subprocess.run(['make', '-s', 'TARGET=' + TARGET,
                    os.path.relpath(IMAGE, uims.ROOT)], cwd=uims.ROOT,
                   check=True)


class Cable(netns.Wire):
    """The board's virtual Ethernet cable: a tap at our end."""

    def __enter__(self):
        netns.ip('tuntap', 'add', self.device, 'mode', 'tap')
        netns.no_filter()
        for host in self.hosts:
            self.address(host, self.device)
        netns.ip('link', 'set', self.device, 'up')
        return self

    def __exit__(self, *exc):
        netns.ip('link', 'del', self.device)


class Switch(netns.Wire):
    """A switch with three ports: ours, the board's tap (port), and the
    Ethernet of a second UE in a namespace of its own (other, ns)."""

    port = 'tap0'

    @property
    def other(self):
        return self.ue[:-1] + '2'

    def __enter__(self):
        self.ns = netns.Namespace()
        netns.no_filter()
        netns.ip('link', 'add', self.device, 'type', 'bridge')
        netns.ip('tuntap', 'add', self.port, 'mode', 'tap')
        netns.ip('link', 'add', 'lan2', 'type', 'veth', 'peer', 'name', 'ue0')
        netns.ip('link', 'set', 'ue0', 'netns', '/proc/self/fd/%d' %
                 self.ns.fd, fds=[self.ns.fd])
        for name in (self.port, 'lan2'):
            netns.ip('link', 'set', name, 'master', self.device, 'up')
        for host in self.hosts:
            self.address(host, self.device)
        netns.ip('link', 'set', self.device, 'up')
        with self.ns.inside():
            netns.no_filter()
            self.address(self.other, 'ue0')
            netns.ip('link', 'set', 'ue0', 'up')
        return self

    def __exit__(self, *exc):
        for name in (self.device, self.port, 'lan2'):
            netns.ip('link', 'del', name)
        self.ns.close()


def words(device, arguments):
    """The command that starts the image."""
    return ['sh', QEMU, IMAGE, '-netdev',
            'tap,id=n0,ifname=%s,script=no,downscript=no' % device,
            '-net', 'nic,model=lan9118,netdev=n0', '--', *arguments]


def settings_for(*args, **kw):
    """As uims.settings_for(), in the keys that the board has."""
    found = uims.settings_for(*args, **kw)
    found['ip'] = found.pop('local')
    for name in ('usim', 'esp'):
        found.pop(name, None)
    return found


class Board(uims.Uims):
    """async with Board(settings, device) as ue: as uims.Uims.  typed: the
    settings are typed on the console."""

    def __init__(self, settings, device='net0', commands=None, typed=False,
                 **kw):
        super().__init__(settings, commands, **kw)
        self.device, self.typed = device, typed

    def pairs(self):
        return [(k, one) for k, v in self.settings.items()
                for one in (v if isinstance(v, list) else [v])]

    def words(self):
        found = [] if self.typed else ['%s=%s' % kv for kv in self.pairs()]
        if self.commands is not None:
            found.append('run=' + self.commands)
        return words(self.device, found)

    async def start(self):
        await super().start()
        if self.typed:
            for kv in self.pairs():
                await self.command('set %s %s' % kv)
            await self.command('start')
        return self
