#!/usr/bin/python3
# class: soak
# needs: gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm iproute2
"""A day of the firmware: re-registrations inside ESP, 200 conferences and
2,000 messages in 24 hours.  The most that was used of a pool in the first
hour is never exceeded later, and nothing is missing at the end.  Buffers of
what is on its way wait for the emulator as chance has it: of them there is
always one left, and in each quiet moment none is in use.  Time in which
nothing happens is skipped by the board (command `skip`).  HOURS and
CONFERENCES say how much of it."""
import asyncio
import os
import sys
import time

import test_firmware as firmware
from lab import board, netns
from lab.board import Cable
from lab.box import Box
from lab.testing import Tests, check, equal, no_complaints

HOURS = int(os.environ.get('HOURS', '24'))
CONFERENCES = int(os.environ.get('CONFERENCES', str(HOURS * 200 // 24)))
SAYS = 10
# how often a registration is refreshed: RFC 3261 s10.2.4, TS 24.229
# 5.1.1.4.1: 600 seconds before the end
GRANTED = 3600
tests = Tests(3000)


class Day:
    def __init__(self, box, ue):
        self.box, self.ue = box, ue
        self.first, self.hour = None, 0

    async def event(self, *names, seconds=60):
        event = await self.ue.event(*names, seconds=seconds)
        check(event, 'no %s in hour %d; the last events: %s', names,
              self.hour, self.ue.events[-8:])
        return event

    async def run(self, line, *names):
        await self.ue.command(line)
        event = await self.event(*names)
        equal(event['event'], names[0], '%s in hour %d' % (event, self.hour))
        return event

    async def conference(self, burst):
        """Create, ten messages, leave."""
        await self.run('create', 'conference-joined', 'conference-failed')
        await self.event('messaging-ready', 'messaging-lost')
        for n in range(SAYS):
            await self.ue.command('say message %d' % n)
            if not burst:
                await self.sent()
        for n in range(SAYS if burst else 0):
            await self.sent()
        if burst:
            await self.run('reregister', 'reregistered',
                           'reregistration-failed')
        # the UE gives the last NOTIFY a few seconds
        await self.ue.command('skip 60')
        await self.run('leave', 'conference-ended')

    async def sent(self):
        event = await self.event('message-sent', 'message-failed')
        equal(event['event'], 'message-sent', event)

    async def requests(self, count):
        """Requests of the network at once."""
        before = len(self.box.trace)
        for _ in range(count):
            self.box.do('send %s OPTIONS' % firmware.IMSI)
        check(await self.box.until(lambda: count <= len([
            e for e in self.box.trace[before:] if e.way == 'up' and e.msg and
            e.msg.get('CSeq', '').endswith('OPTIONS')]), 60), 'no answers')

    async def peaks(self, seconds=60):
        await self.ue.command('peaks')
        return await self.event('peaks', seconds=seconds)

    async def skip(self, seconds):
        await self.ue.command('skip %d' % seconds)
        await self.ue.command('sleep %d' % seconds)
        peaks = await self.peaks(600)
        firmware.memory([peaks])
        return peaks

    def compare(self, peaks):
        """No pool beyond its first hour.  Those of what is on its way:
        firmware.memory()."""
        for name, value in peaks.items():
            if name not in ('event', 'free', 'MEM_SIZE', 'TCP_SEG',
                            *firmware.TRANSIENT):
                check(value[1] <= self.first[name][1],
                      '%s: %d in hour %d, %d in the first one', name,
                      value[1], self.hour, self.first[name][1])


async def day(version, transport):
    with Cable(version) as wire:
        async with Box([wire.host], wire=wire) as box:
            box.do('set sec on')
            box.do('set grant %d' % GRANTED)
            args = firmware.settings(box, wire, transport=transport,
                                     sec='ipsec', algs=firmware.ALGS)
            async with board.Board(args) as ue:
                d, began = Day(box, ue), time.monotonic()
                await d.run('register', 'registered', 'registration-failed')
                await d.event('reg-event')
                done = 0
                for d.hour in range(HOURS):
                    # the first hour is the busiest: all at once
                    if not d.hour:
                        await d.requests(5)
                        await d.conference(True)
                        await d.conference(True)
                    count = CONFERENCES * (d.hour + 1) // HOURS - done
                    for _ in range(count):
                        await d.conference(False)
                        peaks = await d.skip(GRANTED // (count + 1))
                    peaks = await d.skip(GRANTED // (count + 1))
                    done += count
                    if not d.hour:
                        d.first = peaks
                    d.compare(peaks)
                # sockets in TIME-WAIT are closed after two minutes
                after = await d.skip(300)
                for name, value in after.items():
                    if name not in ('event', 'free', 'MEM_SIZE'):
                        check(value[0] <= d.first[name][0],
                              '%s: %d are used at the end, %d after the '
                              'first hour', name, value[0], d.first[name][0])
                said = len(ue.named('message-sent'))
                again = len(ue.named('reregistered'))
                print('  %d hours in %d s: %d re-registrations, %d '
                      'conferences, %d messages; most used of: %s' % (
                          HOURS, time.monotonic() - began, again, done + 2,
                          said, ', '.join('%s %d of %d' % (k, v[1], v[2])
                                          for k, v in after.items()
                                          if len(v) == 4 and k != 'event')))
                check(said >= SAYS * CONFERENCES, 'messages: %d', said)
                check(again >= HOURS, 're-registrations: %d', again)
                await d.run('deregister', 'deregistered')
                await ue.command('quit')
                equal(await ue.wait(10), 0, 'exit status')
            no_complaints(box)


tests.add('firmware: %d hours with ESP over UDP and TCP, IPv4' % HOURS,
          4, 'auto')(day)


if __name__ == '__main__':
    board.build()
    sys.exit(netns.main(tests))
