#!/usr/bin/python3
# class: test
# needs: kamailio kamailio-ims-modules kamailio-presence-modules
# needs: user-mode-linux kmod iproute2 util-linux gcc libc6-dev tshark
"""uims against Kamailio's P-CSCF with ims_ipsec_pcscf, whose associations are
those of a Linux kernel: in a user-mode Linux guest, booted once for all. What
went over the wire is read by tshark with the keys that uims exports.

On our side ESP is done by uims itself behind a TUN device. One more
registration runs inside the guest with the kernel's ESP on both sides.
"""
import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.dirname(HERE), HERE, os.path.join(HERE, '..',
                                                          'tools')]

import esp_port                                             # noqa: E402
import uml                                                  # noqa: E402
from interop import kamailio                                # noqa: E402
from interop.uml import guest_ims                           # noqa: E402
from lab import esp_device, hss, uims                        # noqa: E402
from lab.testing import Failure, Tests, check, equal        # noqa: E402

tests = Tests(60)
subscribers = hss.Hss()
REAL = 50, 58       # ESP; neighbour discovery


class Guest:
    """Commands to guest_ims.py."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.number = 0

    def ask(self, line, seconds=2, tries=5):
        """The answer to a command; datagrams may be lost."""
        self.number += 1
        text = b'%d %s' % (self.number, line.encode())
        self.sock.settimeout(seconds)
        for _ in range(tries):
            self.sock.sendto(text, (guest_ims.ADDRESS, guest_ims.CONTROL))
            try:
                return self.sock.recv(65535).decode()
            except socket.timeout:
                pass
        raise Failure('the guest does not answer to ' + line)

    def end(self):
        """Let it end."""
        self.sock.sendto(b'end', (guest_ims.ADDRESS, guest_ims.CONTROL))
        self.sock.close()


guest = None


def settings(number, address, network, pair):
    """Of one subscriber; each has an address of its own: Kamailio gives a
    second one from the same address the parameters of the first."""
    sub = subscribers.find('00101000000000%d' % number)
    found = uims.settings_for(
        sub, '[%s]:5060' % guest_ims.ADDRESS6 if ':' in address
        else guest_ims.ADDRESS + ':5060',
        # what has another port in Via is no initial registration for it
        '[%s]:5060' % address if ':' in address else address + ':5060',
        network)
    # of several mechanisms in one header field it takes the last
    found.update(sec='ipsec', esp='tun', algs='%s/%s' % pair, expires='600',
                 imei='351234012345670')
    return sub, found


class Life:
    """A running uims and what is on the wire."""

    def __init__(self, ue, sub, wire):
        self.ue, self.sub, self.wire = ue, sub, wire

    async def event(self, *names, seconds=20):
        """The next event of these names."""
        event = await self.ue.event(*names, seconds=seconds)
        if event is None:
            raise Failure('no event %s; events %s; %s\n%s' % (
                ' or '.join(names),
                [e.get('name', e.get('event')) for e in self.ue.events],
                self.ue.stderr[-600:], guest.ask('logs')))
        return event

    async def registered(self):
        """A registration with all that belongs to it."""
        await self.ue.command('register')
        event = await self.event('registered', 'registration-failed')
        if event['event'] != 'registered':
            with open(os.path.join(self.ue.folder, 'ue.pcap'), 'rb') as file:
                last = file.read()[-1200:].decode('utf-8', 'replace')
            raise Failure('not registered: %s\n%s\n%s' % (
                event, last, guest.ask('logs')))
        await self.event('reg-event')

    async def status(self):
        """The status line."""
        await self.ue.command('status')
        return await self.event('status')

    def in_the_clear(self):
        """Packets on the wire since the last call, ESP aside."""
        return [('sent ' if sent else 'received ') + p.hex()
                for sent, p in self.wire.packets()
                if esp_port.proto(p) not in REAL]

    def said_in_the_clear(self):
        """Of these, what the UE sent with octets of an application. Once the
        associations are gone Kamailio's kernel sends again, in the clear,
        what was not acknowledged, and ours resets such a connection."""
        parts = [esp_device.ip_parts(p) for sent, p in self.wire.packets()
                 if sent and esp_port.proto(p) not in REAL]
        return [p for p in parts
                if not p or esp_device.text_length(p[2], p[3])]


@contextlib.asynccontextmanager
async def life(number, address, network, pair, **more):
    """uims on the host's side of the wire; more: settings."""
    sub, found = settings(number, address, network, pair)
    found.update(more)
    subprocess.run(['ip', *(['-6'] if ':' in address else []), 'addr',
                    'add', address + ('/64' if ':' in address else '/24'),
                    'dev', 'ut0', *(['nodad'] if ':' in address else [])],
                   check=True)
    async with uims.Uims(found, args=['--pcap', 'ue.pcap']) as ue:
        wire = esp_port.Sniffer(None, 'ut0', address)
        try:
            yield Life(ue, sub, wire)
        finally:
            wire.close()


def decrypted(folder, address):
    """What tshark makes of the ESP packets of this UE: (ICV good, SIP or '',
    and which packet it is). The raw socket for the other version of IP also
    hears what Kamailio goes on sending to the UE of an earlier life."""
    os.mkdir(os.path.join(folder, 'ws'))
    os.rename(os.path.join(folder, 'ue.pcap.esp_sa'),
              os.path.join(folder, 'ws', 'esp_sa'))
    ports = []
    for n in range(28):
        ports += ['-d', 'udp.port==%d,sip' % (5100 + n)]
    out = subprocess.run(
        ['tshark', '-r', os.path.join(folder, 'ue.pcap.esp'), '-Y', '%s.addr'
         ' == %s' % ('ipv6' if ':' in address else 'ip', address),
         '-o', 'esp.enable_encryption_decode:TRUE',
         '-o', 'esp.enable_authentication_check:TRUE', *ports,
         '-T', 'fields', '-e', 'esp.icv_good', '-e', 'sip.CSeq.method',
         '-e', 'frame.number', '-e', 'ip.src', '-e', 'esp.spi', '-e',
         'frame.len'],
        check=True, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env=dict(
            os.environ, HOME=folder,
            WIRESHARK_CONFIG_DIR=os.path.join(folder, 'ws')))
    return [line.split('\t') for line in out.stdout.splitlines()]


def ports_of(event):
    """`... uc 31001 us 31002 pc 5100 ps 6100 ...` of the event security."""
    words = event['text' if 'text' in event else 'reason'].split()
    return {w: int(words[words.index(w) + 1]) for w in (
        'uc', 'us', 'pc', 'ps', 'spi-uc', 'spi-us', 'spi-pc', 'spi-ps')}


async def whole(number, address, network, pair):
    """From the first REGISTER to the last."""
    async with life(number, address, network, pair) as s:
        await s.registered()
        first = ports_of(s.ue.named('security')[-1])
        # the first REGISTER and its 401, nothing else
        s.in_the_clear()
        state = guest.ask('state')
        for spi in ('spi-uc', 'spi-us', 'spi-pc', 'spi-ps'):
            check('0x%08x' % first[spi] in state, 'no %s in %s', spi, state)

        await s.ue.command('reregister')
        await s.event('reregistered')
        second = ports_of(s.ue.named('security')[-1])
        check(second['uc'] != first['uc'] and second['pc'] != first['pc'],
              'ports %s, %s', first, second)
        equal((second['us'], second['ps']), (first['us'], first['ps']),
              'ports that stay')
        # the new set is the one in use
        await s.ue.command('reregister')
        await s.event('reregistered')
        last = [e for e in s.ue.named('message') if e['dir'] == 'up' and
                e['name'] == 'REGISTER'][-2:]
        if network == 'udp':
            check(last[0]['local'].endswith(':%d' % second['uc']),
                  'left from %s', last[0]['local'])

        status = await s.status()
        equal(status['esp'], 'tun', 'ESP')
        check(status['esp_out'] >= 6 and status['esp_in'] >= 6, '%s', status)
        # what was sent again, and the end of a connection, may come after
        # its associations are gone
        late = {'esp_drop_no-sa'} | (
            {'esp_drop_no-policy-sa'} if network == 'tcp' else set())
        dropped = {k: v for k, v in status.items()
                   if k.startswith('esp_drop_') and v and k not in late}
        equal(dropped, {}, 'dropped')

        equal(s.in_the_clear(), [], 'packets in the clear')
        await s.ue.command('deregister')
        event = await s.event('deregistered')
        equal(event.get('reason'), 'user', 'reason')
        await s.ue.command('quit')
        equal(await s.ue.wait(10), 0, 'exit status')
        equal(s.said_in_the_clear(), [], 'said in the clear')

        rows = decrypted(s.ue.folder, address)
        check(len(rows) >= 12, '%d ESP packets', len(rows))
        equal([r for r in rows if r[0] != '1'], [], 'ICV')
        methods = {r[1] for r in rows}
        check(methods >= {'REGISTER', 'SUBSCRIBE', 'NOTIFY'}, '%s', methods)


SHA_AES = 'hmac-sha-1-96', 'aes-cbc'
for _n, _addr, _net, _pair in (
        (1, '10.77.0.11', 'udp', SHA_AES),
        (2, 'fd77::12', 'udp', SHA_AES),
        (3, '10.77.0.13', 'tcp', SHA_AES),
        (4, '10.77.0.14', 'udp', ('hmac-md5-96', 'null'))):
    tests.add('Kamailio with IPsec: register, reg event, re-register twice, '
              'de-register, %s, %s, %s/%s' % (_net, _addr, *_pair),
              _n, _addr, _net, _pair)(whole)


@tests.add('Kamailio with IPsec: network-initiated de-registration')
async def terminated():
    async with life(7, '10.77.0.17', 'udp', ('hmac-sha-1-96', 'null')) as s:
        await s.registered()
        guest.ask('terminate ' + s.sub.impi)
        event = await s.event('deregistered')
        equal(event.get('reason'), 'network-terminated', 'reason')


async def conference(number, network, first):
    """TS 24.147 5.3.1: the lab's conference server behind the S-CSCF; what
    comes first, the 200 to SUBSCRIBE or the NOTIFY (RFC 6665 s4.4.1)."""
    guest.ask('set conf_late_200 ' + ('0.3' if first == 'NOTIFY' else '0'))
    address = '10.77.0.2%d' % number
    async with life(number, address, network, SHA_AES, audio='40000',
                    messages='off') as s:
        await s.registered()
        s.in_the_clear()
        robot = 'sip:robot1@' + s.sub.home

        async def run(line, good, bad=None):
            await s.ue.command(line)
            event = await s.event(good, *[bad] * bool(bad))
            equal(event['event'], good, '%s: %s' % (line, event))
            return event

        async def roster(*users):
            want = ', '.join('%s connected' % u for u in users)
            while (await s.event('roster'))['users'] != want:
                pass

        await run('create', 'conference-joined', 'conference-failed')
        await roster(s.sub.impus[0])
        await run('invite ' + robot, 'invited', 'invite-failed')
        await run('remove ' + robot, 'removed', 'remove-failed')
        event = await run('leave', 'conference-ended')
        equal(event.get('reason'), 'left', 'reason')
        equal(s.in_the_clear(), [], 'packets in the clear')
        await run('deregister', 'deregistered')
        await s.ue.command('quit')
        equal(await s.ue.wait(10), 0, 'exit status')
        shown = [len(e['users'].split(', ')) for e in s.ue.named('roster')]
        check(2 in shown, 'users shown: %s', shown)
        equal(s.said_in_the_clear(), [], 'said in the clear')
        equal(guest.ask('complaints').strip(), '', 'complaints')

        rows = decrypted(s.ue.folder, address)
        equal([r for r in rows if r[0] != '1'], [], 'ICV')
        methods = {r[1] for r in rows}
        check(methods >= {'INVITE', 'ACK', 'SUBSCRIBE', 'NOTIFY', 'REFER',
                          'BYE'}, '%s', methods)


for _n, _net, _first in ((1, 'udp', '200'), (3, 'tcp', 'NOTIFY')):
    tests.add('Kamailio with IPsec: a conference behind the S-CSCF, create, '
              'invite, remove, leave, %s, %s first' % (_net, _first),
              _n, _net, _first)(conference)


# a namespace of its own for the UE, whose way leads over a veth pair
KERNEL = """
set -e
unshare -n sleep 60 >/dev/null 2>&1 &
pid=$!
trap 'kill $pid' EXIT
ip link add v0 type veth peer name v1
ip addr add 10.77.1.2/24 dev v1
ip link set v1 up
ip link set v0 netns $pid
inside="nsenter --net=/proc/$pid/ns/net"
$inside ip addr add 10.77.1.1/24 dev v0
$inside ip link set v0 up
$inside ip route add default via 10.77.1.2
mkfifo /run/uims.in
$inside %(uims)s --json %(settings)s </run/uims.in >/run/uims.out 2>&1 &
ue=$!
exec 3>/run/uims.in
printf 'register\nwait reg-event\nreregister\n' >&3
n=0
until grep -q '"event":"reregistered"' /run/uims.out; do
        sleep 0.2
        n=$((n + 1))
        [ $n -lt 150 ] || break
done
echo "== state"
$inside ip xfrm state
echo "== policy"
$inside ip xfrm policy
printf 'status\nderegister\nwait deregistered\n' >&3
exec 3>&-
wait $ue || true
echo "== left"
$inside ip xfrm state
$inside ip xfrm policy
echo "== uims"
cat /run/uims.out
"""


@tests.add('Kamailio with IPsec: the kernel\'s ESP on both sides')
async def kernel():
    _, found = settings(5, '10.77.1.1', 'udp', SHA_AES)
    found.update(esp='xfrm')
    words = ' '.join("-s '%s=%s'" % pair for pair in found.items())
    text = await asyncio.get_running_loop().run_in_executor(
        None, guest.ask, 'run ' + KERNEL % {
            'uims': uims.PROGRAM, 'settings': words}, 50, 1)
    part = {p.partition('\n')[0].strip(): p.partition('\n')[2]
            for p in text.split('== ')}
    check('uims' in part, 'no output: %s', text)
    events = [json.loads(line) for line in part['uims'].splitlines()
              if line.startswith('{')]
    names = [e['event'] for e in events]
    for name in ('registered', 'reg-event', 'reregistered', 'deregistered'):
        check(name in names, 'no %s: %s', name, part['uims'])
    status = next(e for e in events if e['event'] == 'status')
    equal(status['esp'], 'xfrm', 'ESP')
    check(status['esp_out'] >= 4 and status['esp_in'] >= 4, '%s', status)

    # the set in use is in the kernel, in both directions
    ports = ports_of([e for e in events if e['event'] == 'security'][-1])
    state, policy = part['state'], part['policy']
    for spi, sel in (
            ('spi-ps', 'src 10.77.1.1/32 dst 10.77.0.2/32 sport %(uc)d '
             'dport %(ps)d'),
            ('spi-uc', 'src 10.77.0.2/32 dst 10.77.1.1/32 sport %(ps)d '
             'dport %(uc)d'),
            ('spi-us', 'src 10.77.0.2/32 dst 10.77.1.1/32 sport %(pc)d '
             'dport %(us)d'),
            ('spi-pc', 'src 10.77.1.1/32 dst 10.77.0.2/32 sport %(us)d '
             'dport %(pc)d')):
        at = state.find('spi 0x%08x' % ports[spi])
        check(at >= 0, 'no %s in %s', spi, state)
        check(sel % ports in state[at:].split('\nsrc ')[0], '%s not in %s',
              sel % ports, state)
    for port in (ports['uc'], ports['us']):
        check('sport %d ' % port in policy and 'dport %d ' % port in policy,
              'no policy for %d: %s', port, policy)
    equal(part['left'].strip(), '', 'left behind')


def main():
    """Boot, test, end."""
    global guest
    why = uml.missing() or ', '.join(kamailio.missing())
    if why:
        print('skip Kamailio with IPsec: ' + why)
        print('0 passed, 0 failed, 1 skipped')
        return 0
    uml.network()
    with uml.Guest(['/usr/bin/python3', guest_ims.__file__], memory='1G',
                   modules=uml.MODULES + ('veth',)) as machine:
        if not machine.wait('READY', 150):
            print('FAIL Kamailio with IPsec: the guest does not get ready')
            print(machine.text()[-3000:])
            print('0 passed, 1 failed')
            return 1
        guest = Guest()
        status = tests.main()
        guest.end()
    return status


if __name__ == '__main__':
    sys.exit(main())
