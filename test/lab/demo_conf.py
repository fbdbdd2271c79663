"""The second act of `make demo`: three UEs of ours and the lab's conference
server, in the lab's network or behind Kamailio's S-CSCF. Ann makes a
conference and Bob joins it, they talk, Cid is invited and removed again, Bob
leaves, Ann leaves. After each step the rosters of the UEs are compared with
the users that the focus has."""
import asyncio
import contextlib
import time

from . import sip, uims

NAMES = ('Ann', 'Bob', 'Cid')


class Shown:
    """Turns the events of one UE into lines, beside those of the others."""

    def __init__(self, name, net, show, started):
        self.name, self.net, self.show = name, net, show
        self.started, self.count = started, {'up': 0, 'down': 0}
        self.quiet = True           # registration was shown before

    def __call__(self, event):
        kind = event.get('event', '')
        if kind == 'message':
            self.count[event['dir']] += 1
            if not self.quiet:
                self.message(event)
            return
        func = getattr(self, 'on_' + kind.replace('-', '_'), None)
        if func and not self.quiet:
            self.show.note('%s %s' % (self.name, func(event)))

    def message(self, event):
        size, wire = event['bytes'], event.get('wire', event['bytes'])
        # the unprotected port of the P-CSCF is the one in the settings
        inside = self.net.secure and event['remote'] != self.net.pcscf
        self.show.say('%7.3f  %s %s  %-9s %5d octets%s%s' % (
            time.monotonic() - self.started, self.name, '──▶ net'
            if event['dir'] == 'up' else '◀── net', event['name'], size,
            ', %4d compressed' % wire if wire != size else '',
            ', in ESP' if inside else ''))

    @staticmethod
    def on_conference_joined(event):
        return 'is in the conference %s' % event['conference']

    @staticmethod
    def on_conference_invitation(event):
        return 'is invited to %s by %s' % (event['conference'], event.get(
            'inviter') or 'the focus')

    @staticmethod
    def on_roster(event):
        return 'sees: ' + (', '.join('%s %s' % (
            uri.split('@')[0][4:], status)
            for uri, status in users_of(event)) or 'nobody')

    @staticmethod
    def on_invited(event):
        return 'learns that %s has come (%s)' % (event['uri'], event.get(
            'status'))

    @staticmethod
    def on_removed(event):
        return 'learns that %s is out (%s)' % (event['uri'], event.get(
            'status'))

    @staticmethod
    def on_conference_ended(event):
        return 'was removed by the focus' if event.get('by_peer') else \
            'has left the conference'

    @staticmethod
    def on_text(event):
        return 'reads from %s: %s' % (event.get('from'), event.get('text'))

    @staticmethod
    def on_message_sent(event):
        return 'knows that it was delivered'


class Broken(Exception):
    pass


def users_of(event):
    """(URI, status) of a roster event."""
    return [u.rsplit(' ', 1) for u in event['users'].split(', ') if u]


async def want(ue, *names, seconds=30):
    event = await ue.event(*names, seconds=seconds)
    if event is None or event['event'] != names[0]:
        raise Broken('no %s: %s %s' % (names[0], event,
                                       ue.stderr.strip()[-300:]))
    return event


async def tell(ue, line, *names):
    await ue.command(line)
    return await want(ue, *names)


async def until(condition, what):
    for _ in range(3000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise Broken('never: ' + what)


class Story:
    def __init__(self, net, ues, show):
        self.net, self.ues, self.show = net, ues, show
        self.uris = [net.subscriber(i).impus[0] for i in range(len(ues))]
        self.conf, self.step = None, 0

    def title(self, text):
        self.step += 1
        self.show.title('   %d. %s' % (self.step, text))

    async def agree(self, *inside):
        """The focus and the rosters of all who are in say the same."""
        users = {self.uris[NAMES.index(name)] for name in inside}

        def same():
            if {u.uri for u in self.conf.users.values()
                    if u.status == 'connected'} != users:
                return False
            for name in inside:
                found = self.ues[name].named('roster')
                if not found or {uri for uri, status in users_of(found[-1])
                                 if status != 'disconnected'} != users:
                    return False
            return True

        await until(same, 'the rosters of %s agree with the focus' %
                    ', '.join(inside))
        self.show.note('all agree: %s in the conference' % (
            ', '.join(inside) or 'nobody'))

    async def ready(self, name):
        """MSRP goes both ways (TS 24.247 7.3.1)."""
        # the connection may be there before the ACK
        await until(lambda: self.ues[name].named('messaging-ready'),
                    '%s can send messages' % name)
        uri = self.uris[NAMES.index(name)]
        await until(lambda: getattr(self.conf.room.members.get(uri), 'conn',
                                    None), '%s sends its first SEND' % name)

    async def says(self, name, text, *others):
        await self.ues[name].command('say ' + text)
        for other in others:
            event = await want(self.ues[other], 'text')
            if (event.get('text'), event.get('from')) != (
                    text, self.uris[NAMES.index(name)]):
                raise Broken('%s reads %s' % (other, event))
        await want(self.ues[name], 'message-sent', 'message-failed')

    async def tell(self):
        ann, bob, cid = (self.ues[name] for name in NAMES)
        third = self.uris[2]
        self.title('Ann makes a conference')
        event = await tell(ann, 'create', 'conference-joined',
                           'conference-failed')
        uri = event['conference']
        self.conf = self.net.server.conf.find(sip.Uri.parse(uri))
        await self.ready('Ann')
        await self.agree('Ann')
        self.title('Bob joins it')
        await tell(bob, 'join ' + uri, 'conference-joined',
                   'conference-failed')
        await self.ready('Bob')
        await self.agree('Ann', 'Bob')
        self.title('they talk (MSRP, RFC 4975)')
        await self.says('Ann', 'Hello Bob, can you read me?', 'Bob')
        await self.says('Bob', 'Word for word.', 'Ann')
        self.title('Ann invites Cid (REFER to the focus)')
        await ann.command('invite ' + third)
        await want(cid, 'conference-invitation')
        await tell(cid, 'accept', 'conference-joined', 'conference-failed')
        await self.ready('Cid')
        await want(ann, 'invited', 'invite-failed')
        await self.agree('Ann', 'Bob', 'Cid')
        await self.says('Cid', 'Here I am.', 'Ann', 'Bob')
        self.title('Ann removes Cid (REFER with method=BYE)')
        await ann.command('remove ' + third)
        await want(ann, 'removed', 'remove-failed')
        await want(cid, 'conference-ended')
        await self.agree('Ann', 'Bob')
        self.title('Bob leaves, then Ann')
        await tell(bob, 'leave', 'conference-ended')
        await self.agree('Ann')
        await tell(ann, 'leave', 'conference-ended')
        await self.agree()
        await until(lambda: not self.conf.notifier.subs and
                    not self.conf.legs, 'nothing is left at the focus')


async def everybody(net, transport, stack, shown):
    """Three registered UEs."""
    ues = {}
    for i, name in enumerate(NAMES):
        found, ns = net.settings(i, transport)
        found.update(messages='on', imei='3512340123456%d0' % i)
        ue = await stack.enter_async_context(uims.Uims(
            found, on_event=shown[i], ns=ns))
        await tell(ue, 'register', 'registered', 'registration-failed')
        await want(ue, 'reg-event')
        ues[name] = ue
    return ues


async def goodbye(ues):
    for name, ue in ues.items():
        await tell(ue, 'deregister', 'deregistered')
        await ue.command('quit')
        if await ue.wait(20):
            raise Broken('%s: exit status %s' % (name, ue.status))


async def run(net, transport, show):
    """'' when all went as it should.  net: a network that was not started;
    show: say, title and note."""
    started = time.monotonic()
    shown = [Shown(name, net, show, started) for name in NAMES]
    why = ''
    async with net, contextlib.AsyncExitStack() as stack:
        show.title('three UEs over %s: a conference in %s' % (
            transport.upper(), net.name))
        try:
            ues = await everybody(net, transport, stack, shown)
            show.note('%s are registered' % ', '.join(NAMES))
            for one in shown:
                one.quiet = False
            await Story(net, ues, show).tell()
            for one in shown:
                one.quiet = True
            await goodbye(ues)
        except Broken as err:
            why = str(err)
        await net.settled()
        why = why or net.verdict()
        frames = len(net.server.msrp.trace)
        lines = net.protection(), net.compression()
    show.say('      ── %d messages up, %d down, %d MSRP frames, %.1f s' % (
        sum(s.count['up'] for s in shown),
        sum(s.count['down'] for s in shown), frames,
        time.monotonic() - started))
    for line in filter(None, lines):
        show.say('      ── ' + line)
    return why
