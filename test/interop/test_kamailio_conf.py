#!/usr/bin/python3
# needs: kamailio kamailio-ims-modules kamailio-presence-modules
# class: test
"""Two UEs in a messaging conference of the lab's server, an application server
behind Kamailio's S-CSCF: TS 24.147 clause 5.3, TS 24.247 A.5.1 and A.5.2."""
import asyncio
import contextlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from interop import kamailio                                # noqa: E402
from lab import sip, uims                                     # noqa: E402
from lab.app_server import AppServer                        # noqa: E402
from lab.testing import (Failure, Tests, check, equal,      # noqa: E402
                         no_complaints)

tests = Tests(90)
PCSCF, SCSCF = '127.0.0.1', '127.0.0.3'


class User:
    def __init__(self, core, ue, sub):
        self.core, self.ue, self.sub = core, ue, sub
        self.uri, self.before = sub.impus[0], {}

    async def event(self, *names, **want):
        """The next event of one of these names, with these values."""
        while True:
            found = await self.ue.event(*names, seconds=20)
            if found is None:
                raise Failure('%s: no event %s %s; events %s; %s\n%s' % (
                    self.sub.imsi, ' or '.join(names), want or '',
                    [e.get('name', e.get('event')) for e in self.ue.events],
                    self.ue.stderr[-300:], self.core.logs(8)))
            if all(found.get(k) == v for k, v in want.items()):
                return found

    async def run(self, line, good, bad=None):
        """A command and its outcome."""
        await self.ue.command(line)
        found = await self.event(good, *[bad] * bool(bad))
        equal(found['event'], good, '%s: %s' % (line, found))
        return found

    def now(self):
        """The roster that was shown last: URI to status."""
        found = self.ue.named('roster')
        users = found[-1]['users'].split(', ') if found else []
        return {u: status for u, status in (
            user.rsplit(' ', 1) for user in users if user)
            if status != 'disconnected'}

    async def roster(self, *users):
        """Until these and no others are connected."""
        want = {user.uri: 'connected' for user in users}
        for _ in range(1000):
            if self.now() == want:
                return
            await asyncio.sleep(0.01)
        raise Failure('%s: roster %s, not %s' % (self.sub.imsi, self.now(),
                                                 want))

    async def joined(self, line, uri=None):
        """In the conference, subscribed, messages can be sent."""
        for count in ('messaging-ready', 'conference-subscribed'):
            self.before[count] = len(self.ue.named(count))
        found = await self.run(line, 'conference-joined', 'conference-failed')
        check(uri in (None, found['conference']), '%s: %s', line, found)
        for name, before in self.before.items():
            for _ in range(1000):
                if len(self.ue.named(name)) > before:
                    break
                await asyncio.sleep(0.01)
            else:
                raise Failure('%s: never %s' % (line, name))
        return found['conference']

    async def says(self, text, *others):
        await self.run('say ' + text, 'message-sent', 'message-failed')
        for other in others:
            found = await other.event('text')
            equal((found['text'], found['from']), (text, self.uri), 'heard')

    async def quits(self):
        await self.run('deregister', 'deregistered')
        await self.ue.command('quit')
        equal(await self.ue.wait(10), 0, 'exit status')
        equal([e for e in self.ue.events if e['event'] in (
            'error', 'not-json', 'messaging-lost')], [], 'events')


@contextlib.asynccontextmanager
async def scene(network):
    """A core, the server behind it, two registered users."""
    if not uims.exists():
        raise Failure('%s is not built' % uims.PROGRAM)
    async with contextlib.AsyncExitStack() as stack:
        core = await stack.enter_async_context(kamailio.Core())
        server = await stack.enter_async_context(
            AppServer(core.hss, through=(PCSCF, SCSCF)))
        users = []
        for n, host in ((1, '127.0.0.1'), (2, '127.0.0.11')):
            sub = core.hss.find('00101000000000%d' % n)
            found = uims.settings_for(sub, PCSCF + ':5060', host, network)
            found.update(timers='rfc3261', expires='600', messages='on',
                         imei='35123401234567%d' % n)
            user = User(core, await stack.enter_async_context(
                uims.Uims(found)), sub)
            await user.run('register', 'registered', 'registration-failed')
            await user.event('reg-event')
            users.append(user)
        yield (server, *users)
        no_complaints(server)


def through_core(server, method, way='up'):
    """Requests of this method; each has passed S-CSCF and P-CSCF."""
    found = [m for w, m in server.trace if w == way and m.method == method]
    for msg in found:
        hosts = [sip.Via.parse(v).host for v in msg.values('Via')] \
            if way == 'up' else [sip.NameAddr.parse(r).uri.host
                                 for r in msg.values('Route')]
        check([h for h in hosts if h in (PCSCF, SCSCF)][:2] ==
              [SCSCF, PCSCF], '%s through %s', method, hosts)
    return found


async def whole(network):
    async with scene(network) as (server, alice, bob):
        # TS 24.147 5.3.1.3.2: by the factory; the first roster
        uri = await alice.joined('create')
        conf, = server.conf.conferences.values()
        equal(uri, conf.uri, 'conference URI')
        await alice.roster(alice)
        # TS 24.147 5.3.1.4.1, TS 24.247 A.5.1: by its URI
        await bob.joined('join ' + uri, uri)
        await alice.roster(alice, bob)
        await bob.roster(alice, bob)
        await alice.says('hello through the core', bob)
        await bob.says('and back', alice)

        # TS 24.147 5.3.1.6.3: removed
        await alice.ue.command('remove ' + bob.uri)
        await bob.event('conference-ended', by_peer=True)
        await alice.event('removed', 'remove-failed')
        await alice.roster(alice)

        # TS 24.147 5.3.1.5.3, TS 24.247 A.5.2: invited by the focus
        await alice.ue.command('invite ' + bob.uri)
        found = await bob.event('conference-invitation')
        equal((found['conference'], found['inviter']), (uri, alice.uri),
              'who invites, to what')
        await bob.joined('accept', uri)
        await alice.roster(alice, bob)
        await alice.says('once more', bob)
        await bob.says('yes', alice)

        # TS 24.147 5.3.1.6.1
        for user, rest in ((bob, [alice]), (alice, [])):
            found = await user.run('leave', 'conference-ended')
            equal(found.get('reason'), 'left', 'reason')
            for other in rest:
                await other.roster(*rest)
        equal((conf.users, conf.notifier.subs, server.conf.legs),
              ({}, [], []), 'what is left')
        await alice.quits()
        await bob.quits()

        equal(len(through_core(server, 'BYE')), 2, 'BYE of the users')
        equal(len(through_core(server, 'BYE', 'down')), 1, 'BYE of the focus')
        through_core(server, 'REFER')
        through_core(server, 'ACK')
        ends = [m for m in through_core(server, 'NOTIFY', 'down')
                if m.get('Subscription-State').startswith('terminated')
                and m.get('Event') == 'conference']
        equal(len(ends), 3, 'terminated NOTIFYs')


@tests.add('Kamailio, RFC 5366: a conference with a URI list, a user invited')
async def listed():
    async with scene('udp') as (server, alice, bob):
        uri = await alice.joined('create ' + bob.uri)
        found = await bob.event('conference-invitation')
        equal((found['conference'], found['inviter']), (uri, alice.uri),
              'who invites, to what')
        await bob.joined('accept', uri)
        await alice.roster(alice, bob)
        await bob.says('thank you', alice)
        await alice.run('leave', 'conference-ended')
        await bob.run('leave', 'conference-ended')
        await alice.quits()
        await bob.quits()


for _net in ('udp', 'tcp'):
    tests.add('Kamailio, TS 24.247 A.5.1, A.5.2: a conference behind the '
              'S-CSCF: create, join, talk, remove, invite, leave, ' + _net,
              _net)(whole)

if __name__ == '__main__':
    kamailio.enter_namespace()
    sys.exit(tests.main())
