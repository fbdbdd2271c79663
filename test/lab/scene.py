"""One UE in one network: what the end-to-end tests of `uims` begin with."""
import contextlib

from . import netns, sip, uims
from .box import Box
from .testing import Failure, check, no_complaints

IMEI = '351234012345670'


def address(host, port):
    return '%s:%d' % (sip.host_text(host), port)


class Scene:
    """box: the network; ue: the program; sub: its subscription."""

    def __init__(self, box, ue, sub):
        self.box, self.ue, self.sub = box, ue, sub
        box.before_commands.append(ue.something_new)

    async def event(self, *names, seconds=20):
        """The next such event; the test fails without it."""
        event = await self.ue.event(*names, seconds=seconds)
        if event is None:
            raise Failure('no event %s; events %s; requests %s; %s' % (
                ' or '.join(names),
                [e.get('event') for e in self.ue.events
                 if e.get('event') != 'message'],
                [str(e.kind or e.name) for e in self.box.trace
                 if e.way == 'up'], self.ue.stderr[-300:]))
        return event

    async def register(self, seconds=20):
        await self.ue.command('register')
        return await self.event('registered', 'registration-failed',
                                seconds=seconds)

    async def registered(self, subscribed=True, seconds=20):
        """Register; by default also wait for the first reg event."""
        event = await self.register(seconds)
        check(event['event'] == 'registered', 'not registered: %s', event)
        if subscribed:
            await self.event('reg-event')
        return event

    async def deregister(self):
        await self.ue.command('deregister')
        event = await self.event('deregistered')
        check(event.get('reason') == 'user', 'reason %s',
              event.get('reason'))
        check(self.box.do('status') == [], 'still registered')

    async def until(self, condition, what, seconds=20):
        check(await self.box.until(condition, seconds), 'never: %s', what)

    async def quit(self):
        await self.ue.command('quit')
        check(await self.ue.wait(10) == 0, 'exit status %s; %s',
              self.ue.status, self.ue.stderr[-300:])

    def kinds(self):
        """The REGISTERs that came, by kind."""
        return [e.kind for e in self.box.seen('REGISTER', 'up') if e.kind]

    def impi(self):
        return self.sub.imsi


@contextlib.asynccontextmanager
async def scene(*lines, imsi='001010000000001', host='127.0.0.1',
                transport='udp', pcscfs=1, dead=(), settings=(),
                folder=None, args=(), complaints=True, secure=None):
    """lines: control lines at start; dead: addresses without a P-CSCF in
    front of the living ones; settings: changes, None takes one away; secure:
    4 or 6, security agreement over this version of IP, in a namespace of the
    UE's own (the caller has done netns.enter())."""
    if not uims.exists():
        raise Failure('%s is not built' % uims.PROGRAM)
    if secure and not uims.has_ipsec():
        raise Failure('%s has no IPsec' % uims.PROGRAM)
    async with contextlib.AsyncExitStack() as stack:
        wire, hosts, local = None, [host] * pcscfs, host
        if secure:
            wire = stack.enter_context(netns.Wire(secure, pcscfs))
            hosts, local = wire.hosts, wire.ue
        box = await stack.enter_async_context(
            Box(hosts, [0] * pcscfs, wire=wire))
        for line in ('set sec on',) * bool(secure) + lines:
            box.do(line)
        sub = box.hss.find(imsi)
        found = uims.settings_for(
            sub, list(dead) + [n.address for n in box.pcscfs], local,
            transport, bool(secure))
        found.update(timers='rfc3261', imei=IMEI)
        found.update(settings)
        found = {k: v for k, v in found.items() if v is not None}
        async with uims.Uims(found, folder=folder, args=args,
                             ns=wire and wire.ns) as ue:
            yield Scene(box, ue, sub)
            check(ue.proc.returncode in (None, 0), 'uims ended: %s %s',
                  ue.proc.returncode, ue.stderr[-500:])
        if complaints:
            no_complaints(box)
