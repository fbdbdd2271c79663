#!/usr/bin/python3
# needs: python3
"""From power-on to registered, in the conference and subscribed with the first
roster: round trips one after the other, messages and octets.

Prints rows `name value unit goal`. What the P-CSCF sends costs what its
compressor makes of it: once that of the lab, once our own in both directions
(`sigcomp flow` over the same messages). The subscription to the registration event
runs beside the rest; it counts in messages and octets, not in round trips,
which are those of the requests that waited for each other.

With security agreement and ESP the same messages carry its header fields, and
all but the first two are in ESP: its overhead is what the IP packets have more
than the same messages in UDP over IPv4. That needs a network namespace.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import netns                                       # noqa: E402
from lab.scene import scene                                 # noqa: E402

SETTINGS = {'audio': '4000', 'gruu': 'off', 'timers': 'ims',
            'pani': '3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100011234567'}
PAIR = 'hmac-sha-1-96/aes-cbc'
UDP_IPV4 = 28


def row(name, value, unit, goal):
    print(name.replace(' ', '-'), value, unit, goal, flush=True)


async def power_on(sigcomp, secure=None):
    """One start without a repeated message, which a busy machine makes."""
    for _ in range(8):
        found, texts, more = await start(sigcomp, secure)
        if len(set(texts)) == len(texts):
            break
    return found, texts, more


async def start(sigcomp, secure):
    """The messages of one start, in order: as the UE saw them, their texts,
    and the octets that ESP has added, up and down."""
    settings = dict(SETTINGS, sigcomp='on' if sigcomp else 'off')
    lines = ['set sigcomp on'] if sigcomp else []
    if secure:
        settings['algs'] = PAIR
        lines += ['set udp_limit 0', 'set sec_algs ' + PAIR]
    async with scene(*lines, settings=settings, secure=secure,
                     complaints=False) as s:
        uri = s.box.do('conf new table')
        await s.ue.command('register')
        await s.event('registered')
        await s.ue.command('join ' + uri)
        await s.event('conference-joined')
        await s.event('roster')
        await asyncio.sleep(0.3)
        texts = [(e.way, bytes(e.data)) for e in s.box.trace
                 if e.name != '100']
        found = s.ue.named('message')
        return found, texts, added(s.box, found) if secure else None


def added(box, found):
    """Octets of the IP packets of ESP less those of the same in UDP."""
    node, = box.pcscfs
    node.security.settle()
    inside = [m for m in found if m['remote'] != node.address]
    return {way: sum(e.octets for e in box.trace if e.way == way and e.pair) -
            sum(m['wire'] + UDP_IPV4 for m in inside if m['dir'] == way)
            for way in ('up', 'down')}


def report(name, found, up, down):
    finals = [m for m in found if m['name'] != '100']
    up_names = [m['name'] for m in found if m['dir'] == 'up']
    # the first SUBSCRIBE is that of the registration event
    trips = sum(up_names.count(n) for n in (
        'REGISTER', 'INVITE', 'SUBSCRIBE')) - 1
    row(name + ' round trips', trips, 'round-trips', '4')
    row(name + ' messages', len(finals), 'messages', '-')
    for way, goal in (('up', up), ('down', down)):
        row('%s %s' % (name, way), sum(
            m['wire'] for m in found if m['dir'] == way), 'octets', goal)


def between_ours(texts):
    """Octets up and down when both ends compress as we do."""
    octets = {'up': 0, 'down': 0}
    with tempfile.TemporaryDirectory() as folder:
        for n, (way, text) in enumerate(texts):
            with open(os.path.join(folder, '%02d-%s-m.sip' % (n + 1, way)),
                      'wb') as file:
                file.write(text)
        out = subprocess.run(['build/host/sigcomp', 'flow', folder],
                             check=True, text=True, stdout=subprocess.PIPE,
                             cwd=os.path.dirname(os.path.dirname(HERE)))
    for line in out.stdout.splitlines():
        message = json.loads(line)
        if 'dir' in message:
            octets[message['dir']] += message['bytes']
    return octets


async def main():
    report('power-on plain', (await power_on(False))[0], '-', '-')
    found, texts, _ = await power_on(True)
    report('power-on SigComp', found, '1850', '-')
    for way, value in between_ours(texts).items():
        row('power-on SigComp between ours %s' % way, value, 'octets',
            '1850' if way == 'up' else '1900')
    try:
        netns.enter()
    except netns.Refused as why:
        print('power-on with IPsec: %s' % why, file=sys.stderr)
        return
    for name, sigcomp in (('power-on IPsec', False),
                          ('power-on IPsec SigComp', True)):
        found, texts, more = await power_on(sigcomp, 4)
        report(name, found, '-', '-')
        for way, value in between_ours(texts).items() if sigcomp else ():
            row('%s between ours %s' % (name, way), value, 'octets', '-')
        for way, value in more.items():
            row('%s ESP overhead %s' % (name, way), value, 'octets', '-')


asyncio.run(main())
