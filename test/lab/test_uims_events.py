#!/usr/bin/python3
# class: test
"""Subscription to the registration event and what the network does through
it (TS 34.229-1 clauses 10.1, 11.1, 11.2; RFC 3680; RFC 6665)."""
import asyncio
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab.scene import scene                                 # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

tests = Tests(60)


def acked(s):
    """The statuses of the answers to NOTIFY, in order."""
    return [e.name for e in s.box.trace
            if e.way == 'up' and e.msg and not e.msg.is_request and
            e.msg.get('CSeq', '').endswith(' NOTIFY')]


async def all_acked(s):
    await s.until(lambda: len(acked(s)) >= len(
        {(e.msg.get('Call-ID'), e.msg.get('CSeq'))
         for e in s.box.seen('NOTIFY', 'down')}), 'answers to all NOTIFYs')
    equal(set(acked(s)), {'200'}, 'answers to NOTIFY')


def not_before(waited, seconds):
    """The UE's clock counts whole milliseconds."""
    check(waited >= seconds - 0.002, 'after %.3f s', waited)


# ---- 10.1

@tests.add('TS 34.229-1 10.1: 503 with Retry-After to the SUBSCRIBE')
async def subscribe_503():
    async with scene('at SUBSCRIBE:1 status 503 Retry-After=2') as s:
        await s.registered()
        first, second = s.box.seen('SUBSCRIBE', 'up')
        check(first.msg.get('Call-ID') != second.msg.get('Call-ID'),
              'the same Call-ID')
        refusal = s.box.seen('503', 'down')[0]
        not_before(second.at - refusal.at, 2)
        await s.deregister()


@tests.add('TS 34.229-1 10.1: a refused subscription leaves the '
           'registration alone')
async def subscribe_refused():
    async with scene('at SUBSCRIBE status 403') as s:
        await s.registered(subscribed=False)
        await s.event('reg-subscription-ended')
        await s.ue.command('reregister')
        await s.event('reregistered')
        await s.deregister()


# ---- 11.1 network-initiated de-registration

FORMS = ('with', 'without', 'contact-only')
REASONS = {'rejected': 'network-rejected',
           'deactivated': 'network-deactivated',
           'probation': 'network-probation', 'expired': 'expired',
           'unregistered': 'network-unregistered'}


async def network_dereg(event, form, network='udp', more=''):
    async with scene(transport=network) as s:
        await s.registered()
        s.box.do('dereg %s %s %s %s' % (s.sub.imsi, event, form, more))
        got = await s.event('deregistered')
        want = REASONS[event] if form != 'without' else \
            'network-terminated'
        equal(got.get('reason'), want, 'reason')
        await all_acked(s)
        if event == 'deactivated' and form != 'without':
            # RFC 3680 s3.4: the UE registers again by itself
            await s.event('registered')
            equal(s.kinds().count('initial'), 2, 'initial REGISTERs')
            await s.event('reg-event')
            return await s.deregister()
        if event == 'probation':
            return check('wait_ms' in got, 'no wait: %s', got)
        if event == 'rejected' and form != 'without':
            await asyncio.sleep(1)
            equal(s.kinds().count('initial'), 1, 'initial REGISTERs')
            check('wait_ms' not in got, 'goes on by itself: %s', got)
            # until the user acts
            await s.registered()
            await s.deregister()


for _event in REASONS:
    for _form in FORMS if _event == 'rejected' else ('with',
                                                     'contact-only'):
        tests.add('TS 34.229-1 11.1: network de-registration, %s, %s' % (
            _event, _form), _event, _form)(network_dereg)
tests.add('TS 34.229-1 11.1: network de-registration over TCP', 'rejected',
          'with', 'tcp')(network_dereg)
tests.add('TS 34.229-1 11.1: the subscription stays active', 'rejected',
          'without', 'udp', 'substate=active')(network_dereg)


@tests.add('RFC 3680 s3.4: probation: registered again after retry-after')
async def probation():
    async with scene() as s:
        await s.registered()
        start = time.monotonic()
        s.box.do('dereg %s probation with retry-after=2' % s.sub.imsi)
        got = await s.event('deregistered')
        equal(got.get('reason'), 'network-probation', 'reason')
        await s.event('registered')
        second = [e for e in s.box.seen('REGISTER', 'up')
                  if e.kind == 'initial'][1]
        not_before(second.at - start, 2)
        await s.event('reg-event')
        await s.deregister()


@tests.add('TS 24.229 s5.1.1.7: partial document, another device is not us')
async def foreign():
    async with scene('foreign on', 'set partial on') as s:
        await s.registered()
        s.box.do('notify %s partial' % s.sub.imsi)
        s.box.do('notify %s full' % s.sub.imsi)
        await all_acked(s)
        await s.ue.command('reregister')
        await s.event('reregistered')
        equal(s.ue.named('deregistered'), [], 'de-registrations')
        s.box.do('dereg %s rejected' % s.sub.imsi)
        got = await s.event('deregistered')
        equal(got.get('reason'), 'network-rejected', 'reason')


# ---- 11.2 network-initiated re-authentication

@tests.add('TS 34.229-1 11.2: shortened: re-registration in time, '
           'challenged')
async def shortened():
    async with scene('set challenge never') as s:
        await s.registered()
        s.box.do('shorten %s 6' % s.sub.imsi)
        await s.event('reregistered')
        equal(s.kinds()[2:], ['refresh', 'answer'], 'REGISTERs')
        await all_acked(s)
        await s.deregister()


@tests.add('TS 34.229-1 11.2: shortened in a partial document')
async def shortened_partial():
    async with scene('set partial on') as s:
        await s.registered()
        s.box.do('shorten %s 6' % s.sub.imsi)
        await s.event('reregistered')
        await s.deregister()


# ---- the life of the subscription

@tests.add('RFC 6665 s4.1.2.2: the subscription is refreshed in time')
async def sub_refreshed():
    async with scene('set sub_grant 6') as s:
        await s.registered()
        await s.until(lambda: len(s.box.seen('SUBSCRIBE', 'up')) >= 3,
                      'two refreshes')
        calls = {e.msg.get('Call-ID')
                 for e in s.box.seen('SUBSCRIBE', 'up')}
        equal(len(calls), 1, 'dialogs')
        await s.deregister()


@tests.add('RFC 6665 s4.1.2.2: 481 to the refresh: a new subscription')
async def sub_lost():
    async with scene('set sub_grant 6') as s:
        await s.registered()
        s.box.do('forget-subscription %s' % s.sub.imsi)
        await s.until(lambda: len(s.box.scscf.account(
            s.sub.imsi).subscriptions) == 1, 'a new subscription')
        calls = {e.msg.get('Call-ID')
                 for e in s.box.seen('SUBSCRIBE', 'up')}
        equal(len(calls), 2, 'dialogs')
        await s.deregister()


async def ended(reason, again, seconds=''):
    async with scene() as s:
        await s.registered()
        at = time.monotonic()
        s.box.do('end-subscription %s %s %s' % (s.sub.imsi, reason,
                                                seconds))
        event = await s.event('reg-subscription-ended')
        check(reason in event.get('reason', ''), 'reason: %s', event)
        if again:
            s.ue.something_new()        # the NOTIFY may have had a document
            await s.event('reg-event')
            second = s.box.seen('SUBSCRIBE', 'up')[1]
            not_before(second.at - at, int(seconds or 0))
        else:
            await asyncio.sleep(1)
            equal(len(s.box.seen('SUBSCRIBE', 'up')), 1, 'SUBSCRIBEs')
        await all_acked(s)
        await s.deregister()


for _reason, _again, _seconds in (
        ('deactivated', True, ''), ('timeout', True, ''),
        ('probation', True, '2'), ('giveup', True, '2'),
        ('rejected', False, ''), ('noresource', False, ''),
        ('invariant', False, '')):
    tests.add('RFC 6665 s4.1.3: subscription terminated, ' + _reason,
              _reason, _again, _seconds)(ended)


# ---- documents

@tests.add('RFC 3680 s5.1: a gap in the versions: subscribed anew')
async def gap():
    async with scene('set partial on') as s:
        await s.registered()
        s.box.do('notify %s gap' % s.sub.imsi)
        await s.until(lambda: len(s.box.seen('SUBSCRIBE', 'up')) > 1,
                      'another SUBSCRIBE')
        await s.event('reg-event')
        await all_acked(s)
        await s.deregister()


@tests.add('RFC 3680 s5.1: a version seen before is passed over')
async def repeated():
    async with scene('set partial on') as s:
        await s.registered()
        s.box.do('notify %s repeat' % s.sub.imsi)
        await all_acked(s)
        await s.deregister()


async def bad_document(what):
    async with scene(complaints=False) as s:
        await s.registered()
        s.box.do('notify %s %s' % (s.sub.imsi, what))
        await s.until(lambda: len(acked(s)) >= 2, 'an answer')
        check(acked(s)[-1] in ('200', '400', '488'), 'answer %s',
              acked(s)[-1])
        await s.ue.command('reregister')
        await s.event('reregistered')
        await s.deregister()


tests.add('RFC 3680 s4.5, s5: a NOTIFY without body', 'empty')(bad_document)
tests.add('RFC 3680 s5: a NOTIFY with half a document',
          'broken')(bad_document)


@tests.add('TS 24.229 s5.1.1.3: 200 to SUBSCRIBE without NOTIFY')
async def no_notify():
    async with scene('at SUBSCRIBE:1 no-notify') as s:
        await s.registered(subscribed=False)
        await s.until(lambda: s.box.seen('SUBSCRIBE', 'up'), 'SUBSCRIBE')
        await s.ue.command('reregister')
        await s.event('reregistered')
        await s.deregister()


if __name__ == '__main__':
    sys.exit(tests.main())
