#!/usr/bin/python3
# class: test
# needs: gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm iproute2
# needs: kamailio kamailio-ims-modules kamailio-presence-modules
# needs: user-mode-linux kmod util-linux gcc libc6-dev
"""The firmware in QEMU against Kamailio's P-CSCF with ims_ipsec_pcscf in a
user-mode Linux guest, whose kernel does the ESP: the two guests' virtual
Ethernets are joined by a switch."""
import contextlib
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.dirname(HERE), os.path.join(HERE, '../interop'),
                os.path.join(HERE, '../tools')]

import esp_port                                             # noqa: E402
from interop import kamailio, test_kamailio_ipsec as peer, uml  # noqa: E402
from interop.uml import guest_ims                           # noqa: E402
from lab import board, netns                                # noqa: E402
from lab.testing import Failure, Tests, check, equal        # noqa: E402

tests = Tests(60)
TAP = 'tap0'
# what the kernel counts when a packet is not what its association wants
WRONG = ('XfrmInError', 'XfrmInHdrError', 'XfrmInStateProtoError',
         'XfrmInStateSeqError', 'XfrmInStateMismatch', 'XfrmInTmplMismatch')


def switch():
    """Both taps and our own address on one Ethernet."""
    netns.ip('link', 'add', 'br0', 'type', 'bridge')
    netns.ip('tuntap', 'add', TAP, 'mode', 'tap')
    netns.ip('addr', 'flush', 'dev', 'ut0')
    for name in (TAP, 'ut0'):
        netns.ip('link', 'set', name, 'master', 'br0', 'up')
    netns.ip('addr', 'add', '10.77.0.1/24', 'dev', 'br0')
    netns.ip('link', 'set', 'br0', 'up')


def wrong():
    """Those of the guest that are not zero."""
    text = peer.guest.ask('run cat /proc/net/xfrm_stat')
    found = dict(re.findall(r'(\w+)\s+(\d+)', text))
    check('XfrmInError' in found, 'no counters: %s', text)
    return {n: int(found[n]) for n in WRONG if found.get(n, '0') != '0'}


class Life(peer.Life):
    """The board, registered or to be registered."""

    async def registered(self):
        await self.run('register', 'registered', 'registration-failed')
        await self.event('reg-event')

    async def run(self, line, good, *bad):
        await self.ue.command(line)
        event = await self.event(good, *bad)
        if event['event'] != good:
            raise Failure('%s: %s\n%s' % (line, event,
                                          peer.guest.ask('logs')))
        return event

    def esp(self):
        """(ESP packets up, down, protocols in the clear) since the last
        call."""
        seen = [(sent, esp_port.proto(p)) for sent, p in
                self.wire.packets()]
        return (seen.count((False, 50)), seen.count((True, 50)),
                {p for _, p in seen} - set(peer.REAL))

    async def end(self):
        event = await self.run('deregister', 'deregistered')
        equal(event.get('reason'), 'user', 'reason')
        await self.ue.command('quit')
        equal(await self.ue.wait(10), 0, 'exit status')


@contextlib.asynccontextmanager
async def life(number, address, network, pair, **more):
    sub, found = peer.settings(number, address, network, pair)
    found.update(more, ip=address)
    for name in ('usim', 'esp'):
        del found[name]
    async with board.Board(found, TAP) as ue:
        wire = esp_port.Sniffer(None, TAP, address)
        try:
            yield Life(ue, sub, wire)
        finally:
            wire.close()


async def whole(number, address, network, pair):
    """From the first REGISTER to the last."""
    before = wrong()
    async with life(number, address, network, pair) as s:
        await s.registered()
        first = peer.ports_of(s.ue.named('security')[-1])
        # the first REGISTER and its 401 are in the clear, nothing else
        s.esp()
        state = peer.guest.ask('state')
        for spi in ('spi-uc', 'spi-us', 'spi-pc', 'spi-ps'):
            check('0x%08x' % first[spi] in state, 'no %s in %s', spi, state)

        await s.run('reregister', 'reregistered', 'deregistered')
        second = peer.ports_of(s.ue.named('security')[-1])
        check(second['uc'] != first['uc'] and second['pc'] != first['pc'],
              'ports %s, %s', first, second)
        equal((second['us'], second['ps']), (first['us'], first['ps']),
              'ports that stay')
        # over the new set
        await s.run('reregister', 'reregistered', 'deregistered')
        await s.end()
        up, down, clear = s.esp()
        check(up >= 6 and down >= 6, '%d packets of ESP up, %d down', up,
              down)
        equal(clear, set(), 'protocols in the clear')
    equal(wrong(), before, 'what the kernel of the P-CSCF has dropped')


for _n, _addr, _net, _pair in (
        (1, '10.77.0.21', 'udp', peer.SHA_AES),
        (2, 'fd77::22', 'udp', peer.SHA_AES),
        (3, '10.77.0.23', 'tcp', peer.SHA_AES),
        (4, 'fd77::24', 'tcp', peer.SHA_AES),
        (5, '10.77.0.25', 'udp', ('hmac-md5-96', 'null'))):
    tests.add('firmware with Kamailio and the kernel\'s ESP: register, reg '
              'event, re-register twice, de-register, %s, %s, %s/%s' % (
                  _net, _addr, *_pair), _n, _addr, _net, _pair)(whole)


@tests.add('firmware with Kamailio and the kernel\'s ESP: a conference behind '
           'the S-CSCF, create, invite, remove, leave')
async def conference():
    async with life(7, '10.77.0.27', 'udp', peer.SHA_AES, audio='40000',
                    messages='off') as s:
        await s.registered()
        s.esp()
        robot = 'sip:robot1@' + s.sub.home
        await s.run('create', 'conference-joined', 'conference-failed')
        while (await s.event('roster'))['users'] != \
                s.sub.impus[0] + ' connected':
            pass
        await s.run('invite ' + robot, 'invited', 'invite-failed')
        await s.run('remove ' + robot, 'removed', 'remove-failed')
        await s.run('leave', 'conference-ended')
        await s.end()
        equal(s.esp()[2], set(), 'protocols in the clear')
        equal(peer.guest.ask('complaints').strip(), '', 'complaints')


def main():
    """Boot, test, end."""
    why = uml.missing() or ', '.join(kamailio.missing())
    if why:
        print('skip firmware with Kamailio: ' + why)
        print('0 passed, 0 failed, 1 skipped')
        return 0
    uml.network()
    switch()
    with uml.Guest(['/usr/bin/python3', guest_ims.__file__], memory='1G',
                   modules=uml.MODULES) as machine:
        if not machine.wait('READY'):
            print('FAIL firmware with Kamailio: the guest does not get ready')
            print(machine.text()[-3000:])
            print('0 passed, 1 failed')
            return 1
        peer.guest = peer.Guest()
        status = tests.main()
        peer.guest.end()
    return status


if __name__ == '__main__':
    board.build()
    sys.exit(main())
