#!/usr/bin/python3
# class: test
"""Mutated SigComp messages under ASan and UBSan.

SIGCOMP_MUTATED sets their number (default 200000; `make soak` 10000000).
Sources: RFC 4465, the messages of two other implementations, and what our
own `sigcomp flow` sends. Also replays the corpus of fuzz_sigcomp_message.
"""

import glob
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
VECTORS = os.path.join(ROOT, 'test', 'vectors')
BUILD = os.path.join(ROOT, 'build')
NUMBER = int(os.environ.get('SIGCOMP_MUTATED', '200000'))
SEED = os.environ.get('SEED', '1')


def peer_sets():
    """(name, arguments, files in order) of the datagram sets."""
    for path in sorted(glob.glob(os.path.join(VECTORS, 'sigcomp-peers', '*',
                                              'udp-*', 'manifest.json'))):
        with open(path) as f:
            manifest = json.load(f)
        folder = os.path.dirname(path)
        for way in ('up', 'down'):
            yield ('%s %s' % ('/'.join(path.split(os.sep)[-3:-1]), way), [],
                   [os.path.join(folder, '%03d.sigcomp' % m['n'])
                    for m in manifest['messages'] if m['direction'] == way])


def rfc4465_set(tmp):
    files = []
    for path in sorted(glob.glob(os.path.join(VECTORS, 'rfc4465', 'A*'))):
        with open(path) as f:
            test = json.load(f)
        for step in test['steps']:
            if 'message' not in step:
                continue
            name = os.path.join(tmp, '%s-%d' % (test['section'],
                                                len(files)))
            with open(name, 'wb') as f:
                f.write(bytes.fromhex(step['message']))
            files.append(name)
    # half of them fail by design: only the hostile part counts
    return 'RFC 4465', ['-x', '-d', '2048'], files


def own_sets(tmp):
    """Our own messages, as the two directions of a flow."""
    program = os.path.join(BUILD, 'host', 'sigcomp')
    for sms in ('2048', '8192'):
        out = os.path.join(tmp, 'own' + sms)
        os.mkdir(out)
        proc = subprocess.run(
            [program, 'flow', '-s', sms, '-o', out,
             os.path.join(VECTORS, 'sip-flow')],
            stdout=subprocess.PIPE, text=True)
        rows = [json.loads(line) for line in proc.stdout.splitlines()]
        for way in ('up', 'down'):
            files = [os.path.join(out, '%03d.sigcomp' % (i + 1))
                     for i, row in enumerate(rows)
                     if row.get('dir') == way]
            if proc.returncode == 0 and files:
                yield 'own SMS %s %s' % (sms, way), ['-s', sms], files


def main():
    subprocess.run(['make', '-s', '-C', ROOT, 'SAN=1', 'MODS=sigcomp',
                    'build/host-san/sigcomp_mutate',
                    'build/host-san/sigcomp_replay'], check=True,
                   stdout=sys.stderr)
    mutate = os.path.join(BUILD, 'host-san', 'sigcomp_mutate')
    replay = os.path.join(BUILD, 'host-san', 'sigcomp_replay')
    passed = failed = 0
    with tempfile.TemporaryDirectory() as tmp:
        sets = [rfc4465_set(tmp)] + list(peer_sets()) + list(own_sets(tmp))
        jobs = [('%d mutated messages: %s' % (NUMBER // len(sets) + 1, name),
                 [mutate, '-n', str(NUMBER // len(sets) + 1), '-r', SEED] +
                 args + files) for name, args, files in sets]
        corpus = sorted(glob.glob(os.path.join(HERE, 'corpus',
                                               'sigcomp_message', '*')))
        jobs.append(('%d inputs of the fuzz corpus' % len(corpus),
                     [replay] + corpus))
        for name, command in jobs:
            proc = subprocess.run(command, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
            if proc.returncode == 0:
                passed += 1
                print('ok %s' % name)
            else:
                failed += 1
                print('FAIL %s: exit status %d' % (name, proc.returncode))
                print(proc.stdout[-2000:], file=sys.stderr)
            sys.stdout.flush()
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
