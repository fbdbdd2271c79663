#!/usr/bin/python3
# class: check
"""SigComp messages of two other implementations through `sigcomp decompress`.

test/vectors/sigcomp-peers/<peer>/<set>/manifest.json names for each message
its direction and the file of test/vectors/sip-flow that it must become. Each
direction is one compartment, messages in order.
"""

import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROGRAM = os.environ.get('SIGCOMP', os.path.join(ROOT, 'build/host/sigcomp'))
PEERS = os.path.join(HERE, 'sigcomp-peers')
FLOW = os.path.join(HERE, 'sip-flow')


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def run(endpoint, stream, files, out):
    """Reports of one run, in order, and the exit status."""
    args = [PROGRAM, 'decompress',
            '-d', str(endpoint['decompression_memory_size']),
            '-s', str(endpoint['state_memory_size']),
            '-c', str(endpoint['cycles_per_bit']), '-o', out]
    proc = subprocess.run(args + (['--stream'] if stream else []) + files,
                          stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in proc.stdout.splitlines()], \
        proc.returncode


def check_direction(folder, manifest, direction):
    """What is wrong with one direction of a set, or None."""
    messages = [m for m in manifest['messages']
                if m['direction'] == direction]
    files = [os.path.join(folder, '%03d.sigcomp' % m['n']) for m in messages]
    with tempfile.TemporaryDirectory() as out:
        reports, status = run(manifest['endpoint'],
                              manifest['transport'] == 'stream', files, out)
        if status != 0 or len(reports) != len(files):
            bad = [r for r in reports if not r['ok']]
            return 'exit status %d, %d of %d reports, first failure %s' % (
                status, len(reports), len(files), bad[:1])
        for message, path, report in zip(messages, files, reports):
            got = read(os.path.join(out, os.path.basename(path)))
            if got != read(os.path.join(FLOW, message['from_corpus'])):
                return 'message %d: wrong text' % message['n']
            if report['cycles'] != message['udvm_cycles']:
                return 'message %d: %d cycles, not %d' % (
                    message['n'], report['cycles'], message['udvm_cycles'])
    return None


def main():
    passed = failed = 0
    for peer in sorted(os.listdir(PEERS)):
        for name in sorted(os.listdir(os.path.join(PEERS, peer))):
            folder = os.path.join(PEERS, peer, name)
            manifest = json.loads(read(os.path.join(folder, 'manifest.json')))
            for direction in ('up', 'down'):
                test = '%s %s %s decodes exactly' % (peer, name, direction)
                why = check_direction(folder, manifest, direction)
                if why:
                    failed += 1
                    print('FAIL %s: %s' % (test, why))
                else:
                    passed += 1
                    print('ok %s' % test)
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed or not passed else 0


sys.exit(main())
