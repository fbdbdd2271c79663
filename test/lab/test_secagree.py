#!/usr/bin/python3
# class: test
# needs: iproute2
"""The lab's security agreement without our UE: whole lives with a small UE
inside ESP, every misbehaviour, and every complaint."""
import asyncio
import contextlib
import os
import socket
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import esp, netns, security, sip                   # noqa: E402
from lab.box import Box                                     # noqa: E402
from lab.testing import (Tests, check, equal,               # noqa: E402
                         no_complaints)
from lab.tinyue_esp import SecureUe                         # noqa: E402

tests = Tests(30)
IMPI = '001010000000001'


class Scene:
    def __init__(self, box, ue):
        self.box, self.ue = box, ue

    def sets(self, *states):
        return [s for s in self.box.do('sec')[0]['sets']
                if not states or s['state'] in states]

    def drops(self):
        return self.box.do('sec')[0]['drops']


@contextlib.asynccontextmanager
async def scene(*lines, version=4, network='udp', complaints=True, **kw):
    with netns.Wire(version) as wire:
        async with Box([wire.host], wire=wire) as box:
            box.do('set sec on')
            for line in lines:
                box.do(line)
            ue = SecureUe(box.hss.find(IMPI), (wire.host,
                                               box.pcscfs[0].port), wire,
                          network, **kw)
            async with ue:
                yield Scene(box, ue)
            if complaints:
                no_complaints(box)


async def life(version, network, *lines, **kw):
    """Every message after the first challenge goes inside ESP."""
    async with scene(*lines, version=version, network=network, **kw) as s:
        ue, box = s.ue, s.box
        equal((await ue.register()).status, 200, 'REGISTER')
        equal((await ue.subscribe()).status, 200, 'SUBSCRIBE')
        check(await ue.notified(1), 'no NOTIFY')
        first, = s.sets()
        equal(first['state'], 'current', 'set')
        equal((await ue.register()).status, 200, 're-REGISTER')
        check(await ue.notified(2), 'no second NOTIFY')
        second, = s.sets('current')
        equal(len(s.sets('old')), 1, 'old sets')
        for name in ('port_us',):
            equal(second[name], first[name], name)
        for name in ('port_uc', 'port_pc', 'spi_uc', 'spi_us', 'spi_pc',
                     'spi_ps'):
            check(second[name] != first[name], '%s is the same', name)
        equal((await ue.refresh_subscription(600000)).status, 200, 'refresh')
        check(await ue.notified(3), 'no third NOTIFY')
        equal((await ue.register(0)).status, 200, 'de-REGISTER')
        check(await ue.notified(4), 'no last NOTIFY')
        equal(s.sets('current', 'temporary'), [], 'sets')
        await asyncio.sleep(0.05)
        box.pcscfs[0].security.settle()
        for e in box.trace[2:]:
            check(e.pair, 'in the clear: %s', e)
            check(e.octets > len(e.data), 'octets of %s: %d', e, e.octets)
        equal(ue.drops, [], 'drops of the UE')
        # the last segment of each of the two connections may come after its
        # set has gone
        drops = dict(s.drops())
        late = drops.pop('unknown SPI', 0)
        check(late <= (2 if network == 'tcp' else 0), '%d late', late)
        equal(drops, {}, 'drops of the network')
        return s


for _version in (4, 6):
    for _net in ('udp', 'tcp'):
        tests.add('TS 33.203 s7: a life inside ESP, IPv%d, %s' % (
            _version, _net), _version, _net)(life)


async def with_pair(pair):
    await life(4, 'udp', 'set sec_algs %s/%s=0.5' % pair, pairs=[pair])


for _pair in esp.PAIRS:
    tests.add('TS 33.203 annex H: a life with %s %s' % _pair,
              _pair)(with_pair)
tests.add('requests to the UE over TCP, its own over UDP', 4, 'udp',
          'set sec_down tcp')(life)
tests.add('SPIs without leading zeros', 4, 'udp',
          'set sec_padded off')(life)


@tests.add('SigComp above ESP')
async def sigcomp():
    async with scene('set sigcomp on', complaints=False) as s:
        # this UE compresses from the first message on, which is wrong here
        s.box.options.check = False
        s.ue.sigcomp_id = 'urn:uuid:00000000-0000-0000-0000-000000000001'
        equal((await s.ue.register()).status, 200, 'REGISTER')
        s.box.options.check = True
        s.ue.restart_sigcomp()
        equal((await s.ue.register()).status, 200, 're-REGISTER')
        c = s.box.do('sigcomp')[0]
        check(c['up']['compressed'] >= 1 and c['down']['compressed'] >= 1,
              'compressed %s', c)


@tests.add('TS 33.203 table of s7.1: ports and associations of UDP')
async def ports_udp():
    async with scene() as s:
        await s.ue.register()
        await s.ue.subscribe()
        await s.ue.notified(1)
        one, = s.sets()
        for e in [e for e in s.box.trace if e.pair]:
            equal(e.peer[1], one['port_uc' if e.way == 'up' else 'port_us'],
                  str(e))
        equal(set(s.ue.heard[1:]), {one['port_us']}, 'ports of the UE')


@tests.add('TS 33.203 table of s7.1: ports and connections of TCP')
async def ports_tcp():
    async with scene(network='tcp') as s:
        await s.ue.register()
        await s.ue.subscribe()
        await s.ue.notified(1)
        one, = s.sets()
        for e in [e for e in s.box.trace if e.pair]:
            cseq = e.msg.get('CSeq').split()[1]
            equal(e.peer[1], one['port_us' if cseq == 'NOTIFY' else
                                 'port_uc'], str(e))


@tests.add('TS 33.203 s7.1: port_pc is free for UDP and for TCP')
async def port_pc_taken():
    async with scene(network='tcp') as s:
        sets, taken = s.box.pcscfs[0].security.sets, [s.box.msrp.port]
        make = sets.device.socket

        def unlucky(kind, port):
            """The first that is free for UDP is taken for TCP."""
            if kind == socket.SOCK_DGRAM and taken:
                port = taken.pop()
            return make(kind, port)

        sets.device.socket = unlucky
        await s.ue.register()
        await s.ue.subscribe()
        check(await s.ue.notified(1), 'no NOTIFY')
        equal(taken, [], 'ports')


@tests.add('RFC 3329 s2.3.1: the highest q that both can do')
async def choice():
    async with scene('set sec_algs hmac-md5-96/null=0.2 '
                     'hmac-sha-1-96/null=0.9 null/aes-gcm=0.95 '
                     'hmac-sha-1-96/aes-cbc=0.5',
                     pairs=[('hmac-sha-1-96', 'aes-cbc'),
                            ('hmac-sha-1-96', 'null')],
                     network='tcp') as s:
        await s.ue.register()
        one, = s.sets()
        equal((one['alg'], one['ealg']), ('hmac-sha-1-96', 'null'), 'pair')


@tests.add('RFC 3329 s2.3.1: nothing in common is 494')
async def nothing():
    async with scene('set sec_algs aes-gmac/null=0.5',
                     pairs=[('hmac-sha-1-96', 'aes-cbc')]) as s:
        resp = await s.ue.register()
        equal(resp.status, 494, 'status')
        check('aes-gmac' in resp.get('Security-Server'), 'Security-Server')


@tests.add('TS 24.229 s5.1.1.5.3: MAC and SQN failure, outside and inside')
async def failures():
    async with scene('at REGISTER:1 bad-mac', 'at REGISTER:2 old-sqn',
                     'at REGISTER/refresh:1 bad-mac') as s:
        equal((await s.ue.register()).status, 200, 'REGISTER')
        equal((await s.ue.register()).status, 200, 're-REGISTER')
        equal([e.kind for e in s.box.seen('REGISTER', 'up')],
              ['initial', 'mac-failure', 'sync-failure', 'answer',
               'refresh', 'mac-failure', 'answer'], 'REGISTERs')
        equal([bool(e.pair) for e in s.box.seen('REGISTER', 'up')],
              [False] * 3 + [True] * 4, 'in ESP')


@tests.add('unchallenged re-registration keeps its set')
async def unchallenged():
    async with scene('set challenge never') as s:
        await s.ue.register()
        before = s.sets()
        equal((await s.ue.register()).status, 200, 're-REGISTER')
        equal(s.sets(), before, 'sets')


@tests.add('TS 33.203 s7.4: requests linger on the old set')
async def linger():
    async with scene('set sec_linger on') as s:
        await s.ue.register()
        await s.ue.subscribe()
        old, = s.sets()
        await s.ue.register()
        await s.ue.notified(2)
        new, = s.sets('current')
        downs = s.box.seen('NOTIFY', 'down')
        equal(downs[-1].peer[1], old['port_us'], 'NOTIFY')
        equal(s.box.pcscfs[0].security.sets.find(
            s.ue.sub.impi, 'current').heard, False, 'heard')
        await s.ue.refresh_subscription(600000)
        check(new['port_pc'] != old['port_pc'], 'port_pc')


@tests.add('TS 24.229 s5.2.2: a set outlives the registration by 30 s, and '
           'never ends earlier than the one before')
async def lifetime():
    async with scene('set expires 0') as s:
        loop = asyncio.get_running_loop()

        def left():
            return round(s.box.pcscfs[0].security.sets.find(
                s.ue.sub.impi, 'current').ends_at - loop.time(), -1)
        await s.ue.register(1000)
        equal(left(), 1030, 'first')
        await s.ue.register(500)
        equal(left(), 1030, 'second')
        s.box.do('set challenge never')
        await s.ue.register(2000)
        equal(left(), 2030, 'unchallenged')


@tests.add('TS 24.229 s5.2.2: a temporary set ends by itself')
async def temporary():
    async with scene('set sec_temporary 1', 'at REGISTER/answer ignore',
                     complaints=False) as s:
        await asyncio.wait_for(asyncio.shield(
            asyncio.ensure_future(s.ue.ask(s.ue.agreeing(
                s.ue.register_request(s.ue.empty(), 600000),
                OfferOf(s.ue)), 1))), 5)
        equal(len(s.sets('temporary')), 1, 'temporary sets')
        check(await s.box.until(lambda: not s.sets(), 3), 'it stays')


def OfferOf(ue):
    from lab.tinyue_esp import Offer
    return Offer(ue)


# ---- misbehaviour

@tests.add('rules: no Security-Server, an unusable one')
async def bad_server():
    async with scene('at REGISTER:1 no-security-server',
                     'at REGISTER:2 security-server '
                     '"ipsec-3gpp;alg=x;ealg=null;spi-c={spi-c};'
                     'spi-s={spi-s};port-c={port-c};port-s={port-s}"',
                     complaints=False) as s:
        resp = await s.ue.ask(s.ue.agreeing(s.ue.register_request(
            s.ue.empty(), 600000), OfferOf(s.ue)))
        equal((resp.status, resp.get('Security-Server')), (401, None))
        resp = await s.ue.ask(s.ue.agreeing(s.ue.register_request(
            s.ue.empty(), 600000), OfferOf(s.ue)))
        one = security.Mechanism.parse(resp.get('Security-Server'))
        check(not one.usable and one.ports[1] == s.box.pcscfs[0].security.
              port, 'Security-Server %s', resp.get('Security-Server'))


async def refused(line, status):
    async with scene(line) as s:
        equal((await s.ue.register()).status, status, 'status')
        equal(s.box.do('status'), [], 'status')
        equal(s.sets('current'), [], 'sets')


tests.add('RFC 3329 s5: bidding down, a weaker Security-Server is noticed',
          'at REGISTER:1 weaken-server hmac-sha-1-96/aes-cbc', 494)(refused)
tests.add('RFC 3329 s5: bidding down, an altered Security-Client is noticed',
          'at REGISTER:1 alter-client', 494)(refused)
tests.add('RFC 3329 s2.4: 494 with the list', 'at REGISTER:1 '
          'agreement-required', 494)(refused)


@tests.add('TS 33.203 s7.3: another IK, SM7 is dropped')
async def wrong_ik():
    async with scene('at REGISTER:1 wrong-ik') as s:
        asking = asyncio.ensure_future(s.ue.register())
        check(await s.box.until(lambda: s.drops().get('ICV')), 'no drop')
        asking.cancel()
        equal([e.kind for e in s.box.seen('REGISTER', 'up')], ['initial'])


@tests.add('rules: an answer outside ESP, or over association 2')
async def elsewhere():
    async with scene('at SUBSCRIBE:1 unprotected',
                     'at SUBSCRIBE:2 association-2') as s:
        await s.ue.register()
        s.ue.expires = 600000
        req = s.ue.request('SUBSCRIBE', s.ue.impus[0],
                           '<%s>' % s.ue.impus[0], 'x@y', 1)
        req.add('Event', 'reg').add('Expires', 600000)
        check(await s.ue.ask(req, 0.3) is None, 'heard outside ESP')
        equal((await s.ue.subscribe()).status, 200, 'over association 2')
        equal(s.ue.heard[-2:].count(s.ue.current.port_uc), 1, 'port')


@tests.add('rules: ESP spoilt and repeated on the way down')
async def spoilt():
    async with scene() as s:
        s.ue.retransmit = True
        await s.ue.register()
        s.box.do('sec spoil 1')
        equal((await s.ue.subscribe()).status, 200, 'SUBSCRIBE')
        await s.ue.notified(1)
        s.box.do('sec repeat 1')
        equal((await s.ue.refresh_subscription(600000)).status, 200)
        equal(s.ue.drops, [('up', 'ICV'), ('up', 'replay')], 'drops')


@tests.add('a P-CSCF that comes back knows no association')
async def restarted():
    async with scene() as s:
        await s.ue.register()
        s.box.do('kill')
        s.box.do('restart')
        check(await s.box.until(lambda: s.box.pcscfs[0].up), 'restart')
        await asyncio.sleep(0.05)
        check(await s.ue.ask(s.ue.request(
            'SUBSCRIBE', s.ue.impus[0], '<%s>' % s.ue.impus[0], 'x@y', 1),
            0.3) is None, 'answered')
        equal(s.drops(), {'unknown SPI': 1}, 'drops')


# ---- complaints

async def spoils(rule, change, inside=True, network='udp'):
    """change(req, scene) is noticed under this rule."""
    async with scene(complaints=False, network=network) as s:
        s.ue.expires = 600000
        if inside:
            await s.ue.register()
            no_complaints(s.box)
            s.ue.mangle = lambda req: change(req, s)
            req = s.ue.request('SUBSCRIBE', s.ue.impus[0],
                               '<%s>' % s.ue.impus[0], 'x@y', 1)
            await s.ue.ask(req.add('Event', 'reg').add('Expires', 600000),
                           0.3)
        else:
            s.ue.mangle = lambda req: change(req, s)
            task = asyncio.ensure_future(s.ue.register())
            await s.box.until(lambda: s.box.complaints, 2)
            task.cancel()
        await asyncio.sleep(0.02)
        found = [c for c in s.box.complaints if rule in c.rule + c.text]
        check(found, 'not noticed: %s', s.box.complaints)


@tests.add('TS 33.203 s7.1: what comes outside ESP is not answered')
async def not_answered():
    async with scene(complaints=False) as s:
        await s.ue.register()
        req = s.ue.request('SUBSCRIBE', s.ue.impus[0],
                           '<%s>' % s.ue.impus[0], 'x@y', 1)
        s.ue.flow = s.ue.udp.flow(s.ue.pcscf)
        check(await s.ue.ask(req, 0.3) is None, 'answered')
        equal([c.text for c in s.box.complaints], ['unprotected SUBSCRIBE'],
              'complaints')


def without(*names):
    def change(req, s):
        for name in names:
            req.remove(name)
    return change


def replaced(name, old, new):
    def change(req, s):
        req.headers = [(n, v.replace(old, new) if n == name else v)
                       for n, v in req.headers]
    return change


def outside(req, s):
    """The request leaves from the unprotected port."""
    s.ue.flow = s.ue.udp.flow(s.ue.pcscf)


def to_protected(req, s):
    s.ue.flow = s.ue.udp.flow(s.ue.current.port_ps)


def over_4(req, s):
    one = s.sets('current')[0]
    s.ue.flow = s.ue.server.flow((s.ue.pcscf[0], one['port_pc']))


def on_answer(change):
    def only(req, s):
        if sip.parse_auth(req.get('Authorization'))[1].get('response'):
            change(req, s)
    return only


def answer_outside(req, s):
    s.ue.flow = s.ue.udp.flow(s.ue.pcscf)


def wrong_via(req, s):
    s.ue.me = s.ue.me.rpartition(':')[0] + ':5060'


def again_outside(req, s):
    """An initial REGISTER while associations live."""
    outside(req, s)
    req.method, req.uri = 'REGISTER', 'sip:' + s.ue.sub.home
    s.ue.cseq += 1
    for name in ('CSeq', 'Call-ID', 'Route', 'Event', 'Security-Verify',
                 'Contact', 'To', 'From'):
        req.remove(name)
    mark = '<%s>' % s.ue.sub.temporary
    req.add('CSeq', '1 REGISTER').add('Call-ID', 'z@z').add('To', mark)
    req.add('From', mark + ';tag=1').add('Supported', 'path')
    req.add('Authorization', s.ue.empty())
    req.add('Contact', '<sip:%s:%d>' % (s.ue.host, s.ue.port))
    s.ue.me = '%s:%d' % (s.ue.host, s.ue.port)
    s.ue.agreeing_again(req, OfferOf(s.ue))


for _name, _rule, _change in (
        ('unprotected', 'unprotected SUBSCRIBE', outside),
        ('unprotected to a protected port', 'to the protected port',
         to_protected),
        ('over association 4', 'over association 4', over_4),
        ('Via without port_us', 'Via names port', wrong_via),
        ('an initial REGISTER while associations live',
         'while associations live', again_outside),
        ('no Security-Verify', 'Security-Verify is not',
         without('Security-Verify')),
        ('another Security-Verify', 'Security-Verify is not',
         replaced('Security-Verify', 'q=0.9', 'q=0.8')),
        ('Security-Verify in other letters', 'Security-Verify is not',
         replaced('Security-Verify', 'prot=esp', 'prot=ESP')),
        ('no Require', 'Require without', without('Require')),
        ('no Proxy-Require', 'Proxy-Require without',
         without('Proxy-Require'))):
    tests.add('complaint: ' + _name, _rule, _change)(spoils)
for _name, _rule, _change in (
        ('no Security-Client', 'no ipsec-3gpp', without('Security-Client')),
        ('the same SPI twice', 'SPIs', lambda req, s: replaced(
            'Security-Client', 'spi-c=%010d' % security.Mechanism.parse(
                req.get('Security-Client')).spis[0],
            'spi-c=%010d' % security.Mechanism.parse(
                req.get('Security-Client')).spis[1])(req, s)),
        ('a combination that is none', 'no such combination',
         replaced('Security-Client', 'ealg=aes-cbc', 'ealg=aes-ctr')),
        ('q in Security-Client', 'q in Security-Client',
         replaced('Security-Client', 'alg=hmac', 'q=0.1;alg=hmac')),
        ('port 5060 as protected', 'ports', lambda req, s: replaced(
            'Security-Client', 'port-s=%d' % s.ue.port_us,
            'port-s=5060')(req, s)),
        ('an SPI that is no number', 'bad spi-c', replaced(
            'Security-Client', 'spi-c=', 'spi-c=x')),
        ('Security-Verify too early', 'before an agreement',
         lambda req, s: req.add('Security-Verify', 'ipsec-3gpp;q=0.1')),
        ('a challenge answered in the clear', 'outside its associations',
         on_answer(answer_outside)),
        ('another Security-Client in the answer', 'has changed',
         on_answer(replaced('Security-Client', ';ealg=',
                            ';mod=trans;ealg=')))):
    tests.add('complaint: ' + _name, _rule, _change, False)(spoils)


@tests.add('complaint: not the algorithms of the highest q')
async def wrong_choice():
    async with scene('set sec_algs hmac-sha-1-96/null=0.9 '
                     'hmac-sha-1-96/aes-cbc=0.2', complaints=False,
                     pairs=[('hmac-sha-1-96', 'aes-cbc'),
                            ('hmac-sha-1-96', 'null')],
                     network='tcp') as s:
        real = s.ue.establish

        async def establish(offer, resp):
            s.ue.pairs = [('hmac-sha-1-96', 'aes-cbc')]
            await real(offer, resp)
        s.ue.establish = establish
        task = asyncio.ensure_future(s.ue.register())
        await s.box.until(lambda: s.box.complaints, 2)
        task.cancel()
        equal(s.box.complaints[0].text, 'it uses hmac-sha-1-96 aes-cbc, not '
              'hmac-sha-1-96 null')


@tests.add('complaint: a packet sent twice, an SPI never given')
async def bad_packets():
    async with scene(complaints=False) as s:
        await s.ue.register()
        s.ue.device.repeat = 1
        await s.ue.subscribe()
        check('s3.3.3' in s.box.complaints[0].rule, 'replay')
        s.box.do('complaints clear')
        for entry in s.ue.device.outbound.values():
            entry.association.spi ^= 0x5555
        asyncio.ensure_future(s.ue.subscribe())
        await s.box.until(lambda: s.box.complaints, 2)
        check('never given' in s.box.complaints[0].text, 'SPI')


if __name__ == '__main__':
    sys.exit(netns.main(tests))
