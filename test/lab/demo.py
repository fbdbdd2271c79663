#!/usr/bin/python3
"""make demo [NET=lab|kamailio] [IP=6] [TRANSPORT=udp|tcp] [SIGCOMP=on|off]
          [SEC=ipsec|none]

Starts a network and lets our UE live through it: register with AKA and
security agreement, subscribe to the registration event, re-register,
de-register; then three UEs meet in a conference. Shows every message as it
passes, and whether it went inside ESP. Where namespaces and TUN devices are
not permitted it says so and runs on loopback, without security agreement.
Exit status 0 only if the UEs and the network agree: on who was registered and
is no more, on who is in the conference after each step, on what was said.
"""
import asyncio
import os
import sys
import time
import types

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import demo_conf, netns, options, uims             # noqa: E402
from lab.box import Box                                     # noqa: E402

IMSI = '00101000000000%d'
ALGS = 'null/aes-gcm,hmac-sha-1-96/aes-cbc'
STEPS = ('register; wait registered 60; wait reg-event 20; reregister; '
         'wait reregistered 60; deregister; wait deregistered 60; quit')
TTY = sys.stdout.isatty() and not os.environ.get('NO_COLOR')


def colour(code, text):
    return '\033[%sm%s\033[0m' % (code, text) if TTY else text


if hasattr(sys.stdout, 'reconfigure'):
    sys.stdout.reconfigure(errors='replace')


def say(text=''):
    print(text, flush=True)


def title(text):
    say(colour('1', text))


def note(text):
    say('      ' + colour('36', text))


SHOW = types.SimpleNamespace(say=say, title=title, note=note)


class Watch:
    """Turns the UE's events into lines, and counts.

    A message is shown when the network has seen it, too.
    """

    def __init__(self, net):
        self.net, self.carried, self.queue = net, {}, asyncio.Queue()
        self.count, self.octets = {'up': 0, 'down': 0}, {'up': 0, 'down': 0}
        self.trips, self.seen, self.started = 0, set(), time.monotonic()

    def __call__(self, event):
        self.seen.add(event.get('event', ''))
        event['at'] = time.monotonic() - self.started
        self.queue.put_nowait(event)

    async def show(self):
        """Until None comes."""
        while True:
            event = await self.queue.get()
            if event is None:
                return
            kind = event.get('event', '')
            if kind == 'message':
                event['octets'] = await self.on_the_wire(event)
            func = getattr(self, 'on_' + kind.replace('-', '_'), None)
            if func:
                func(event)

    async def on_the_wire(self, event):
        """Octets of its IP packets when it was in ESP, else 0."""
        key = event['dir'], str(event['name'])
        nth = self.carried[key] = self.carried.get(key, 0) + 1
        for _ in range(100):
            octets = self.net.in_esp(*key, nth)
            if octets is not None:
                return octets
            await asyncio.sleep(0.01)
        return 0

    def on_message(self, event):
        way, name, size = event['dir'], str(event['name']), event['bytes']
        self.count[way] += 1
        self.octets[way] += size
        # a final answer to a request of ours, or ours to the network's
        self.trips += name.isdigit() and int(name) >= 200
        arrow = colour('32', 'UE ──▶ net') if way == 'up' else \
            colour('33', 'UE ◀── net')
        wire = event.get('wire', size)
        text = ', %4d compressed' % wire if wire != size else ''
        if event['octets']:
            text += ', in ESP: %4d on the wire' % event['octets']
        say('%7.3f  %s  %-10s %5d octets%s' % (event['at'], arrow, name,
                                               size, text))

    def on_registering(self, event):
        note('initial registration at %s' % event.get(
            'pcscf', event.get('text', 'the P-CSCF')))

    def on_challenge(self, event):
        what = event.get('reason', '?')
        note('challenge (%s): the USIM checks MAC and SQN of AUTN and '
             'computes RES' % what)

    def on_registered(self, event):
        note('registered for %s s as %s' % (event.get('expires', '?'),
                                            event.get('impu', '?')))
        for name, text in (('associated', 'identities'),
                           ('service_route', 'service route')):
            value = event.get(name)
            if value:
                note('%s: %s' % (text, ', '.join(value) if isinstance(
                    value, list) else value))

    def on_reg_subscribed(self, event):
        note('subscribed to the registration event for %s s' % event.get(
            'expires', '?'))

    def on_reg_event(self, event):
        note('registration event: the network has us as %s' % event.get(
            'state', event.get('text', '?')))

    def on_reregistered(self, event):
        note('re-registered for %s s' % event.get('expires', '?'))

    def on_deregistered(self, event):
        note('de-registered (%s)' % event.get('reason', '?'))

    def on_registration_failed(self, event):
        say('      ' + colour('31', 'registration failed: %s %s' % (
            event.get('status', ''), event.get('reason', ''))))

    def on_error(self, event):
        say('      ' + colour('31', 'error: %s' % event))


class LabNet:
    name = 'our own network in a box'

    def __init__(self, host, secure, sigcomp):
        self.wire = netns.Wire(6 if ':' in host else 4) if secure else None
        self.host, self.secure, self.sigcomp = host, secure, sigcomp

    async def __aenter__(self):
        if self.wire:
            self.wire.__enter__()
            self.host = self.wire.host
        self.box = Box([self.host], wire=self.wire)
        if self.secure:
            self.box.do('set sec on')
            self.box.do('set sec_algs null/aes-gcm=0.9 '
                        'hmac-sha-1-96/aes-cbc=0.7')
        if self.sigcomp:
            self.box.do('set sigcomp on')
        await self.box.start()
        self.server, port = self.box, self.box.pcscfs[0].port
        self.pcscf = ('[%s]:%d' if ':' in self.host else '%s:%d') % (
            self.host, port)
        return self

    def subscriber(self, i):
        return self.box.hss.find(IMSI % (i + 1))

    def settings(self, i, transport):
        """Of the UE of that subscriber, and its namespace."""
        local, ns = self.host, None
        if self.wire:
            local, ns = self.wire.another(i + 1) if i else (
                self.wire.ue, self.wire.ns)
        found = uims.settings_for(self.subscriber(i), self.pcscf, local,
                                  transport, self.secure)
        found['timers'] = 'rfc3261'
        if self.secure:
            # of all pairs the first REGISTER would be too large for UDP
            found['algs'] = ALGS
        if self.sigcomp:
            found['sigcomp'] = 'on'
        return found, ns

    async def __aexit__(self, *exc):
        await self.box.stop()
        if self.wire:
            self.wire.__exit__(*exc)

    def in_esp(self, way, name, nth):
        """Octets of the IP packets of the nth such message, 0 outside, None
        while it is not there."""
        if not self.secure:
            return 0
        self.box.pcscfs[0].security.settle()
        for entry in [e for e in self.box.trace
                      if (e.way, e.name) == (way, name)][nth - 1:nth]:
            return entry.octets if entry.pair else 0
        return None

    async def settled(self):
        """A NOTIFY or two may still be under way."""
        await asyncio.sleep(0.1)

    def protection(self):
        """What ESP did, in a line; '' without it."""
        pairs = sorted({'%s, %s' % e.pair for e in self.box.trace if e.pair})
        count = self.box.do('sec')[0].get('packets')
        if not count:
            return ''
        return 'ESP (%s): %d packets up, %d down; first message inside: ' \
            '%s' % ('; '.join(pairs), count['up'], count['down'], next(
                (e.kind or e.name for e in self.box.trace if e.pair),
                'none'))

    def compression(self):
        """What SigComp did, in a line; '' without it."""
        if not self.sigcomp:
            return ''
        status, = self.box.do('sigcomp')
        return 'SigComp: ' + ', '.join(
            '%s %d octets of %d (%d of %d messages compressed)' % (
                way, c['wire'], c['plain'], c['compressed'], c['messages'])
            for way, c in ((w, status[w]) for w in ('up', 'down')))

    def verdict(self):
        """'' or what the network has to say against the run."""
        answers = {e.msg.cseq()[1]: e for e in self.box.trace
                   if e.msg and e.way == 'down' and e.name == '200'}
        if 'REGISTER' not in answers:
            return 'the network never accepted a REGISTER'
        if self.box.do('status'):
            return 'the network still has a registration'
        # from its answer to the challenge on all of a UE is inside
        protected = set()
        for e in self.box.trace if self.secure else ():
            if e.kind == 'answer':
                protected.add(e.peer[0])
            if e.peer[0] in protected and not e.pair:
                return 'outside ESP: %s' % e
        for c in self.box.complaints:
            return '%s in %s: %s' % (c.rule, c.message, c.text)
        return ''


class KamailioNet:
    name = 'a Kamailio IMS core'
    secure = False

    def __init__(self, host, secure, sigcomp):
        from interop import kamailio
        from lab import app_server
        self.host, self.core = host, kamailio.Core()
        self.server = app_server.AppServer(
            self.core.hss, through=(host, '127.0.0.3'))
        self.pcscf = ('[%s]:5060' if ':' in host else '%s:5060') % host

    async def __aenter__(self):
        await self.core.start()
        await self.server.__aenter__()
        return self

    async def __aexit__(self, *exc):
        await self.server.__aexit__(*exc)
        await self.core.stop()

    def subscriber(self, i):
        return self.core.hss.find(IMSI % (i + 1))

    def settings(self, i, transport):
        """Kamailio tells UEs by their addresses."""
        local = self.host[:-1] + ('1%d' % i if i else '1')
        found = uims.settings_for(self.subscriber(i), self.pcscf, local,
                                  transport)
        found.update(timers='rfc3261', expires='600')
        return found, None

    def in_esp(self, way, name, nth):
        return 0

    async def settled(self):
        """The S-CSCF tells the HSS after it has answered the UE."""
        for _ in range(100):
            await asyncio.sleep(0.1)
            if not self.core.cx.assigned:
                return

    def protection(self):
        return ''

    compression = protection

    def verdict(self):
        from interop.diameter import MAR, SAR
        if not self.core.cx.count[SAR] or not self.core.cx.count[MAR]:
            return 'the S-CSCF never told the HSS of a registration'
        if self.core.cx.assigned:
            return 'the HSS still has a registration'
        for c in self.server.complaints:
            return '%s in %s: %s' % (c.rule, c.message, c.text)
        return ''


async def run(make, host, transport, sigcomp, secure):
    """One life; True when it went as it should."""
    async with make(host, secure, sigcomp) as net:
        title('%s over %s: %s, P-CSCF %s' % (
            'UE', transport.upper(), net.name, net.pcscf))
        watch = Watch(net)
        showing = asyncio.ensure_future(watch.show())
        settings, ns = net.settings(0, transport)
        async with uims.Uims(settings, STEPS, on_event=watch, ns=ns) as ue:
            status = await ue.wait(200)
        watch.queue.put_nowait(None)
        await showing
        await net.settled()
        protection = net.protection(), net.compression()
        against = net.verdict()
    missing = [e for e in ('registered', 'reg-event', 'reregistered',
                           'deregistered') if e not in watch.seen]
    if status:
        against = 'uims ended with status %s %s' % (
            status, ue.stderr.strip()[-300:])
    elif status is None:
        against = 'uims did not end'
    elif missing:
        against = 'no event %s' % ', '.join(missing)
    say('      ── %d messages up (%d octets), %d down (%d octets), '
        '%d round trips, %.1f s' % (
            watch.count['up'], watch.octets['up'], watch.count['down'],
            watch.octets['down'], watch.trips,
            time.monotonic() - watch.started))
    for line in filter(None, protection):
        say('      ── ' + line)
    if against:
        say('      ── ' + colour('1;31', 'FAILED: ' + against))
    else:
        say('      ── ' + colour('1;32', 'registered, re-registered and '
                                 'de-registered'))
    say()
    return not against


def arguments():
    """NAME=VALUE words, else the environment, else the defaults."""
    found = {'NET': 'lab', 'IP': '4', 'TRANSPORT': '', 'SIGCOMP': '',
             'SEC': ''}
    for name in found:
        found[name] = os.environ.get(name) or found[name]
    for word in sys.argv[1:]:
        name, eq, value = word.partition('=')
        if not eq or name not in found:
            sys.exit(__doc__)
        found[name] = value or found[name]
    # Kamailio has no SigComp
    if not found['SIGCOMP']:
        found['SIGCOMP'] = 'on' if found['NET'] == 'lab' else 'off'
    if found['NET'] not in ('lab', 'kamailio') or \
            found['IP'] not in ('4', '6') or \
            found['TRANSPORT'] not in ('', 'udp', 'tcp') or \
            found['SIGCOMP'] not in ('on', 'off') or \
            found['SEC'] not in ('', 'ipsec', 'none') or \
            (found['SIGCOMP'] == 'on' and found['NET'] != 'lab'):
        sys.exit(__doc__)
    return found


def secured(found):
    """True when this process now is where ESP can be used."""
    if found['NET'] != 'lab' or found['SEC'] == 'none':
        return False
    try:
        if not uims.has_ipsec():
            raise netns.Refused('this uims has no IPsec')
        netns.enter()
    except netns.Refused as why:
        if found['SEC']:
            sys.exit('demo: %s' % why)
        note('%s: without security agreement and ESP' % why)
        return False
    return True


async def main(found, secure):
    make = LabNet if found['NET'] == 'lab' else KamailioNet
    host = '127.0.0.1' if found['IP'] == '4' else '::1'
    transports = [found['TRANSPORT']] if found['TRANSPORT'] else [
        'udp', 'tcp']
    sigcomp = found['SIGCOMP'] == 'on'
    good = [await run(make, host, t, sigcomp, secure) for t in transports]
    if make is KamailioNet and ':' in host:
        note('the conference server has IPv4 alone: no conference')
        transports = []
    for t in transports:
        why = await demo_conf.run(make(host, secure, sigcomp), t, SHOW)
        say('      ── ' + (colour('1;31', 'FAILED: ' + why) if why else
                           colour('1;32', 'created, joined, talked, invited, '
                                  'removed, left')))
        say()
        good.append(not why)
    title('%s: home %s, IPv%s, %s' % (
        'good' if all(good) else 'FAILED', options.HOME, found['IP'],
        found['TRANSPORT'].upper() or 'UDP and TCP'))
    return 0 if all(good) else 1


if __name__ == '__main__':
    ARGS = arguments()
    if not uims.exists():
        sys.exit('demo: %s is not built; run make' % uims.PROGRAM)
    if ARGS['NET'] == 'kamailio':
        from interop import kamailio
        LACK = kamailio.missing()
        if LACK:
            print('demo: NET=kamailio needs: apt-get install ' +
                  ' '.join(LACK), file=sys.stderr)
            sys.exit(2)
        kamailio.enter_namespace()
    try:
        sys.exit(asyncio.run(main(ARGS, secured(ARGS))))
    except (OSError, RuntimeError) as err:
        sys.exit('demo: %s' % err)
    except KeyboardInterrupt:
        sys.exit(130)
