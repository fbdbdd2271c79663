#!/usr/bin/python3
# class: check
"""The lab's conference server and MSRP switch, without our UE: procedures
with a small scripted UE, strictness of the checks, every misbehaviour."""
import asyncio
import contextlib
import os
import sys
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import cpim, sdp as sdps                           # noqa: E402
from lab.box import Box                                     # noqa: E402
from lab.testing import Tests, check, equal, no_complaints  # noqa: E402
from lab.tinyconf import ConfUe, rosters, sipfrags          # noqa: E402

NS = '{urn:ietf:params:xml:ns:conference-info}'
tests = Tests(30)


@contextlib.asynccontextmanager
async def ues(count=1, *lines, complaints=True, network='udp',
              host='127.0.0.1'):
    """A box with so many registered UEs."""
    async with Box([host]) as box, contextlib.AsyncExitStack() as stack:
        box.do('set expires 0')
        for line in lines:
            box.do(line)
        found = []
        for n in range(1, count + 1):
            sub = box.hss.find('00101000000000%d' % n)
            ue = await stack.enter_async_context(ConfUe(
                sub, (host, box.pcscfs[0].port), host, network=network))
            equal((await ue.register()).status, 200, 'REGISTER')
            found.append(ue)
        yield (box, *found)
        if complaints:
            no_complaints(box)


def users(doc):
    """{entity: endpoint status} of a document."""
    root = ET.fromstring(doc)
    return {u.get('entity'): u.findtext('%sendpoint/%sstatus' % (NS, NS))
            for u in root.iter(NS + 'user')}


async def factory(network, host='127.0.0.1'):
    async with ues(1, network=network, host=host) as (box, ue):
        resp, call = await ue.invite(box.conf.factory)
        equal(resp.status, 200, 'INVITE')
        check('isfocus' in resp.addr('Contact').params, 'no isfocus')
        check(call.target != box.conf.factory, 'the factory is no focus')
        resp, watch = await ue.watch(call.target)
        equal(resp.status, 200, 'SUBSCRIBE')
        check(await ue.until(lambda: rosters(ue)), 'no NOTIFY')
        equal(users(rosters(ue)[-1].body), {ue.impus[0]: 'connected'},
              'roster')
        check(await ue.until(lambda: call.session.conn), 'no MSRP')
        equal((await ue.bye(call)).status, 200, 'BYE')
        check(await ue.until(lambda: users(rosters(ue)[-1].body).get(
            ue.impus[0]) == 'disconnected'), 'still in the roster')
        equal((await ue.unwatch(watch)).status, 200, 'SUBSCRIBE 0')
        check(await ue.until(lambda: rosters(ue)[-1].get(
            'Subscription-State').startswith('terminated')), 'not ended')


tests.add('TS 24.147 s5.3.2.3.1, s5.3.2.6.1: factory, subscription, leaving,'
          ' udp', 'udp')(factory)
tests.add('TS 24.147 s5.3.2.3.1, s5.3.2.6.1: factory, subscription, leaving,'
          ' tcp', 'tcp')(factory)
tests.add('TS 24.147 s5.3.2.3.1, s5.3.2.6.1: factory, subscription, leaving,'
          ' IPv6', 'udp', '::1')(factory)


@tests.add('RFC 5366: a conference with a list of users')
async def with_list():
    async with ues(2, network='tcp') as (box, one, two):
        robot = 'sip:robot1@' + box.hss.home
        busy = 'sip:busy1@' + box.hss.home
        resp, call = await one.invite(box.conf.factory, users=[
            two.impus[0], robot, busy])
        equal(resp.status, 200, 'INVITE')
        conf = box.conf.conferences[call.target]
        check(await one.until(lambda: [u.status for u in
                                       conf.users.values()] ==
                              ['connected'] * 3), 'users %s' % {
            u.uri: u.status for u in conf.users.values()})
        invite = two.heard('INVITE')[0]
        check('isfocus' in invite.addr('Contact').params, 'no isfocus')
        equal(invite.get('P-Asserted-Identity'), '<%s>' % conf.uri,
              'P-Asserted-Identity')
        check(await two.until(lambda: two.calls[0].session.conn), 'MSRP')
        equal((await one.bye(call)).status, 200, 'BYE')
        await two.bye(two.calls[0])


@tests.add('RFC 3312, RFC 3262: preconditions, 183, PRACK, UPDATE')
async def preconditions():
    async with ues(1) as (box, ue):
        for qos in ('none', 'sendrecv'):
            resp, call = await ue.invite(box.conf.factory, 'audio', qos)
            equal(resp.status, 200, 'INVITE')
            equal(len(call.provisional), 1, 'reliable answers')
            await ue.bye(call)
        names = [e.name for e in box.trace if e.way == 'up']
        equal(names.count('PRACK'), 2, 'PRACKs')
        equal(names.count('UPDATE'), 1, 'UPDATEs')


@tests.add('RFC 3261 s13.2.1: an INVITE without offer')
async def late_offer():
    async with ues(1) as (box, ue):
        resp, call = await ue.invite(box.conf.factory, late=True)
        equal(resp.status, 200, 'INVITE')
        check(await ue.until(lambda: call.session.conn), 'no MSRP')
        await ue.bye(call)


@tests.add('TS 24.147 s5.3.2.5.2, s5.3.2.6.2: REFER invites and removes')
async def refer():
    async with ues(2) as (box, one, two):
        _, call = await one.invite(box.conf.factory)
        conf = box.conf.conferences[call.target]
        resp = await one.refer(conf.uri, '<%s>' % two.impus[0], call)
        equal(resp.status, 202, 'REFER')
        check(await one.until(lambda: len(sipfrags(one)) == 2), 'NOTIFYs')
        equal(sipfrags(one), [('active', 'SIP/2.0 100 Trying'),
                              ('terminated', 'SIP/2.0 200 OK')], 'told')
        equal(len(two.calls), 1, 'calls of the other')
        # outside of the dialog, of another one
        resp = await one.refer(conf.uri, '<%s;method=BYE>' % two.impus[0])
        equal(resp.status, 202, 'REFER')
        check(await one.until(lambda: two.calls[0].state == 'ended'),
              'not removed')
        check(await one.until(lambda: len(sipfrags(one)) == 4), 'NOTIFYs')
        # nobody there; busy
        for name, want in (('nobody', '404'), ('busy', '486')):
            seen = len(sipfrags(one))
            await one.refer(conf.uri, '<sip:%s@%s>' % (name, box.hss.home),
                            call)
            check(await one.until(lambda: len(sipfrags(one)) == seen + 2),
                  'NOTIFYs')
            check(want in sipfrags(one)[-1][1], 'told %s' % sipfrags(one))
        # RFC 4488
        seen = len(sipfrags(one))
        resp = await one.refer(conf.uri, '<sip:robot9@%s>' % box.hss.home,
                               call, [('Refer-Sub', 'false')])
        equal(resp.get('Refer-Sub'), 'false', 'Refer-Sub')
        await asyncio.sleep(0.2)
        equal(len(sipfrags(one)), seen, 'NOTIFYs')
        await one.bye(call)


@tests.add('RFC 4579 s5.12: the end of a conference for all')
async def end():
    async with ues(2) as (box, one, two):
        _, call = await one.invite(box.conf.factory)
        _, other = await two.invite(call.target)
        await one.watch(call.target)
        await one.refer(call.target, '<%s;method=BYE>' % call.target, call)
        check(await one.until(lambda: call.state == other.state == 'ended'),
              'states %s %s' % (call.state, other.state))
        check(await one.until(lambda: 'noresource' in rosters(one)[-1].get(
            'Subscription-State')), 'subscription goes on')
        resp, _ = await one.invite(call.target)
        equal(resp.status, 404, 'INVITE after the end')


@tests.add('RFC 3264 s8.4: hold and resume, from the focus')
async def hold():
    async with ues(1) as (box, ue):
        _, call = await ue.invite(box.conf.factory, 'audio')
        await ue.watch(call.target)
        name = ue.impus[0].split('@')[0][4:]
        box.do('conf hold - %s on' % name)
        check(await ue.until(lambda: len(ue.heard('INVITE')) == 1), 'none')
        check(b'a=sendonly' in ue.heard('INVITE')[0].body, 'offer')
        check(await ue.until(lambda: users(rosters(ue)[-1].body) == {
            ue.impus[0]: 'on-hold'}), 'roster')
        box.do('conf hold - %s off' % name)
        check(await ue.until(lambda: users(rosters(ue)[-1].body) == {
            ue.impus[0]: 'connected'}), 'roster')
        await ue.bye(call)


@tests.add('RFC 4575 s4.6, RFC 6665: documents, odd ones, and the end')
async def documents():
    async with ues(1) as (box, ue):
        uri = box.do('conf new meeting sip:robot1@x.y sip:robot2@x.y')
        _, watch = await ue.watch(uri)
        box.do('conf add meeting sip:robot3@x.y Robot')
        box.do('conf drop meeting robot1')
        check(await ue.until(lambda: len(rosters(ue)) == 3), 'NOTIFYs')
        found = [ET.fromstring(r.body) for r in rosters(ue)]
        equal([f.get('state') for f in found],
              ['full', 'partial', 'partial'], 'states')
        equal([f.get('version') for f in found], ['0', '1', '2'],
              'versions')
        equal(found[2].findtext('%sconference-state/%suser-count' % (
            NS, NS)), '2', 'user-count')
        for form in ('full', 'gap', 'repeat', 'old', 'deleted', 'bad-ns',
                     'entity', 'seed', 'draft', 'empty', 'broken'):
            seen = len(rosters(ue))
            box.do('conf notify meeting ' + form)
            check(await ue.until(lambda: len(rosters(ue)) == seen + 1),
                  form)
            body = rosters(ue)[-1].body
            if form == 'empty':
                equal(body, b'', 'body')
            elif form == 'broken':
                try:
                    ET.fromstring(body)
                    check(False, 'it is well formed')
                except ET.ParseError:
                    pass
            else:
                ET.fromstring(body)
        box.do('conf end-subscriptions meeting deactivated 5')
        check(await ue.until(lambda: 'retry-after=5' in rosters(ue)[-1].get(
            'Subscription-State')), 'no end')
        resp = await ue.unwatch(watch)
        equal(resp.status, 481, 'SUBSCRIBE after the end')


@tests.add('RFC 3261 s9: CANCEL; s13.3.1.4: a UE that refuses')
async def cancel():
    async with ues(2) as (box, one, two):
        _, call = await one.invite(box.conf.factory)
        two.answer_status = 603
        await one.refer(call.target, '<%s>' % two.impus[0], call)
        check(await one.until(lambda: len(sipfrags(one)) == 2), 'NOTIFYs')
        equal(sipfrags(one)[-1][1], 'SIP/2.0 603 Decline', 'told')
        await one.bye(call)


@tests.add('UE to UE: INVITE, MSRP, BYE; MESSAGE; REFER and its NOTIFYs')
async def between():
    async with ues(2) as (box, one, two):
        resp, call = await one.invite(two.impus[0])
        equal(resp.status, 200, 'INVITE')
        check(await one.until(lambda: call.session.conn), 'no MSRP')
        equal(await call.session.send(b'hello', 'text/plain'), 200, 'SEND')
        equal(two.endpoint_.messages[-1].body, b'hello', 'heard')
        equal((await one.bye(call)).status, 200, 'BYE')
        req = one.initial('MESSAGE', two.impus[0]).remove('Contact')
        req.add('Content-Type', 'text/plain')
        req.body = b'page'
        equal((await one.ask(req)).status, 200, 'MESSAGE')
        equal(two.heard('MESSAGE')[0].body, b'page', 'body')


# ---- PoC: release scenarios for the pre-established session

@contextlib.asynccontextmanager
async def pre_established():
    async with ues(1) as (box, ue):
        poc = box.poc.session('talk', 'sip:robot1@x.y', 'sip:robot2@x.y')
        resp, call = await ue.invite(box.poc.factory, 'audio')
        equal(resp.status, 200, 'INVITE')
        resp, watch = await ue.watch(call.target)
        equal(resp.status, 200, 'SUBSCRIBE')
        equal((await ue.refer(call.target, '<%s>' % poc.uri)).status, 202,
              'REFER')
        check(await ue.until(lambda: sipfrags(ue)), 'no NOTIFY')
        yield box, ue, poc, call
        equal(call.state, 'confirmed', 'the pre-established session')
        await ue.bye(call)


@tests.add('PoC 9.X.3: participant notifications name the PoC session')
async def poc_notifications():
    async with pre_established() as (box, ue, poc, call):
        check(await ue.until(lambda: len(rosters(ue)) >= 2), 'NOTIFYs')
        doc = ET.fromstring(rosters(ue)[-1].body)
        equal(doc.get('entity'), poc.uri, 'entity')
        check(ue.impus[0] in users(rosters(ue)[-1].body), 'not in it')


@tests.add('PoC 9.X.1: REFER(BYE) for oneself')
async def poc_leave():
    async with pre_established() as (box, ue, poc, call):
        seen = len(sipfrags(ue))
        equal((await ue.refer(call.target, '<%s;method=BYE>' %
                              poc.uri)).status, 202, 'REFER')
        check(await ue.until(lambda: len(sipfrags(ue)) == seen + 1), 'none')
        equal(sipfrags(ue)[-1], ('terminated', 'SIP/2.0 200 OK'), 'told')
        equal(sorted(poc.users), ['sip:robot1@x.y', 'sip:robot2@x.y'],
              'who is left')


@tests.add('PoC 9.X.2: REFER(BYE) for all')
async def poc_release():
    async with pre_established() as (box, ue, poc, call):
        seen = len(sipfrags(ue))
        equal((await ue.refer(poc.uri, '<sip:robot1@x.y;method=BYE>'))
              .status, 202, 'REFER')
        check(await ue.until(lambda: len(sipfrags(ue)) == seen + 1), 'none')
        equal(poc.users, {}, 'who is left')


# ---- draft-ranjit-sipping-conference-01

@tests.add('draft-ranjit F1 to F52: INITIATE, add, remove, hold, resume, end')
async def initiated():
    async with ues(3, 'set conf_media audio') as (box, one, two, three):
        req = one.initial('INITIATE', box.initiate.factory)
        req.add('Confer-To', '%s;action=add, sip:robot1@x.y;action=add' %
                two.impus[0])
        req.add('Event', 'Conference')
        req.add('Accept', 'application/conference-info+xml')
        equal((await one.ask(req)).status, 202, 'INITIATE')
        conf = list(box.initiate.conferences.values())[0]

        def states():
            return {u.uri: u.status for u in conf.users.values()}

        async def become(uri, want):
            check(await one.until(lambda: states().get(uri) == want),
                  '%s is not %s: %s', uri, want, states())

        for uri in (one.impus[0], two.impus[0], 'sip:robot1@x.y'):
            await become(uri, 'connected')
        call = one.calls[0]

        async def refer(uri, action):
            resp = await one.refer(None, '%s;action=%s' % (uri, action),
                                   call)
            equal(resp.status, 202, 'REFER')

        await refer(three.impus[0], 'add')
        await become(three.impus[0], 'connected')
        await refer(three.impus[0], 'hold')
        await become(three.impus[0], 'on-hold')
        check(b'a=recvonly' in three.heard('INVITE')[-1].body, 'offer')
        await refer(three.impus[0], 'resume')
        await become(three.impus[0], 'connected')
        await refer('sip:robot1@x.y', 'remove')
        await become('sip:robot1@x.y', None)
        await three.bye(three.calls[0])
        await become(three.impus[0], None)
        await one.bye(call)
        check(await one.until(lambda: two.calls[0].state == 'ended'), 'BYE')
        check(all(r.get('Event') == 'Conference' for r in rosters(one)),
              'Event')


# ---- MSRP endpoints, one to one

@tests.add('RFC 5547: files both ways; RFC 5438: notifications; echo')
async def peers():
    async with ues(1) as (box, ue):
        resp, call = await ue.invite('sip:echo@' + box.peers.domain)
        equal(resp.status, 200, 'INVITE')
        check(await ue.until(lambda: call.session.conn), 'no MSRP')
        await call.session.send(b'hello', 'text/plain')
        check(await ue.until(lambda: [m.body for m in
                                      ue.endpoint_.messages] == [b'hello']),
              'no echo')
        await ue.bye(call)
        resp, call = await ue.invite('sip:imdn@' + box.peers.domain)
        check(await ue.until(lambda: call.session.conn), 'no MSRP')
        await call.session.send(cpim.make(
            ue.impus[0], 'sip:imdn@x', 'text', imdn_id='abc',
            want='positive-delivery, display').to_bytes(), 'message/cpim')
        check(await ue.until(lambda: len(ue.endpoint_.messages) == 3), '')
        check(b'<delivered/>' in ue.endpoint_.messages[1].body and
              b'<displayed/>' in ue.endpoint_.messages[2].body, 'IMDN')
        await ue.bye(call)
        ue.switch.accept_types = '*'
        box.do('peer call %s file file 30000' % ue.sub.imsi)
        check(await ue.until(lambda: len(ue.endpoint_.messages) == 4),
              'no file')
        equal(len(ue.endpoint_.messages[3].body), 30000, 'octets')


# ---- MSRP

@contextlib.asynccontextmanager
async def room(count, *lines, complaints=True):
    async with ues(count, *lines, complaints=complaints) as (box, *all_):
        uri = box.do('conf new room')
        calls = []
        for ue in all_:
            _, call = await ue.invite(uri)
            check(await ue.until(lambda: call.session.conn), 'no MSRP')
            calls.append(call)
        yield box, box.conf.conferences[uri], all_, calls


def said(ue, uri, to, text, **kw):
    return cpim.make(ue.impus[0], to, text, **kw).to_bytes()


@tests.add('RFC 7701 s6: to all, to one, to nobody')
async def talking():
    async with room(3) as (box, conf, all_, calls):
        one, two, three = all_
        body = said(one, conf.uri, conf.uri, 'to all')
        equal(await calls[0].session.send(body, 'message/cpim'), 200, 'SEND')
        check(await one.until(lambda: len(two.endpoint_.messages) == len(
            three.endpoint_.messages) == 1), 'not heard')
        equal(two.endpoint_.messages[0].body, body, 'body')
        equal(one.endpoint_.messages, [], 'own words')
        body = said(one, conf.uri, two.impus[0], 'to one')
        equal(await calls[0].session.send(body, 'message/cpim'), 200, 'SEND')
        check(await one.until(lambda: len(two.endpoint_.messages) == 2), '')
        equal(len(three.endpoint_.messages), 1, 'of the third')
        body = said(one, conf.uri, 'sip:none@x.y', 'to nobody')
        equal(await calls[0].session.send(body, 'message/cpim'), 404, 'SEND')
        conf.room.private = False
        body = said(one, conf.uri, two.impus[0], 'to one')
        equal(await calls[0].session.send(body, 'message/cpim'), 428, 'SEND')
        box.do('conf add room sip:robot1@x.y')
        box.do('conf say room robot1 hello')
        check(await one.until(lambda: len(one.endpoint_.messages) == 1), '')


@tests.add('RFC 4975 s7: chunks, reports, what is refused')
async def sending():
    async with room(2) as (box, conf, all_, calls):
        one, two = all_
        session = calls[0].session
        long = said(one, conf.uri, conf.uri, 'x' * 20000)
        equal(await session.send(long, 'message/cpim', success=True), 200,
              'SEND')
        check(await one.until(lambda: one.endpoint_.reports), 'no REPORT')
        check(await one.until(lambda: two.endpoint_.messages and
                              two.endpoint_.messages[0].body == long), 'body')
        equal(await session.send(b'x', 'image/png'), 415, 'SEND')
        big = said(one, conf.uri, conf.uri, 'x' * 40000)
        equal(await session.send(big, 'message/cpim'), 413, 'SEND')
        for action, want in (('status 403', 403), ('status 506', 506)):
            box.do('msrp at SEND:1-9 ' + action)
            equal(await session.send(b'x' * 3000, 'text/plain'), want,
                  action)
            box.do('msrp rules clear')
        box.do('msrp at SEND close')
        equal(await session.send(long, 'message/cpim'), 0, 'SEND')


@tests.add('RFC 7701 s7: nicknames')
async def nicknames():
    async with room(2) as (box, conf, all_, calls):
        async def nick(call, name):
            frame = call.session._send_frame('NICKNAME')
            frame.headers = frame.headers[:2]
            frame.add('Use-Nickname', '"%s"' % name)
            future = asyncio.get_running_loop().create_future()
            call.session.waiting[frame.tid] = \
                lambda tid, status: future.set_result(status)
            call.session.frame_out(frame)
            return await future

        await all_[0].watch(conf.uri)
        equal(await nick(calls[0], 'Ann'), 200, 'NICKNAME')
        equal(await nick(calls[1], 'ann'), 425, 'NICKNAME')
        equal(await nick(calls[1], 'b' * 80), 424, 'NICKNAME')
        equal(await nick(calls[0], ''), 200, 'NICKNAME')
        equal(await nick(calls[1], 'ann'), 200, 'NICKNAME')
        check(await all_[0].until(
            lambda: b'nickname="ann"' in rosters(all_[0])[-1].body), 'roster')
        conf.room.nicknames = False
        equal(await nick(calls[0], 'Zoe'), 403, 'NICKNAME')


@tests.add('RFC 4975 s7.3, s10: sessions that are not there')
async def strangers():
    async with room(1, complaints=False) as (box, conf, all_, calls):
        session = calls[0].session
        peer, session.peer = session.peer, session.peer.replace(
            session.peer.split('/')[3].split(';')[0], 'nosuchsession123')
        equal(await session.send(b'x', 'text/plain'), 481, 'SEND')
        session.peer = peer
        session.own = session.own.replace('/' + session.ident, '/other')
        session.send(b'x', 'text/plain')
        check(await all_[0].until(lambda: any(
            'From-Path' in c.text for c in box.complaints)),
              'no complaint: %s' % box.complaints)


# ---- what is complained about

async def complains(rule, act):
    async with ues(1, complaints=False) as (box, ue):
        await act(box, ue)
        check(any(c.rule.startswith(rule) for c in box.complaints),
              'no complaint by %s, but %s', rule, [
                  (c.rule, c.text) for c in box.complaints])


async def no_allow(box, ue):
    ue.skip.add('allow')
    await ue.invite(box.conf.factory)


async def no_accept(box, ue):
    ue.skip.add('accept')
    await ue.invite(box.conf.factory)


async def bad_setup(box, ue):
    ue.setup = 'passive'
    await ue.invite(box.conf.factory)


async def wrong_event(box, ue):
    box.do('conf new m')
    await ue.watch('sip:m@' + box.conf.domain,
                   headers=[('Accept-Event', 'x')])
    req = ue.initial('SUBSCRIBE', 'sip:m@' + box.conf.domain)
    equal((await ue.ask(req.add('Event', 'presence'))).status, 489, 'answer')


async def foreign_by(box, ue):
    box.do('conf new m')
    await ue.refer('sip:m@' + box.conf.domain, '<sip:robot1@x.y>', None,
                   [('Referred-By', '<sip:somebody@x.y>')])


async def wrong_target(box, ue):
    _, call = await ue.invite(box.conf.factory)
    call.target = 'sip:elsewhere@' + box.conf.domain
    await ue.bye(call)


async def same_version(box, ue):
    _, call = await ue.invite(box.conf.factory, 'audio')
    req = ue.inside(call, 'UPDATE').add('Content-Type', 'application/sdp')
    call.ours.media[0].add('sendonly')
    req.body = call.ours.to_bytes()
    await ue.ask(req)


async def unlisted(box, ue):
    req = ue.initial('INVITE', box.conf.factory)
    from lab.tinyconf import ACCEPT, ALLOW, Call
    call = Call(req.get('Call-ID'), req.get('From'), None, '', [])
    req.add('Allow', ALLOW).add('Accept', ACCEPT)
    ue.body(req, ue.offer(call).to_bytes(), ['sip:robot1@x.y'])
    req.remove('Require')
    await ue.ask(req)


for name, rule, act in (
        ('an INVITE without Allow', 'RFC 3261 s13.2.1', no_allow),
        ('an INVITE without Accept', 'TS 24.229 s5.1.3.1', no_accept),
        ('an offer with setup passive', 'RFC 6135 s4.2.1', bad_setup),
        ('SUBSCRIBE with another event', 'RFC 4575 s3.1', wrong_event),
        ('Referred-By of somebody else', 'RFC 3892 s3', foreign_by),
        ('a Request-URI that is not the remote target',
         'RFC 3261 s12.2.1.1', wrong_target),
        ('a new offer with the old o= version', 'RFC 3264 s8',
         same_version),
        ('a list without Require', 'RFC 5366 s5.1', unlisted)):
    tests.add('complaint: ' + name, rule, act)(complains)


@tests.add('complaint: a 2xx without ACK')
async def no_ack():
    async with ues(1, complaints=False) as (box, ue):
        box.t1 = 0.01
        ue.skip.add('ack')
        await ue.invite(box.conf.factory)
        check(await ue.until(lambda: any(
            c.text == 'no ACK' for c in box.complaints)), 'none')
        check(await ue.until(lambda: ue.heard('BYE')), 'no BYE')


@tests.add('RFC 4566 s5: descriptions that are refused')
async def descriptions():
    good = sdps.Sdp('127.0.0.1')
    good.media.append(sdps.Media('audio', 1, 'RTP/AVP', ['0']))
    text = good.to_bytes().decode()
    sdps.parse(text.encode())
    for old, new in (('v=0\r\n', ''), ('s=-\r\n', ''), ('t=0 0\r\n', ''),
                     ('v=0', 'v=1'), ('m=audio 1', 'm=audio 66666'),
                     ('s=-\r\n', 's=\r\n\r\n'), ('o=- ', 'o='),
                     ('c=IN IP4 127.0.0.1\r\n', ''),
                     ('t=0 0\r\n', 't=0 0\r\nb=AS:1\r\n')):
        check(old in text, 'pattern %r' % old)
        try:
            sdps.parse(text.replace(old, new, 1).encode())
        except sdps.SdpError:
            continue
        check(False, 'taken: %r for %r' % (new, old))


if __name__ == '__main__':
    sys.exit(tests.main())
