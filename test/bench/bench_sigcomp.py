#!/usr/bin/python3
# needs: valgrind
"""SigComp figures: bytes of the flow, instructions to decompress.

Prints rows `name value unit goal`. Instructions are counted by callgrind at
-O2 inside sigcomp_decompress and sigcomp_accept, for messages 1, 37 and 41 of
our own flow at state memory 8192.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FLOW = os.path.join(ROOT, 'test', 'vectors', 'sip-flow')
FLOWGEN = os.path.join(ROOT, 'test', 'tools', 'sigcomp_flowgen.py')
GENERATED = range(1, 9)
BUILD = 'build/bench'
PROGRAM = os.path.join(ROOT, BUILD, 'host', 'sigcomp')
TOTALS = [(2048, [], 9700), (4096, [], 8500), (8192, [], 8100),
          (4096, ['--shared'], 7700), (8192, ['--shared'], 6900)]
BYTES = {1: 780, 37: 230, 41: 56}
SEEDS = range(1, 41)
INSTRUCTIONS = {1: 730000, 37: 550000, 41: 190000}


def row(name, value, unit, goal):
    print(name, value, unit, goal)


def flow(*args, folder=FLOW):
    """Reports of a flow: one a message, the last one with totals."""
    proc = subprocess.run([PROGRAM, 'flow', *args, folder], check=True,
                          stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in proc.stdout.splitlines()]


def generated(*args):
    """Bytes of flows of other networks.

    Not unseen: the constants of sharing were chosen looking at these very
    seeds. The code tables were fitted on others, 101 to 112.
    """
    for seed in GENERATED:
        with tempfile.TemporaryDirectory() as tmp:
            subprocess.run([sys.executable, FLOWGEN, str(seed), tmp],
                           check=True)
            yield flow(*args, folder=tmp)[-1]['bytes']


def instructions(files):
    """Instructions inside the library for these messages of one side."""
    with tempfile.NamedTemporaryFile() as out:
        proc = subprocess.run(
            ['valgrind', '--tool=callgrind', '--collect-atstart=no',
             '--toggle-collect=sigcomp_decompress',
             '--toggle-collect=sigcomp_accept',
             '--callgrind-out-file=' + out.name, PROGRAM, 'decompress', '-s',
             '8192', *files], check=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
    return int(re.search(r'Collected : (\d+)', proc.stderr).group(1))


def main():
    subprocess.run(['make', '-s', '-C', ROOT, 'BUILD=' + BUILD, 'OPT=-O2',
                    'MODS=sigcomp', BUILD + '/host/sigcomp'], check=True,
                   stdout=sys.stderr)
    for sms, extra, goal in TOTALS:
        total = flow('-s', str(sms), *extra)[-1]
        row('sigcomp-flow-%d%s' % (sms, '-shared' if extra else ''),
            total['bytes'], 'bytes', goal)
    for sms in (2048, 4096, 8192):
        whole = flow('-s', str(sms))[-1]['bytes']
        runs = [flow('-s', str(sms), '--loss', '5', '--seed', str(seed))[-1]
                for seed in SEEDS]
        row('sigcomp-loss-5-%d' % sms, round(
            1000 * sum(r['bytes'] for r in runs) / whole / len(runs)),
            'permille', 1150)
        row('sigcomp-loss-5-%d-failed' % sms,
            sum(r['failed'] for r in runs), 'messages', 0)
    for sms in (2048, 4096, 8192):
        mean = sum(generated('-s', str(sms))) / len(GENERATED)
        row('sigcomp-generated-%d' % sms, round(mean), 'bytes', '-')
    for sms in (2048, 4096, 8192):
        total = flow('-s', str(sms), '--codec', 'deflate')[-1]
        row('sigcomp-flow-%d-deflate' % sms, total['bytes'], 'bytes', '-')
    with tempfile.TemporaryDirectory() as tmp:
        reports = flow('-s', '8192', '-o', tmp)
        row('sigcomp-worst-cycles', reports[-1]['worst_budget_permille'],
            'permille', 600)
        for n, goal in BYTES.items():
            row('sigcomp-message-%d' % n, reports[n - 1]['bytes'], 'bytes',
                goal)
        up = [r['n'] for r in reports[:-1] if r['dir'] == 'up']
        files = [os.path.join(tmp, '%03d.sigcomp' % n) for n in up]
        for n, goal in INSTRUCTIONS.items():
            k = up.index(n)
            count = instructions(files[:k + 1])
            if k:
                count -= instructions(files[:k])
            row('sigcomp-decompress-%d' % n, count, 'instructions', goal)
    return 0


sys.exit(main())
