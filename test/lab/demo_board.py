#!/usr/bin/python3
"""make demo TARGET=mps2-an385 [IP=6] [TRANSPORT=udp|tcp]

Boots the firmware in QEMU on the virtual Ethernet of a network namespace of
its own, types its settings on the console, and plays the whole story: security
agreement and ESP, SigComp, a conference that a UE on Linux (uims) has made,
the roster, messages both ways, leaving, de-registration. Exit status 0 only
if all of it went as it should, in the eyes of both UEs and of the network's.
"""
import asyncio
import os
import sys
import time
import types

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import board, netns, sip, uims                     # noqa: E402
from lab.box import Box                                     # noqa: E402
from lab.demo import ALGS, LabNet, colour, note, say, title  # noqa: E402
from lab.demo_conf import Broken, Shown, tell, want         # noqa: E402

NAMES = ('Board', 'Linux')


class Story(Box):
    """Shows each message as it passes."""

    def __init__(self, wire, started):
        super().__init__([wire.host], wire=wire)
        self.started = started
        for line in ('sec on', 'sec_algs null/aes-gcm=0.9 '
                     'hmac-sha-1-96/aes-cbc=0.7', 'sigcomp on',
                     'conf_media message'):
            self.do('set ' + line)

    def note(self, node, way, flow, data, what):
        super().note(node, way, flow, data, what)
        entry = self.trace[-1]
        name = NAMES[entry.peer[0] != self.wire.ue]
        say('%7.3f  %-5s %s  %-10s %5d octets%s' % (
            time.monotonic() - self.started, name, colour('32', '──▶ net')
            if way == 'up' else colour('33', '◀── net'), entry.name,
            len(data), ', in ESP' if entry.pair else ''))


class Heard(Shown):
    """What a UE says; its messages are shown by the network."""

    def __init__(self, name, net, started):
        super().__init__(name, net, types.SimpleNamespace(note=note),
                         started)

    def message(self, event):
        pass


class BoardNet(LabNet):
    """The network, with a virtual switch: the board's tap and the UE's
    Ethernet."""

    def __init__(self, version):
        super().__init__('::1' if version == 6 else '127.0.0.1', True, True)
        self.wire = board.Switch(version)

    def verdict(self):
        """'' or what the network has to say against the run."""
        if self.box.do('status'):
            return 'the network still has a registration'
        for host in (self.wire.ue, self.wire.other):
            trace = [e for e in self.box.trace if e.peer[0] == host]
            start = [e.kind for e in trace].index('answer')
            for e in trace[start:]:
                if not e.pair:
                    return 'outside ESP: %s' % e
        for c in self.box.complaints:
            return '%s in %s: %s' % (c.rule, c.message, c.text)
        return ''


def settings(box, found, transport, nth):
    found.update(timers='rfc3261', sigcomp='on', algs=ALGS,
                 imei='3512340123456%d0' % nth, pcscf=box.pcscfs[0].address)
    if transport == 'udp':
        box.do('set udp_limit 0')
    return found


async def until(condition, what, seconds=20):
    for _ in range(seconds * 100):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise Broken('never: ' + what)


async def speak(one, two, text):
    await one.command('say ' + text)
    await until(lambda: text in [e['text'] for e in two.named('text')],
                '"%s" is heard' % text)
    await want(one, 'message-sent', 'message-failed')


async def conference(box, one, two, subs):
    event = await tell(two, 'create', 'conference-joined',
                       'conference-failed')
    uri = event['conference']
    await tell(one, 'join ' + uri, 'conference-joined', 'conference-failed')
    users = {'%s connected' % s.impus[0] for s in subs}
    room = box.conf.find(sip.Uri.parse(uri)).room
    for ue, sub in zip((one, two), subs):
        await until(lambda: users in [set(e['users'].split(', '))
                                      for e in ue.named('roster')],
                    'the roster shows both')
        await until(lambda: ue.named('messaging-ready') and
                    room.members[sub.impus[0]].conn, 'MSRP is ready')
    await speak(one, two, 'Hello from a Cortex-M3.')
    await speak(two, one, 'Hello from Linux, word for word.')
    await tell(one, 'leave', 'conference-ended')
    await tell(two, 'leave', 'conference-ended')


async def memory(one):
    """What was used of the board's."""
    peaks = await tell(one, 'peaks', 'peaks')
    note('Board: octets of stack never used: UE task %d, idle %d, '
         'interrupts %d' % tuple(peaks.pop('free')))
    for name, value in peaks.items():
        if name != 'event' and value[3]:
            raise Broken('%s: %d times nothing was left' % (name, value[3]))


async def story(box, one, two, subs):
    for ue in (one, two):
        await tell(ue, 'register', 'registered', 'registration-failed')
        await until(lambda: ue.named('reg-event'), 'registration event')
    await conference(box, one, two, subs)
    for ue in (one, two):
        await tell(ue, 'deregister', 'deregistered')
    await memory(one)
    for ue in (one, two):
        await ue.command('quit')
        if await ue.wait(20):
            raise Broken('exit status %s' % ue.status)


async def run(version, transport):
    """One life; True when it went as it should."""
    started = time.monotonic()
    net = BoardNet(version)
    with net.wire as wire:
        net.box = box = Story(wire, started)
        subs = [box.hss.find('00101000000000%d' % n) for n in (1, 2)]
        shown = [Heard(n, net, started) for n in NAMES]
        for one in shown:
            one.quiet = False
        async with box:
            title('firmware in QEMU, and uims, over %s and IPv%d' % (
                transport.upper(), version))
            first = settings(box, board.settings_for(
                subs[0], '', wire.ue, transport, secure=True), transport, 0)
            second = settings(box, uims.settings_for(
                subs[1], '', wire.other, transport, secure=True),
                transport, 1)
            why = ''
            async with board.Board(first, wire.port, typed=True,
                                   on_event=shown[0]) as one, uims.Uims(
                        second, on_event=shown[1], ns=wire.ns) as two:
                try:
                    await story(box, one, two, subs)
                except Broken as err:
                    why = '%s; %s; %s' % (err, one.events[-3:],
                                          two.stderr[-300:])
            await asyncio.sleep(0.1)
            why = why or net.verdict()
            say('      ── ' + net.protection())
            say('      ── ' + net.compression())
            frames = len(box.msrp.trace)
    say('      ── %d MSRP frames, %.1f s' % (
        frames, time.monotonic() - started))
    say('      ── ' + (colour('1;31', 'FAILED: ' + why) if why else colour(
        '1;32', 'registered, joined, talked, left, de-registered')))
    say()
    return not why


async def main(version, transports):
    good = [await run(version, t) for t in transports]
    title('good' if all(good) else 'FAILED')
    return 0 if all(good) else 1


def arguments():
    found = {'IP': '4', 'TRANSPORT': ''}
    for word in sys.argv[1:]:
        name, _, value = word.partition('=')
        if name not in found:
            sys.exit(__doc__)
        found[name] = value or found[name]
    if found['IP'] not in ('4', '6') or \
            found['TRANSPORT'] not in ('', 'udp', 'tcp'):
        sys.exit(__doc__)
    return int(found['IP']), ([found['TRANSPORT']] if found['TRANSPORT']
                              else ['udp', 'tcp'])


if __name__ == '__main__':
    ARGS = arguments()
    try:
        netns.enter()
        sys.exit(asyncio.run(main(*ARGS)))
    except (OSError, RuntimeError, netns.Refused) as err:
        sys.exit('demo: %s' % err)
    except KeyboardInterrupt:
        sys.exit(130)
