#!/usr/bin/python3
# class: test
# needs: gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm iproute2
"""The firmware in QEMU, its Ethernet a tap in a network namespace of the
test's own, with the lab's network at the other end."""
import asyncio
import fcntl
import functools
import json
import os
import struct
import sys
import tempfile
import termios

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(ROOT, 'test'), os.path.join(ROOT, 'test/tools')]

import stack_bound                                          # noqa: E402
from lab import board, hss, netns                           # noqa: E402
from lab.board import Cable                                 # noqa: E402
from lab.box import Box                                     # noqa: E402
from lab.testing import (Tests, check, equal,               # noqa: E402
                         no_complaints)

tests = Tests(90)
# what only holds what is on its way
TRANSIENT = ('PBUF_POOL', 'FRAG_PBUF', 'REASSDATA', 'IP6_REASSDATA',
             'FREERTOS_DATAGRAMS', 'ARP_QUEUE', 'ND6_QUEUE')
IMSI = '001010000000001'
ALGS = 'hmac-sha-1-96/aes-cbc,hmac-sha-1-96/null'


def settings(box, wire, **more):
    home = box.hss.home
    form = '[%s]:%d' if wire.version == 6 else '%s:%d'
    return {'impi': '%s@%s' % (IMSI, home), 'home': home,
            'impu': 'sip:%s@%s' % (IMSI, home),
            'k': hss.SET1_K.hex(), 'opc': hss.SET1_OPC.hex(),
            'ip': wire.ue,
            'pcscf': form % (wire.host, box.pcscfs[0].port), **more}


LIFE = 'register; wait reg-event; deregister; peaks'


async def start(args, folder, commands=LIFE):
    """The image with these settings; commands: '' = those of its console."""
    return await asyncio.create_subprocess_exec(
        *board.words('net0', ['%s=%s' % kv for kv in args.items()] +
                     (['run=' + commands] if commands else [])), cwd=folder,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)


async def run(args, folder, seconds=60):
    """Start the image; its JSON lines and its exit status."""
    proc = await start(args, folder)
    try:
        out, _ = await asyncio.wait_for(proc.communicate(), seconds)
    except asyncio.TimeoutError:
        proc.kill()
        out, _ = await proc.communicate()
    lines = out.decode('utf-8', 'replace').splitlines()
    return [json.loads(s) for s in lines if s.startswith('{')], \
        proc.returncode, lines


async def life(version, transport, sec='none'):
    """Registration, registration event, deregistration."""
    with tempfile.TemporaryDirectory() as folder, Cable(version) as wire:
        async with Box([wire.host], wire=wire) as box:
            if sec != 'none':
                box.do('set sec on')
            # its user has forbidden TCP
            if transport == 'udp':
                box.do('set udp_limit 0')
            events, code, lines = await run(settings(
                box, wire, transport=transport, sec=sec, algs=ALGS), folder)
            seen = [e['event'] for e in events]
            equal(code, 0, 'exit status after %s' % lines[-10:])
            memory([e for e in events if e['event'] == 'peaks'])
            check('registered' in seen and 'deregistered' in seen, seen)
            no_complaints(box)
            equal(sorted(os.listdir(folder)), ['nv-slot-0', 'nv-slot-1'],
                  'non-volatile memory')
            return box


@functools.cache
def stacks():
    """Of UE task, idle task, start-up and interrupts: worst case, size."""
    os.chdir(ROOT)
    return stack_bound.bounds()[0]


def memory(peaks):
    """No pool ran out, no stack came near its end, no buffer is missing."""
    check(peaks, 'nothing was said of the memory')
    for name, value in peaks[-1].items():
        if name == 'free':
            for free, (task, (need, size, _)) in zip(value, stacks().items()):
                check(0 < size - free <= need, 'stack of %s: %d octets used, '
                      '%d at most', task, size - free, need)
        elif name != 'event':
            used, _, _, failed = value
            check(not failed, '%s: %d times nothing was left', name, failed)
            check(not used or name not in TRANSIENT, '%s: %d are not back',
                  name, used)


async def secure_life(version, transport):
    box = await life(version, transport, 'ipsec')
    start = [e.kind for e in box.trace].index('answer')
    for e in box.trace[start:]:
        check(e.pair, 'outside ESP: %s', e)


async def stray(version):
    """Garbage makes the UE close its connection; what the P-CSCF sends
    there afterwards has no socket."""
    with Cable(version) as wire:
        async with Box([wire.host], wire=wire) as box:
            box.do('set sec on')
            args = settings(box, wire, transport='tcp', sec='ipsec',
                            algs=ALGS)
            async with board.Board(args) as ue:
                await ue.command('register')
                check(await ue.event('reg-event', seconds=20), ue.events)
                for _ in range(3):
                    box.do('garbage ' + IMSI)
                    check(await ue.event('flow-failed'), ue.events[-5:])
                    await ue.command('reregister')
                    check(await ue.event('reregistered', seconds=20),
                          ue.events[-5:])
                await ue.command('deregister')
                check(await ue.event('deregistered', seconds=20),
                      ue.events[-5:])
                await ue.command('quit')
                equal(await ue.wait(10), 0, 'exit status')
            check(not [c for c in box.complaints
                       if c.rule.startswith('TS 33.203')], 'in the clear')


for _version in (4, 6):
    tests.add('firmware: TS 33.203 s7.1: segments without a connection are '
              'not answered in the clear, IPv%d' % _version,
              _version)(stray)
    for _transport in ('udp', 'tcp'):
        tests.add('firmware: registers over %s and IPv%d' % (
            _transport.upper(), _version), _version, _transport)(life)
        tests.add('firmware: TS 33.203: registers with ESP over %s and '
                  'IPv%d' % (_transport.upper(), _version), _version,
                  _transport)(secure_life)


@tests.add('firmware: RFC 4975: a peer that does not read does not keep the '
           'board awake')
async def unread_answers():
    with Cable(4) as wire:
        async with Box([wire.host], wire=wire) as box:
            async with board.Board(settings(box, wire,
                                            transport='tcp')) as ue:
                await ue.command('register')
                check(await ue.event('registered', seconds=20), ue.events)
                await ue.command('chat sip:echo@peer.' + box.hss.home)
                check(await ue.event('messaging-ready'), ue.events)
                peer = next(s for s in box.msrp.sessions.values() if s.conn)
                sock, answers = peer.conn.sock, []
                sock.pause_reading()
                # until the board, whose answers find no room, does not read
                left = 0
                while left != sock.get_write_buffer_size() or left < 20000:
                    left = sock.get_write_buffer_size()
                    while sock.get_write_buffer_size() < 20000:
                        answers.append(peer.send(b'hello', 'text/plain'))
                    await asyncio.sleep(0.5)

                # time in which the board has nothing to do passes at once
                await ue.command('skip 20')
                await ue.command('sleep 20')
                await ue.command('slept')
                check(await ue.event('error', seconds=15), 'it is awake')

                sock.resume_reading()
                # 413: no memory for more messages at a time
                check(set(await asyncio.gather(*answers)) <= {200, 413},
                      'answers')
                await ue.command('hangup')
                await ue.event('session-ended')
                await ue.command('deregister')
                check(await ue.event('deregistered'), ue.events[-5:])
                await ue.command('quit')
                equal(await ue.wait(10), 0, 'exit status')
            no_complaints(box)


@tests.add('firmware: console: settings are typed, what is typed ahead '
           'waits, errors are told')
async def console():
    with Cable(4) as wire:
        async with Box([wire.host], wire=wire) as box:
            args = settings(box, wire, transport='tcp')
            async with board.Board(args, typed=True) as ue:
                # more than the line buffer and the ring hold
                await ue.command('set pcscf')
                await ue.command('register')
                for n in range(40):
                    await ue.command('wait reg-event 9%d' % n)
                await ue.command('x' * 400)
                await ue.command('nonsense')
                await ue.command('deregister')
                check(await ue.event('registered', seconds=20), ue.events)
                check(await ue.event('deregistered', seconds=20), ue.events)
                equal([(e['what'], e['reason']) for e in ue.named('error')],
                      [('set', 'started already'),
                       ('', 'command too long'),
                       ('nonsense', 'no such command')], 'errors')
                await ue.command('quit')
                equal(await ue.wait(10), 0, 'exit status')
            no_complaints(box)


@tests.add('firmware: console: after a start that failed a setting is '
           'mended, and it starts')
async def again():
    with Cable(4) as wire:
        async with Box([wire.host], wire=wire) as box:
            args = settings(box, wire, sigcomp='on', dms=131072)
            async with board.Board(args, typed=True) as ue:
                # more than was built
                error = await ue.event('error')
                check(error and error['what'] == 'start', ue.events)
                await ue.command('set dms 2048')
                await ue.command('set sigcomp off')
                await ue.command('start')
                await ue.command('register')
                check(await ue.event('registered', seconds=20), ue.events)
                await ue.command('deregister')
                check(await ue.event('deregistered', seconds=20), ue.events)
                await ue.command('quit')
                equal(await ue.wait(10), 0, 'exit status')
            no_complaints(box)


@tests.add('firmware: console: a setting that is wrong ends with status 2')
async def wrong():
    for key, value, reason in (
            ('ip', '1.2.3', 'ip: an IP address is expected'),
            # RFC 4861 s6.3.4: of IPv6 the router says so itself
            ('gateway', '2001:db8::1', 'gateway: an IPv4 address is '
             'expected')):
        with Cable(4):
            async with board.Board({key: value}) as ue:
                equal(await ue.wait(10), 2, 'exit status')
                equal([(e['what'], e['reason']) for e in ue.named('error')],
                      [('settings', reason)], 'errors')


def read_lines(fd, lines):
    """In a thread, until the program has ended."""
    with os.fdopen(fd, 'rb', closefd=False) as file:
        lines.extend(json.loads(line) for line in file)


@tests.add('firmware: console: lines that nobody reads are counted, and the '
           'count is told')
async def unread():
    proc_in, stdin = os.pipe()
    stdout, proc_out = os.pipe()
    # more than a page does not leave the board
    fcntl.fcntl(proc_out, fcntl.F_SETPIPE_SZ, 4096)
    with Cable(4), tempfile.TemporaryDirectory() as folder:
        proc = await asyncio.create_subprocess_exec(
            *board.words('net0', []), stdin=proc_in, stdout=proc_out,
            cwd=folder)
        os.close(proc_in)
        os.close(proc_out)
        lines, sent = [], 500
        try:
            os.write(stdin, b''.join(b'bad%d\n' % n for n in range(sent)))
            # until the board has taken the last one
            while struct.unpack('i', fcntl.ioctl(
                    stdin, termios.FIONREAD, bytes(4)))[0]:
                await asyncio.sleep(0.01)
            reader = asyncio.get_running_loop().run_in_executor(
                None, read_lines, stdout, lines)
            while not any(e.get('what') == 'end' for e in lines):
                os.write(stdin, b'end\n')
                sent += 1
                await asyncio.sleep(0.1)
            os.write(stdin, b'quit\n')
            await reader
            equal(await proc.wait(), 0, 'exit status')
        finally:
            if proc.returncode is None:
                proc.kill()
                await proc.wait()
            os.close(stdin)
            os.close(stdout)
    lost = sum(e['lines'] for e in lines if e['event'] == 'output-lost')
    seen = [e for e in lines if e['event'] == 'error']
    check(lost, 'nothing was lost: %d lines', len(seen))
    equal(lost + len(seen), sent, 'lines lost and seen')


if __name__ == '__main__':
    board.build()
    sys.exit(netns.main(tests))
