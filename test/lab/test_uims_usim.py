#!/usr/bin/python3
# class: test
"""uims with the card of a modem, by AT commands on a pseudo-terminal (TS
27.007 s8.17, s8.45 to s8.47; TS 31.102, TS 31.103), in the lab."""
import asyncio
import contextlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab.card import Card, text                             # noqa: E402
from lab.hss import Hss                                     # noqa: E402
from lab.modem import Modem                                 # noqa: E402
from lab.scene import scene                                 # noqa: E402
from lab import uims                                        # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

IMSI = '001010000000001'
# all that the card says, or that would be in its place
FROM_CARD = {'impi': None, 'impu': None, 'home': None, 'k': None,
             'opc': None}

tests = Tests(90)


@contextlib.asynccontextmanager
async def with_modem(*lines, card=None, settings=(), complaints=True,
                     **traits):
    card = card or Card(Hss().find(IMSI))
    async with Modem(card, **traits) as modem:
        async with scene(*lines, complaints=complaints, settings={
                **FROM_CARD, 'usim': 'at:' + modem.device,
                **dict(settings)}) as s:
            yield s, modem


def channels(modem):
    """No channel is left open."""
    equal(sorted(modem.card.app), [0], 'open channels')


async def whole(**traits):
    async with with_modem(**traits) as (s, modem):
        event = await s.registered()
        equal(event['impu'], s.sub.impus[0], 'default public identity')
        await s.ue.command('reregister')
        await s.event('reregistered')
        await s.deregister()
        channels(modem)
        await s.quit()


for name, more in (
        ('logical channels', {}),
        ('+CSIM with a channel of its own', {'logical': False}),
        ('octet by octet, echo, unsolicited lines between',
         {'piece': 1, 'noise': True}),
        ('+CSIM, in pieces of 3, unsolicited lines between',
         {'piece': 3, 'noise': True, 'logical': False}),
        ('no quotes, +CCHO with the number alone, all at once',
         {'quotes': False, 'bare': True, 'piece': 4096})):
    def case(more=more):
        return whole(**more)
    tests.add('TS 27.007: a whole registration: ' + name)(case)


async def identity(change, want_impi, **traits):
    sub = Hss().find(IMSI)
    card = Card(sub)
    change(card)
    async with with_modem(card=card, **traits) as (s, modem):
        await s.registered()
        first = s.box.seen('REGISTER', 'up')[0].data.decode()
        check('username="%s"' % want_impi in first, 'REGISTER %s', first)
        await s.deregister()


def usim_only(card):
    card.apps = ('USIM',)


def isim_only(card):
    card.apps = ('ISIM',)


def no_domain(card):
    del card.files[('ISIM', 0x6f03)]


def empty_impu(card):
    card.records[('ISIM', 0x6f04)][0] = b'\xff' * 100


HOME = Hss().home
for name, change in (
        ('TS 24.229 C.2: a card with USIM only', usim_only),
        ('TS 31.103 s4.2: a card with ISIM only', isim_only),
        ('TS 24.229 C.2: an ISIM without EF_DOMAIN', no_domain),
        ('TS 24.229 C.2: an ISIM whose first public identity is empty',
         empty_impu)):
    def case(change=change):
        return identity(change, '%s@%s' % (IMSI, HOME))
    tests.add(name)(case)


@tests.add('TS 24.229 5.1.1.1A: with an ISIM its identities are used')
async def isim_first():
    sub = Hss().find(IMSI)
    card = Card(sub, impu='sip:user01@%s' % HOME)
    async with with_modem(card=card) as (s, modem):
        await s.registered()
        first = s.box.seen('REGISTER', 'up')[0].data.decode()
        check('<sip:user01@%s>' % HOME in first, 'REGISTER %s', first)
        await s.deregister()


@tests.add('TS 34.229-1 9.1: MAC invalid twice: status 9862 of the card')
async def mac():
    async with with_modem('at REGISTER:1-2 bad-mac') as (s, modem):
        await s.registered()
        equal(s.kinds(), ['initial', 'mac-failure', 'mac-failure',
                          'answer'], 'REGISTERs')
        said = [a for c, a in modem.card.log if c[1] == 0x88]
        equal(said[:2], [b'\x98\x62'] * 2, 'what the card said')
        await s.deregister()
        channels(modem)


@tests.add('TS 34.229-1 9.2: SQN out of range: AUTS of the card')
async def sqn():
    async with with_modem('at REGISTER:1 old-sqn') as (s, modem):
        # the card has seen what the network offers once more
        modem.card.sqn = 1 << 42
        await s.registered()
        equal(s.kinds()[:2], ['initial', 'sync-failure'], 'REGISTERs')
        await s.deregister()


@tests.add('a card that refuses AUTHENTICATE: one outcome, with a reason')
async def refuses():
    async with with_modem(complaints=False) as (s, modem):
        modem.card.answers[0x88] = [b'\x69\x85'] * 9
        event = await s.register()
        equal((event['event'], event.get('reason')),
              ('registration-failed', 'the card failed'), 'event')
        check('refuses AUTHENTICATE' in s.ue.stderr, 'told %s', s.ue.stderr)
        channels(modem)


@tests.add('a modem that gives an error for AUTHENTICATE, then works')
async def error_once():
    async with with_modem(complaints=False) as (s, modem):
        modem.script['AT+CGLA=1,78'] = ['+CME ERROR: 13']
        event = await s.register()
        equal(event['event'], 'registration-failed', 'event')
        await s.registered()
        await s.deregister()
        channels(modem)


@tests.add('a silent modem: the loop goes on, the next time works')
async def silent():
    async with with_modem(complaints=False) as (s, modem):
        modem.script['AT+CGLA=1,78'] = ['']
        await s.ue.command('register')
        await s.ue.command('status')
        await s.event('status')
        event = await s.event('registered', 'registration-failed')
        equal(event['event'], 'registration-failed', 'event')
        await s.registered()
        await s.deregister()
        channels(modem)


async def stops(settings, why, card=None, script=(), inserted=True):
    """The program does not start; exit status 2, and it says why."""
    card = card or Card(Hss().find(IMSI))
    async with Modem(card) as modem:
        modem.script.update(script)
        modem.inserted = inserted
        found = {'pcscf': '127.0.0.1:9', 'usim': 'at:' + modem.device,
                 **settings}
        async with uims.Uims(found, 'register') as ue:
            equal(await ue.wait(30), 2, 'exit status')
            check(why in ue.stderr, 'told %r', ue.stderr)


def pin(card):
    card.answers[0xb0] = [b'\x69\x82']
    return card


tests.add('TS 27.007 s9.2: no card in the modem', {}, 'the card is gone',
          None, (), False)(stops)
tests.add('TS 27.007 s8.3: a card that wants its PIN', {}, 'PIN', None,
          {'AT+CPIN?': ['+CPIN: SIM PIN\nOK']})(stops)
tests.add('TS 102 221 s10.2: security status not satisfied', {}, 'PIN',
          pin(Card(Hss().find(IMSI))))(stops)
tests.add('a card without USIM and ISIM', {}, 'neither ISIM nor USIM',
          Card(Hss().find(IMSI), apps=()))(stops)
tests.add('no such device', {'usim': 'at:/dev/no-such-modem'},
          'No such file')(stops)
tests.add('a device that is no terminal', {'usim': 'at:/dev/null'},
          'ioctl')(stops)


async def removal(act, seconds=20):
    async with with_modem(complaints=False) as (s, modem):
        await s.registered()
        act(modem)
        event = await s.event('card-removed', seconds=seconds)
        check('gone' in event['reason'], 'event %s', event)
        # no card, no answer to a challenge; it might be slow only, so there
        # is a second one
        for n in (1, 2):
            s.box.do('at REGISTER/refresh:%d old-sqn' % n)
        await s.ue.command('reregister')
        event = await s.event('deregistered', seconds=60)
        equal(event['status'], 401, 'status')
        event = await s.event('error')
        check(event['what'] == 'reregister', 'event %s', event)
        # TS 24.229 C.2: nobody registers with the identities of that card
        await s.ue.command('register')
        event = await s.event('error')
        check(event['what'] == 'register', 'event %s', event)


tests.add('a card is taken out: noticed by the next check')(
    lambda: removal(lambda m: m.remove()))
tests.add('a card is taken out: the modem tells')(
    lambda: removal(lambda m: m.remove('+CPIN: NOT INSERTED'), 3))
tests.add('the modem is unplugged')(
    lambda: removal(lambda m: m.unplug(), 3))


@tests.add('hostile: files of a card that are not what they should be')
async def hostile():
    bad = (b'', b'\x80', b'\x80\xff', b'\x80\x81', b'\x80\x82\x01\x00',
           b'\x80\x05ab', text('a b@c'), text('x' * 127 + '@' + 'y' * 110),
           b'\x80\x03a\0b', b'\xff' * 256, b'\x80\x05a\r\nb@')
    for content in bad:
        card = Card(Hss().find(IMSI))
        card.files[('ISIM', 0x6f02)] = content
        card.records[('ISIM', 0x6f04)][0] = content[:255]
        async with with_modem(card=card, piece=4096) as (s, modem):
            # the USIM's identity, as if the ISIM were not there
            await s.registered(subscribed=False)
            await s.ue.command('quit')
            equal(await s.ue.wait(10), 0, 'exit status')


if __name__ == '__main__':
    sys.exit(tests.main())
