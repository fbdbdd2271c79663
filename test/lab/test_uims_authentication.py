#!/usr/bin/python3
# class: test
"""Authentication of uims in the lab (TS 34.229-1 clause 9; TS 24.229
s5.1.1.5.1, s5.1.1.5.3; TS 33.102 s6.3)."""
import asyncio
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab.scene import scene                                 # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

tests = Tests(60)


# ---- 9.1 MAC parameter invalid

async def mac_twice(network):
    async with scene('at REGISTER:1-2 bad-mac', transport=network) as s:
        await s.registered()
        equal(s.kinds(), ['initial', 'mac-failure', 'mac-failure',
                          'answer'], 'REGISTERs')
        found = [e.get('reason', '') for e in s.ue.named('challenge')]
        check('MAC' in found[0] and 'MAC' in found[1], 'challenges %s',
              found)
        await s.deregister()


tests.add('TS 34.229-1 9.1: MAC invalid twice, then a good challenge, udp',
          'udp')(mac_twice)
tests.add('TS 34.229-1 9.1: MAC invalid twice, then a good challenge, tcp',
          'tcp')(mac_twice)


@tests.add('TS 24.229 s5.1.1.5.12: two invalid challenges are answered, a '
           'third is not')
async def mac_thrice():
    async with scene('at REGISTER bad-mac') as s:
        event = await s.register()
        equal(event['event'], 'registration-failed', 'event')
        check(event.get('reason'), 'no reason: %s', event)
        await asyncio.sleep(0.5)
        equal(s.kinds(), ['initial', 'mac-failure', 'mac-failure'],
              'REGISTERs')


@tests.add('TS 33.102 s6.3.3: a wrong key is refused with a clear reason')
async def wrong_key():
    async with scene(settings={'k': '00' * 16}, complaints=False) as s:
        event = await s.register()
        equal(event['event'], 'registration-failed', 'event')
        check('MAC' in event.get('reason', ''), 'reason %s', event)
        check('answer' not in s.kinds(), 'it answered %s', s.kinds())
        equal(s.box.do('status'), [], 'the network')


@tests.add('RFC 3261 s22.2: a wrong password is refused')
async def wrong_password():
    async with scene(imsi='001010000000008',
                     settings={'password': 'another'},
                     complaints=False) as s:
        event = await s.register()
        equal((event['event'], event.get('status')),
              ('registration-failed', 403), 'event')


# ---- 9.2 SQN out of range

async def sqn(network):
    async with scene('at REGISTER:1 old-sqn', transport=network) as s:
        await s.registered()
        equal(s.kinds(), ['initial', 'sync-failure', 'answer'],
              'REGISTERs')
        found = [e.get('reason', '') for e in s.ue.named('challenge')]
        check('SQN' in found[0], 'challenges %s', found)
        await s.deregister()


tests.add('TS 34.229-1 9.2: SQN out of range, then normal, udp',
          'udp')(sqn)
tests.add('TS 34.229-1 9.2: SQN out of range, then normal, tcp',
          'tcp')(sqn)


async def sqn_variant(*lines, imsi='001010000000001'):
    async with scene('at REGISTER:1 old-sqn', *lines, imsi=imsi) as s:
        await s.registered()
        equal(s.kinds(), ['initial', 'sync-failure', 'answer'],
              'REGISTERs')


tests.add('TS 34.229-1 9.2: without qop', 'set qop none')(sqn_variant)
tests.add('TS 34.229-1 9.2: with an opaque',
          'set opaque xyz')(sqn_variant)
tests.add('TS 34.229-1 9.2: with AKAv2-MD5',
          'set algorithm AKAv2-MD5')(sqn_variant)


@tests.add('TS 34.229-1 9.2: with TUAK')
async def sqn_tuak():
    await sqn_variant(imsi='001010000000006')


@tests.add('TS 33.102 s6.3.3: bad MAC, then old SQN, then good')
async def mixed():
    async with scene('at REGISTER:1 bad-mac',
                     'at REGISTER:2 old-sqn') as s:
        await s.registered()
        equal(s.kinds(), ['initial', 'mac-failure', 'sync-failure',
                          'answer'], 'REGISTERs')


@tests.add('TS 33.102 annex C: SQN survives in the store')
async def sqn_kept():
    with tempfile.TemporaryDirectory(prefix='uims-test-') as folder:
        kept = {'folder': folder, 'settings': {'store': 'nv'}}
        async with scene(**kept) as s:
            await s.registered()
            await s.deregister()
            await s.quit()
            last = ((s.sub.seq << 5) | s.sub.ind).to_bytes(6, 'big')
        async with scene(**kept) as s:
            # a network that offers the last SQN once more
            fresh, old = s.sub.next_sqn, [last]
            s.sub.next_sqn = lambda: old.pop() if old else fresh()
            await s.registered()
            equal(s.kinds(), ['initial', 'sync-failure', 'answer'],
                  'REGISTERs')


@tests.add('TS 24.229 s5.1.1.5.3: a bad challenge during re-registration')
async def refresh_challenges():
    async with scene() as s:
        await s.registered()
        s.box.do('at REGISTER/refresh:1 bad-mac')
        s.box.do('at REGISTER/refresh:2 old-sqn')
        for _ in range(2):
            await s.ue.command('reregister')
            await s.event('reregistered')
        equal(s.kinds()[2:], ['refresh', 'mac-failure', 'answer', 'refresh',
                              'sync-failure', 'answer'], 'REGISTERs')
        await s.deregister()


@tests.add('TS 24.229 s5.1.1.6: a bad challenge during de-registration')
async def deregister_challenges():
    async with scene() as s:
        await s.registered()
        s.box.do('at REGISTER/deregister:1 old-sqn')
        await s.deregister()


@tests.add('RFC 2617 s3.2.3: a wrong Authentication-Info is not believed')
async def false_network():
    async with scene('set auth_info bad', complaints=False) as s:
        await s.ue.command('register')
        event = await s.event('registered', 'registration-failed',
                              'register-retry')
        check(event['event'] != 'registered', 'believed')


if __name__ == '__main__':
    sys.exit(tests.main())
