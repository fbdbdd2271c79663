#!/usr/bin/python3
# needs: kamailio kamailio-ims-modules kamailio-presence-modules
# class: test
"""uims against a Kamailio IMS core: an implementation of the network side
that is not ours."""
import asyncio
import contextlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from interop import kamailio                                # noqa: E402
from interop.diameter import SAR                            # noqa: E402
from lab import uims                                        # noqa: E402
from lab.testing import Failure, Skip, Tests, check, equal  # noqa: E402

tests = Tests(90)


class Life:
    def __init__(self, core, ue, sub):
        self.core, self.ue, self.sub = core, ue, sub

    async def event(self, *names, seconds=20):
        event = await self.ue.event(*names, seconds=seconds)
        if event is None:
            raise Failure('no event %s; events %s; %s\n%s' % (
                ' or '.join(names),
                [e.get('name', e.get('event')) for e in self.ue.events],
                self.ue.stderr[-300:], self.core.logs(5)))
        return event

    async def register(self):
        await self.ue.command('register')
        return await self.event('registered', 'registration-failed')

    async def registered(self):
        event = await self.register()
        check(event['event'] == 'registered', 'not registered: %s', event)
        await self.event('reg-event')
        return event

    async def deregister(self):
        await self.ue.command('deregister')
        event = await self.event('deregistered')
        equal(event.get('reason'), 'user', 'reason')
        for _ in range(500):
            if not self.core.cx.assigned:
                return
            await asyncio.sleep(0.02)
        raise Failure('the HSS still has it: %s' % self.core.cx.assigned)


@contextlib.asynccontextmanager
async def life(host='127.0.0.1', network='udp', imsi='001010000000001',
               **settings):
    if not uims.exists():
        raise Failure('%s is not built' % uims.PROGRAM)
    async with kamailio.Core() as core:
        if ':' in host and not core.ipv6:
            raise Skip('no IPv6 here')
        sub = core.hss.find(imsi)
        found = uims.settings_for(
            sub, '[::1]:5060' if ':' in host else '127.0.0.1:5060', host,
            network)
        found.update(timers='rfc3261', expires='600', imei='351234012345670')
        found.update(settings)
        async with uims.Uims(found) as ue:
            yield Life(core, ue, sub)


async def whole(host, network):
    async with life(host, network) as s:
        event = await s.registered()
        equal(event.get('impu'), s.sub.impus[0], 'default identity')
        check(event.get('expires') <= 600, 'expires %s', event)
        equal(event.get('service_route'), '<sip:orig@127.0.0.3:6060;lr>',
              'service route')
        equal(list(s.core.cx.assigned), [s.sub.impi], 'the HSS')
        await s.ue.command('reregister')
        await s.event('reregistered')
        await s.deregister()
        # and once more from the beginning
        await s.registered()
        await s.deregister()
        await s.ue.command('quit')
        equal(await s.ue.wait(10), 0, 'exit status')
        # sent, answered and nothing malformed on either side
        sent = [e for e in s.ue.named('message') if e['dir'] == 'up']
        check(len(sent) >= 10, 'messages %d' % len(sent))


for _host in ('127.0.0.1', '::1'):
    for _net in ('udp', 'tcp'):
        tests.add('Kamailio: register, reg event, re-register, de-register,'
                  ' %s, %s' % (_net, _host), _host, _net)(whole)


@tests.add('Kamailio: resynchronisation by AUTS')
async def resync():
    async with life() as s:
        await s.registered()
        # vectors of long ago until the UE has said so (a repeated REGISTER
        # takes one more)
        fresh = s.sub.next_sqn
        s.sub.next_sqn = lambda: (fresh() if s.core.cx.resyncs
                                  else bytes(5) + b'\1')
        await s.ue.command('reregister')
        await s.event('reregistered')
        check(s.core.cx.resyncs and s.core.cx.resyncs[0][0],
              'AUTS: %s', s.core.cx.resyncs)
        await s.deregister()


@tests.add('Kamailio: a wrong key is refused with a clear reason')
async def wrong_key():
    async with life(k='00' * 16) as s:
        event = await s.register()
        equal(event['event'], 'registration-failed', 'event')
        check('MAC' in event.get('reason', ''), 'reason %s', event)
        equal(s.core.cx.assigned, {}, 'the HSS')
        equal(s.core.cx.count[SAR], 0, 'SAR')


@tests.add('Kamailio: an unknown subscriber is refused')
async def unknown():
    async with life(impi='001010000000099@ims.mnc001.mcc001.3gppnetwork.org',
                    impu='sip:001010000000099@ims.mnc001.mcc001'
                         '.3gppnetwork.org') as s:
        await s.ue.command('register')
        event = await s.event('registration-failed', 'register-retry')
        check(event.get('status') in (403, 404, 500), 'event %s', event)


async def network_dereg(network):
    async with life(network=network) as s:
        await s.registered()
        s.core.terminate(s.sub.impi)
        event = await s.event('deregistered')
        # Kamailio's document has registrations in state terminated and no
        # contact elements: that is all there is to know
        equal(event.get('reason'), 'network-terminated', 'reason')


tests.add('Kamailio: network-initiated de-registration noticed, udp',
          'udp')(network_dereg)
tests.add('Kamailio: network-initiated de-registration noticed, tcp',
          'tcp')(network_dereg)


@tests.add('Kamailio: re-registration by its own timer')
async def by_timer():
    # the least that this core grants is 30 s; the UE asks for 36
    async with life(expires='36') as s:
        await s.registered()
        await s.event('reregistered', seconds=36)
        await s.deregister()


@tests.add('Kamailio: the P-CSCF dies: reported')
async def killed():
    async with life(network='tcp') as s:
        await s.registered()
        s.core.kill_pcscf()
        await s.ue.command('reregister')
        await s.event('flow-failed', 'register-retry', 'deregistered')
        check(s.ue.proc.returncode is None, 'the UE died too')


if __name__ == '__main__':
    kamailio.enter_namespace()
    sys.exit(tests.main())
