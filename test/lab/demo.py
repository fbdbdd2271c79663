#!/usr/bin/python3
"""make demo [NET=lab|kamailio] [IP=6] [TRANSPORT=udp|tcp] [SIGCOMP=on|off]

Starts a network on loopback and lets our UE live through it: register with
AKA, subscribe to the registration event, re-register, de-register. Shows
every message as it passes. Exit status 0 only if the UE was registered and
de-registered in its own eyes and in the network's.
"""
import asyncio
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import options, uims                               # noqa: E402
from lab.box import Box                                     # noqa: E402

IMSI = '001010000000001'
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


class Watch:
    """Turns the UE's events into lines, and counts."""

    def __init__(self):
        self.count, self.octets = {'up': 0, 'down': 0}, {'up': 0, 'down': 0}
        self.trips, self.seen, self.started = 0, set(), time.monotonic()

    def __call__(self, event):
        kind = event.get('event', '')
        self.seen.add(kind)
        func = getattr(self, 'on_' + kind.replace('-', '_'), None)
        if func:
            func(event)

    def on_message(self, event):
        way, name, size = event['dir'], str(event['name']), event['bytes']
        self.count[way] += 1
        self.octets[way] += size
        # a final answer to a request of ours, or ours to the network's
        self.trips += name.isdigit() and int(name) >= 200
        arrow = colour('32', 'UE ──▶ net') if way == 'up' else \
            colour('33', 'UE ◀── net')
        wire = event.get('wire', size)
        say('%7.3f  %s  %-10s %5d octets%s' % (
            time.monotonic() - self.started, arrow, name, size,
            ', %4d on the wire' % wire if wire != size else ''))

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

    def __init__(self, host):
        self.host, self.box = host, Box([host])

    async def __aenter__(self):
        await self.box.start()
        self.sub = self.box.hss.find(IMSI)
        port = self.box.pcscfs[0].port
        self.pcscf = ('[%s]:%d' if ':' in self.host else '%s:%d') % (
            self.host, port)
        return self

    async def __aexit__(self, *exc):
        await self.box.stop()

    def compression(self):
        """What SigComp did, in a line; '' without it."""
        status, = self.box.do('sigcomp')
        if not self.box.options.sigcomp:
            return ''
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
        for c in self.box.complaints:
            return '%s in %s: %s' % (c.rule, c.message, c.text)
        return ''


class KamailioNet:
    name = 'a Kamailio IMS core'

    def __init__(self, host):
        from interop import kamailio
        self.host, self.core = host, kamailio.Core()

    async def __aenter__(self):
        await self.core.start()
        self.sub = self.core.hss.find(IMSI)
        self.pcscf = ('[%s]:5060' if ':' in self.host else
                      '%s:5060') % self.host
        return self

    async def __aexit__(self, *exc):
        await self.core.stop()

    def verdict(self):
        from interop.diameter import MAR, SAR
        if not self.core.cx.count[SAR] or not self.core.cx.count[MAR]:
            return 'the S-CSCF never told the HSS of a registration'
        if self.core.cx.assigned:
            return 'the HSS still has a registration'
        return ''


async def run(make, host, transport, sigcomp):
    """One life; True when it went as it should."""
    async with make(host) as net:
        title('%s over %s: %s, P-CSCF %s' % (
            'UE', transport.upper(), net.name, net.pcscf))
        settings = uims.settings_for(net.sub, net.pcscf, host, transport)
        settings['timers'] = 'rfc3261'
        if sigcomp:
            settings['sigcomp'] = 'on'
            net.box.do('set sigcomp on')
        watch = Watch()
        async with uims.Uims(settings, STEPS, on_event=watch) as ue:
            status = await ue.wait(200)
        # a NOTIFY or two may still be under way
        await asyncio.sleep(0.1)
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
    if sigcomp:
        say('      ── ' + net.compression())
    if against:
        say('      ── ' + colour('1;31', 'FAILED: ' + against))
    else:
        say('      ── ' + colour('1;32', 'registered, re-registered and '
                                 'de-registered'))
    say()
    return not against


def arguments():
    """NAME=VALUE words, else the environment, else the defaults."""
    found = {'NET': 'lab', 'IP': '4', 'TRANSPORT': '', 'SIGCOMP': ''}
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
            (found['SIGCOMP'] == 'on' and found['NET'] != 'lab'):
        sys.exit(__doc__)
    return found


async def main(found):
    make = LabNet if found['NET'] == 'lab' else KamailioNet
    host = '127.0.0.1' if found['IP'] == '4' else '::1'
    transports = [found['TRANSPORT']] if found['TRANSPORT'] else [
        'udp', 'tcp']
    good = [await run(make, host, t, found['SIGCOMP'] == 'on')
            for t in transports]
    title('%s: home %s, IPv%s, %s' % (
        'good' if all(good) else 'FAILED', options.HOME, found['IP'],
        ' and '.join(t.upper() for t in transports)))
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
        sys.exit(asyncio.run(main(ARGS)))
    except (OSError, RuntimeError) as err:
        sys.exit('demo: %s' % err)
    except KeyboardInterrupt:
        sys.exit(130)
