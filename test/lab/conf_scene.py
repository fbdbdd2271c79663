"""uims in a conference of the lab: what the end-to-end tests share, and the
leaving flow of TS 24.147 clause 6.5.2.1."""
import asyncio
import contextlib

from . import flows, scene as scenes, sip, uims
from .testing import check, equal
from .tinyconf import ConfUe

# without messages, which would be offered first
# privacy: as the tables have it
AUDIO = {'audio': '4000', 'messages': 'off', 'privacy': 'none'}


@contextlib.asynccontextmanager
async def conference(*lines, settings=(), **kw):
    """A registered UE; conferences with audio."""
    async with scenes.scene('set conf_media audio', *lines,
                     settings={**AUDIO, **dict(settings)}, **kw) as s:
        await s.registered()
        s.home = s.box.hss.home
        yield s


async def run(s, line, *events, seconds=20):
    """A command; the event that ends it."""
    await s.ue.command(line)
    return await s.event(*events, seconds=seconds)


async def create(s, *users):
    event = await run(s, ' '.join(('create',) + users), 'conference-joined',
                      'conference-failed')
    equal(event['event'], 'conference-joined', '%s: event' % event)
    return list(s.box.conf.conferences.values())[-1]


async def roster(s, **want):
    """Until the roster is this: user part of the URI to status."""
    want = {k.replace('me', s.sub.impus[0].split('@')[0][4:]): v
            for k, v in want.items()}

    def now():
        found = s.ue.named('roster')
        if not found:
            return None
        users = [u.rsplit(' ', 1) for u in found[-1]['users'].split(', ')
                 if u]
        return {u[4:].split('@')[0]: status for u, status in users
                if status != 'disconnected'}

    for _ in range(1000):
        if now() == want:
            return
        await asyncio.sleep(0.01)
    check(False, 'roster %s, not %s', now(), want)


async def leave(s):
    event = await run(s, 'leave', 'conference-ended')
    equal(event.get('reason'), 'left', 'reason')


@contextlib.asynccontextmanager
async def other(s, imsi='001010000000002'):
    """A second, small UE in the same network."""
    async with ConfUe(s.box.hss.find(imsi), (
            '127.0.0.1', s.box.pcscfs[0].port)) as ue:
        ue.expires = 600000
        equal((await ue.register()).status, 200, 'REGISTER')
        s.box.checker.cseqs.clear()
        yield ue


@contextlib.asynccontextmanager
async def another(s, imsi='001010000000002', **settings):
    """A second uims in the same network."""
    sub = s.box.hss.find(imsi)
    found = uims.settings_for(sub, [s.box.pcscfs[0].address], '127.0.0.1',
                              'udp')
    found.update(timers='rfc3261', imei=scenes.IMEI[:-1] + '9')
    found.update(settings or AUDIO)
    async with uims.Uims(found) as ue:
        await ue.command('register')
        event = await ue.event('registered')
        check(event, 'the second UE is not registered: %s', ue.stderr)
        ue.sub = sub
        yield ue


def up(s, method, **headers):
    """The requests of the UE with these headers, in order."""
    return [e.msg for e in s.box.seen(method, 'up') if e.msg and all(
        (e.msg.get(k.replace('_', '-')) or '').startswith(v)
        for k, v in headers.items())]


async def answered(s, requests):
    """The UE's 200 to each of these; the last one may be on its way."""
    def found(req):
        return [e.msg for e in s.box.seen('200', 'up') if e.msg and
                (e.msg.get('Call-ID'), e.msg.get('CSeq')) ==
                (req.get('Call-ID'), req.get('CSeq'))]

    await s.until(lambda: all(map(found, requests)), 'a 200 to each')
    for req in requests:
        equal(len({str(msg) for msg in found(req)}), 1, '200s to a request')
    return [found(req)[0] for req in requests]


async def answers(s, uri, *methods):
    """Each request of these methods to the UE with this identity was
    answered 200, with the headers that belong there; how many of each."""
    count = dict.fromkeys(methods, 0)
    requests = [e.msg for e in s.box.trace if e.way == 'down' and e.msg and
                e.msg.is_request and e.msg.method in methods and
                uri in e.msg.get('To')]
    for req, resp in zip(requests, await answered(s, requests)):
        equal(flows.answered(req, resp), [], '200 to %s' % req.method)
        count[req.method] += 1
    return count


# ---- TS 24.147 6.5.2.1: a user leaves a conference

def position(s, test):
    for i, e in enumerate(s.box.trace):
        if e.msg and test(e):
            return i
    return None


async def leaving(network, *lines, secure=None, **kw):
    """Steps 1 to 27, as the UE and its P-CSCF see them: 1, 8, 12, 13, 16,
    21, 24, 25."""
    sec = {} if secure else {
        'Require': flows.SEC, 'Proxy-Require': flows.SEC,
        'Security-Verify': flows.SEC}
    async with conference(*lines, transport=network, secure=secure,
                          **kw) as s:
        conf = await create(s)
        await s.event('conference-subscribed')
        # RFC 6665 s4.4.1: the NOTIFY may have come before the 200
        await s.until(lambda: s.ue.named('roster'), 'roster')
        await run(s, 'leave', 'conference-ended')
        invite, = up(s, 'INVITE')
        answer = [e.msg for e in s.box.seen('200', 'down')
                  if e.msg.cseq()[1] == 'INVITE'][0]
        bye, = up(s, 'BYE')
        # step 1: the dialog is that of the INVITE
        equal(flows.compare('6.5.2.1-1', bye, {
            'Request-URI': conf.uri, 'Max-Forwards': '70',
            'Route': ', '.join(reversed(answer.values('Record-Route'))),
            'From': invite.get('From'), 'To': answer.get('To'),
            'Call-ID': invite.get('Call-ID'),
            'CSeq': lambda got, _: int(got.split()[0]) > invite.cseq()[0]
            and got.endswith(' BYE')}, lacks={
                'P-Access-Network-Info': flows.PANI, **sec}), [],
              'table 6.5.2.1-1')
        check(sip.Uri.parse(bye.get('To').split('<')[1].split('>')[0]).same(
            sip.Uri.parse(s.box.conf.factory)), 'To %s', bye.get('To'))
        # step 16: the dialog is that of the subscription
        first, end = [r for r in up(s, 'SUBSCRIBE', Event='conference')]
        granted = [e.msg for e in s.box.seen('200', 'down')
                   if e.msg.get('Call-ID') == first.get('Call-ID')][0]
        equal(flows.compare('6.5.2.1-14', end, {
            'Request-URI': conf.uri, 'Max-Forwards': '70',
            'Route': ', '.join(reversed(granted.values('Record-Route'))),
            'From': first.get('From'), 'To': granted.get('To'),
            'Call-ID': first.get('Call-ID')}), [], 'table 6.5.2.1-14')
        # steps 12, 13: departed; steps 24, 25: terminated
        notifies = [e.msg for e in s.box.seen('NOTIFY', 'down')
                    if e.msg.get('Call-ID') == first.get('Call-ID')]

        def answers():
            return [e.msg for e in s.box.seen('200', 'up')
                    if e.msg.get('Call-ID') == first.get('Call-ID')]

        await s.until(lambda: len(answers()) == len(notifies),
                      'a 200 to each NOTIFY')
        oks = answers()
        for name, notify, ok in (
                ('6.5.2.1-11', notifies[-2], oks[-2]),
                ('6.5.2.1-23', notifies[-1], oks[-1])):
            equal(flows.compare(name, ok, {
                'Via': ', '.join(notify.values('Via')),
                'From': notify.get('From'), 'To': notify.get('To'),
                'Call-ID': notify.get('Call-ID'),
                'CSeq': notify.get('CSeq')}), [], 'table ' + name)
        check(notifies[-1].get('Subscription-State').startswith(
            'terminated'), 'the last NOTIFY')
        # the order of the figure
        order = [position(s, lambda e: e.msg is bye),
                 position(s, lambda e: e.way == 'down' and e.name == '200'
                          and e.msg.cseq()[1] == 'BYE'),
                 position(s, lambda e: e.msg is end),
                 position(s, lambda e: e.msg is notifies[-1])]
        equal(order, sorted(order), 'the order of the steps')
        ended = s.ue.named('conference-ended')
        equal(len(ended), 1, 'outcomes')
        equal(conf.users, {}, 'who is left')
        await s.deregister()
