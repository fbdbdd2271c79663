#!/usr/bin/python3
# class: test
# needs: iproute2
"""Security agreement and IPsec of uims in the lab, whose ESP is one of its
own (TS 34.229-1 clauses 8 and 9; TS 33.203; RFC 3329)."""
import asyncio
import contextlib
import os
import socket
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import esp, netns                                  # noqa: E402
from lab.secure_scene import scene                          # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

tests = Tests(120)
ENDS = ('port_uc', 'port_pc', 'spi_uc', 'spi_us', 'spi_pc', 'spi_ps')


def everywhere(name):
    """The same test over UDP and TCP, IPv4 and IPv6."""
    def add(func):
        for version in (4, 6):
            for transport in ('udp', 'tcp'):
                tests.add('%s, IPv%d, %s' % (name, version, transport),
                          version, transport)(func)
        return func
    return add


# ---- 8.1 initial registration

async def initial(version, transport, pair):
    name = '%s/%s' % pair
    async with scene('set sec_algs %s=0.9' % name, version=version,
                     transport=transport, algs=name) as s:
        await s.registered()
        await s.notified()
        equal(s.registers(), [('initial', False), ('answer', True)],
              'REGISTERs')
        one, = s.sets()
        equal((one['state'], one['alg'], one['ealg']), ('current',) + pair,
              'set')
        s.inside()
        equal(s.drops(), {}, 'drops')
        await s.deregister()
        equal(s.sets('current', 'temporary'), [], 'sets')
        s.inside()
        await s.quit()


@everywhere('TS 34.229-1 8.1: initial registration, hmac-sha-1-96')
async def with_sha1(version, transport):
    await initial(version, transport, ('hmac-sha-1-96', 'aes-cbc'))


@everywhere('TS 34.229-1 8.1: initial registration, hmac-md5-96')
async def with_md5(version, transport):
    await initial(version, transport, ('hmac-md5-96', 'aes-cbc'))


for _pair in esp.PAIRS:
    if _pair[1] != 'aes-cbc':
        tests.add('TS 33.203 annex H: %s with %s' % _pair, 4, 'udp',
                  _pair)(initial)


@tests.add('RFC 3329 s2.3.1: the highest q, whatever the order')
async def choice():
    async with scene('set sec_algs null/aes-gcm=0.1 '
                     'hmac-sha-1-96/aes-cbc=0.2 hmac-sha-1-96/null=0.9',
                     transport='auto') as s:
        await s.registered()
        equal((s.sets()[0]['alg'], s.sets()[0]['ealg']),
              ('hmac-sha-1-96', 'null'), 'pair')


@tests.add('RFC 3261 s18.1.1: all pairs offered, too much for UDP')
async def all_pairs():
    async with scene(transport='auto', settings={'algs': None}) as s:
        await s.registered()
        first = s.box.seen('REGISTER', 'up')[0]
        check(len(first.msg.values('Security-Client')) >= 4, 'offers')
        equal(first.transport, 'tcp', 'transport')
        await s.deregister()


@tests.add('TS 34.229-1 5.2: the network sends over TCP to a UE on UDP')
async def tcp_down():
    async with scene('set sec_down tcp', transport='auto') as s:
        await s.registered()
        await s.notified()
        equal({e.transport for e in s.box.seen('NOTIFY', 'down')}, {'tcp'},
              'transport of NOTIFY')
        await s.deregister()


@everywhere('TS 33.203 s7.1: a request of the network and its answer')
async def from_network(version, transport):
    async with scene(version=version, transport=transport) as s:
        await s.registered()
        await s.notified()
        s.box.do('send %s OPTIONS Supported=x' % s.impi())
        await s.until(lambda: [
            e for e in s.box.trace if e.way == 'up' and e.msg and
            e.msg.get('CSeq') == '1 OPTIONS'], 'an answer')
        s.inside()
        await s.deregister()


@tests.add('TS 33.203 annex H: SPIs without leading zeros')
async def plain_spis():
    async with scene('set sec_padded off') as s:
        await s.registered()
        await s.deregister()


# ---- 8.2 re-registration

@everywhere('TS 34.229-1 8.2: re-registration with a second set')
async def second_set(version, transport):
    async with scene(version=version, transport=transport) as s:
        await s.registered()
        await s.notified()
        first, = s.sets()
        await s.reregister()
        await s.notified(2)
        equal(s.registers()[2:], [('refresh', True), ('answer', True)],
              'REGISTERs')
        second, = s.sets('current')
        equal(second['port_us'], first['port_us'], 'port_us')
        for name in ENDS:
            check(second[name] != first[name], '%s is the same', name)
        # the third one takes the place of the first
        await s.reregister()
        await s.notified(3)
        equal([x['spi_ps'] for x in s.sets('old')], [second['spi_ps']],
              'old sets')
        s.inside()
        await s.deregister()
        await s.quit()


@tests.add('TS 34.229-1 8.2: by itself at half of the time granted')
async def by_itself():
    async with scene('set grant 6') as s:
        await s.registered()
        s.box.do('set grant 0')
        await s.event('reregistered')
        equal(s.registers()[2:], [('refresh', True), ('answer', True)],
              'REGISTERs')
        s.inside()


@tests.add('TS 24.229 s5.1.1.4: without a challenge the set stays')
async def unchallenged():
    async with scene('set challenge never') as s:
        await s.registered()
        await s.notified()
        before = s.sets()
        await s.reregister()
        equal(s.registers()[2:], [('refresh', True)], 'REGISTERs')
        equal(s.sets(), before, 'sets')
        await s.deregister()


@tests.add('TS 24.229 s5.1.1.5.1: requests still arrive over the old set')
async def lingering():
    async with scene('set sec_linger on') as s:
        await s.registered()
        await s.notified()
        first, = s.sets()
        await s.reregister()
        await s.until(lambda: len(s.box.seen('NOTIFY', 'down')) == 2,
                      'a second NOTIFY')
        await s.notified(2)
        last = [e for e in s.box.seen('200', 'up')][-1]
        equal(last.peer[1], first['port_uc'], 'answer to NOTIFY')
        # what the UE begins goes over the new one
        await s.deregister()


@tests.add('TS 24.229 s5.1.1.5A: re-authentication by the network')
async def reauthentication():
    async with scene() as s:
        await s.registered()
        await s.notified()
        s.box.do('shorten %s 4' % s.impi())
        await s.event('reregistered')
        equal(s.registers()[2:], [('refresh', True), ('answer', True)],
              'REGISTERs')
        s.inside()
        await s.deregister()


@tests.add('TS 24.229 s5.1.1.7: deregistration by the network')
async def network_ends():
    async with scene() as s:
        await s.registered()
        await s.notified()
        s.box.do('dereg %s rejected' % s.impi())
        await s.event('deregistered')
        await s.notified(2)
        equal(s.sets('current', 'temporary'), [], 'sets')
        s.inside()


@tests.add('TS 24.229 s5.1.1.7: deactivated, a new agreement in the clear')
async def deactivated():
    async with scene() as s:
        await s.registered()
        await s.notified()
        s.box.do('dereg %s deactivated' % s.impi())
        await s.event('registered')
        equal(s.registers()[2:], [('initial', False), ('answer', True)],
              'REGISTERs')


# ---- 9.1, 9.2 invalid challenges

@everywhere('TS 34.229-1 9.1: MAC invalid twice, unprotected')
async def mac_twice(version, transport):
    async with scene('at REGISTER:1-2 bad-mac', version=version,
                     transport=transport) as s:
        await s.registered()
        equal(s.registers(), [('initial', False), ('mac-failure', False),
                              ('mac-failure', False), ('answer', True)],
              'REGISTERs')
        await s.deregister()


@everywhere('TS 34.229-1 9.2: SQN out of range, unprotected')
async def old_sqn(version, transport):
    async with scene('at REGISTER:1 old-sqn', version=version,
                     transport=transport) as s:
        await s.registered()
        equal(s.registers(), [('initial', False), ('sync-failure', False),
                              ('answer', True)], 'REGISTERs')
        await s.deregister()


@tests.add('TS 24.229 s5.1.1.5.3: invalid challenges inside the set')
async def invalid_inside():
    async with scene() as s:
        await s.registered()
        await s.notified()
        s.box.do('at REGISTER/refresh:1 bad-mac')
        s.box.do('at REGISTER/mac-failure:1 old-sqn')
        await s.reregister()
        equal(s.registers()[2:], [
            ('refresh', True), ('mac-failure', True), ('sync-failure', True),
            ('answer', True)], 'REGISTERs')
        await s.deregister()


# ---- what an agreement may fail on

async def new_call(line):
    async with scene(line) as s:
        await s.registered(seconds=75)
        calls = [e.msg.get('Call-ID') for e in s.box.seen('REGISTER', 'up')]
        check(calls[0] != calls[1], 'the same Call-ID')
        equal(s.registers(), [('initial', False), ('initial', False),
                              ('answer', True)], 'REGISTERs')


ENTRY = ';spi-c={spi-c};spi-s={spi-s};port-c={port-c};port-s={port-s}'
for _name, _line in (
        ('no Security-Server', 'no-security-server'),
        ('algorithms nobody knows', 'security-server "ipsec-3gpp;alg=x;'
         'ealg=y%s"' % ENTRY),
        ('a pair that was not offered', 'security-server "ipsec-3gpp;'
         'alg=aes-gmac;ealg=null%s"' % ENTRY),
        ('no SPI', 'security-server "ipsec-3gpp;alg=hmac-sha-1-96;'
         'ealg=aes-cbc;spi-c={spi-c};port-c={port-c};port-s={port-s}"'),
        ('tunnel mode', 'security-server "ipsec-3gpp;alg=hmac-sha-1-96;'
         'ealg=aes-cbc;mod=UDP-enc-tun%s"' % ENTRY),
        ('another mechanism', 'security-server "tls;q=0.9"')):
    tests.add('TS 24.229 s5.1.1.5.1: %s, a new REGISTER with a new Call-ID' %
              _name, 'at REGISTER:1 ' + _line)(new_call)


@tests.add('RFC 3329 s2.3.1: entries that are of no use beside a good one')
async def among_others():
    good = ';alg=hmac-sha-1-96;ealg=aes-cbc' + ENTRY
    async with scene('at REGISTER:1 security-server "tls;q=0.99" '
                     '"ipsec-3gpp;q=0.98;alg=hmac-x;ealg=null%s" '
                     '"ipsec-3gpp;q=0.1%s;new=param"' % (ENTRY, good)) as s:
        await s.registered()
        await s.deregister()


async def bidden_down(line):
    """What came to light must not become a registration under the weaker
    agreement."""
    async with scene(line, complaints=False) as s:
        await s.ue.command('register')
        await s.event('registered', 'registration-failed', 'register-retry')
        equal([x for x in s.sets('current')
               if x['ealg'] == 'null'], [], 'sets')
        refused = s.box.seen('494', 'down')
        equal(len(refused), 1, '494')
        check(refused[0].pair, '494 outside ESP')
        texts = [c.text for c in s.box.complaints]
        equal(texts, [], 'complaints')


tests.add('RFC 3329 s5: bidding down, a weaker Security-Server',
          'at REGISTER:1 weaken-server hmac-sha-1-96/aes-cbc')(bidden_down)
tests.add('RFC 3329 s5: bidding down, an altered Security-Client',
          'at REGISTER:1 alter-client')(bidden_down)


@tests.add('RFC 3329 s2.4: 494 to the first REGISTER')
async def required():
    async with scene('at REGISTER:1 agreement-required') as s:
        await s.registered(seconds=75)
        equal(s.registers()[-2:], [('initial', False), ('answer', True)],
              'REGISTERs')


@tests.add('the device for ESP is deleted: told once')
async def no_device():
    async with scene() as s:
        await s.registered()
        with s.box.wire.ns.inside():
            netns.ip('link', 'del', 'uims0')
        await s.until(lambda: 'uims0: ' in s.ue.stderr, 'a word about it')
        await s.ue.command('status')
        await s.event('status')
        equal(s.ue.stderr.count('uims0: '), 1, 'words')


@tests.add('TS 33.203: a network without security agreement is refused')
async def no_agreement():
    async with scene('set sec off', complaints=False) as s:
        await s.ue.command('register')
        event = await s.event('registered', 'registration-failed',
                              'register-retry', seconds=75)
        check(event['event'] != 'registered', 'registered')
        check('answer' not in s.kinds(), 'it answered %s', s.kinds())


@tests.add('TS 33.203 s7.3: another IK, the REGISTER is dropped')
async def wrong_ik():
    async with scene('at REGISTER:1 wrong-ik') as s:
        await s.ue.command('register')
        await s.until(lambda: s.drops().get('ICV', 0) >= 3,
                      'repeated REGISTER')
        equal(s.registers(), [('initial', False)], 'REGISTERs')
        equal(s.sets('current'), [], 'sets')


@tests.add('TS 24.229 s5.1.1.5.1: the protected REGISTER is lost once')
async def lost():
    async with scene('at REGISTER/answer:1 lose',
                     'at REGISTER/refresh:1 lose-answer') as s:
        await s.registered()
        await s.notified()
        await s.reregister()
        check(len([e for e in s.box.seen('REGISTER', 'up')
                   if not e.kind]) >= 2, 'repetitions')
        s.inside()
        await s.deregister()


# ---- what arrives where it should not

@tests.add('TS 33.203 s7.1: an answer outside ESP is not heard')
async def unprotected_answer():
    async with scene('at SUBSCRIBE:1 unprotected') as s:
        await s.registered()
        await s.until(lambda: len(s.box.seen('SUBSCRIBE', 'up')) >= 2,
                      'a repeated SUBSCRIBE')
        await s.deregister()


@tests.add('TS 33.203 s7.1: an answer at port_uc is heard')
async def at_port_uc():
    async with scene('at SUBSCRIBE:1 association-2') as s:
        await s.registered()
        equal(len(s.box.seen('SUBSCRIBE', 'up')), 1, 'SUBSCRIBEs')
        await s.deregister()


@tests.add('RFC 4303 s3.4: a packet spoilt on the way comes again')
async def spoilt():
    async with scene() as s:
        await s.registered()
        await s.notified()
        s.box.do('sec spoil 1')
        await s.reregister()
        s.box.do('sec repeat 2')
        await s.reregister()
        await s.deregister()


async def stray(version):
    """Garbage makes the UE close its connection; what the P-CSCF sends there
    afterwards has no socket."""
    async with scene(transport='tcp', version=version) as s:
        await s.registered()
        await s.notified()
        for _ in range(3):
            s.box.do('garbage ' + s.sub.imsi)
            await s.event('flow-failed')
            await s.reregister()
        await s.deregister()
        check(not [c for c in s.box.complaints
                   if c.rule.startswith('TS 33.203')], 'in the clear')


for _version in (4, 6):
    tests.add('TS 33.203 s7.1: segments without a connection are not '
              'answered in the clear, IPv%d' % _version, _version)(stray)


async def closed_port(version):
    """A UE that speaks TCP only; an ICMP error repeats what it is about."""
    async with scene(transport='tcp', version=version) as s:
        await s.registered()
        await s.notified()
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                           socket.htons(3)) as wire:
            wire.bind(('net0', 0))
            wire.setblocking(False)
            sets = s.box.pcscfs[0].security.sets
            for number in (3, 1):
                sets.datagrams(sets.all[-1], number).send(
                    b'MESSAGE sip:secret@example.com SIP/2.0\r\n\r\n')
            # over the same device, so later
            await s.reregister()
            seen = 0
            with contextlib.suppress(BlockingIOError):
                while True:
                    check(b'secret' not in wire.recv(2000), 'on the wire')
                    seen += 1
            check(seen, 'nothing was seen')
        await s.deregister()


for _version in (4, 6):
    tests.add('TS 33.203 s7.1: a datagram to a port without a socket is not '
              'repeated in the clear, IPv%d' % _version,
              _version)(closed_port)


@tests.add('RFC 3261 s18.1.1: two requests at once, one connection')
async def one_connection():
    async with scene(transport='tcp') as s:
        await s.registered()
        await s.notified()
        sets = s.box.pcscfs[0].security.sets
        one = sets.all[-1]
        for flow in list(one.tcp.flows):
            flow.close()
        await asyncio.sleep(0.1)
        flows = await asyncio.gather(*[sets.connection(one)
                                       for _ in range(2)])
        check(flows[0] is flows[1], 'two connections')
        check(flows[0].set is one, 'outside of the set')
        await s.deregister()
        s.inside()


# ---- P-CSCFs that die

@tests.add('TS 24.229 s5.1.1.4: a dead P-CSCF, another takes its place, UDP')
async def dead():
    async with scene(pcscfs=2) as s:
        await s.registered()
        await s.notified()
        s.box.do('kill 0')
        await s.ue.command('reregister')
        await s.event('registered', 'reregistered', seconds=80)
        equal([e.pcscf for e in s.box.seen('REGISTER', 'up')][-2:], [1, 1],
              'P-CSCFs')
        equal(s.registers()[-2:], [('initial', False), ('answer', True)],
              'REGISTERs')
        await s.deregister()


# ---- conferences

@everywhere('TS 34.229-1 15.17: a conference inside ESP')
async def conference(version, transport):
    async with scene('set conf_media audio', version=version,
                     transport=transport, settings={'audio': '4000'}) as s:
        await s.registered()
        await s.ue.command('create sip:robot1@' + s.box.hss.home)
        event = await s.event('conference-joined', 'conference-failed')
        equal(event['event'], 'conference-joined', 'event')
        await s.event('roster')
        await s.reregister()
        await s.ue.command('leave')
        await s.event('conference-ended')
        await s.deregister()
        s.inside()


# ---- 13.1 SigComp above ESP

@everywhere('TS 34.229-1 13.1: SigComp inside ESP only')
async def sigcomp(version, transport):
    async with scene('set sigcomp on', version=version, transport=transport,
                     settings={'sigcomp': 'on'}) as s:
        await s.registered()
        await s.notified()
        await s.reregister()
        c = s.box.do('sigcomp')[0]
        equal(c['up']['messages'] - c['up']['compressed'], 1,
              'up, not compressed')
        equal(c['down']['messages'] - c['down']['compressed'], 1,
              'down, not compressed')
        equal((c['nacks_sent'], c['reasons']), (0, []), 'NACKs')
        s.inside()
        await s.deregister()
        await s.quit()


if __name__ == '__main__':
    sys.exit(netns.main(tests))
