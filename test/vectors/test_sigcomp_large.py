#!/usr/bin/python3
# class: check
"""Messages up to 6 kB, larger than what a decoder's memory holds at a time:
each arrives exactly, whatever the sizes, the loss and the transport."""

import json
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FLOW = os.path.join(HERE, 'sip-flow')
PROGRAM = os.path.join(ROOT, os.environ.get('BUILD', 'build'), 'host',
                       'sigcomp')
RUNS = ([], ['-s', '2048'], ['-s', '8192'], ['--stream'],
        ['-s', '2048', '--stream'], ['--loss', '20', '--seed', '1'])


def texts(seed):
    """Pieces of SIP between random characters."""
    rng = random.Random(seed)
    sources = []
    for name in sorted(os.listdir(FLOW)):
        with open(os.path.join(FLOW, name), 'rb') as f:
            sources.append(f.read())
    for i in range(40):
        way, start = (('up-REGISTER', b'REGISTER sip:x SIP/2.0\r\n'),
                      ('down-200', b'SIP/2.0 200 OK\r\n'))[i % 2]
        text = bytearray(start)
        size = rng.choice((500, 1200, 2500, 3500, 4500, 6000))
        while len(text) < size:
            s = rng.choice(sources)
            at = rng.randrange(len(s))
            text += s[at:at + rng.randrange(20, 400)]
            text += bytes(rng.randrange(32, 127)
                          for _ in range(rng.randrange(40)))
        yield 'a-%03d-%s.sip' % (i + 1, way), bytes(text)


def main():
    passed = failed = 0
    for seed in (3, 4):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in texts(seed):
                with open(os.path.join(folder, name), 'wb') as f:
                    f.write(text)
            for args in RUNS:
                name = 'large messages, seed %d %s' % (seed, ' '.join(args))
                out = subprocess.run([PROGRAM, 'flow', *args, folder],
                                     stdout=subprocess.PIPE, text=True,
                                     stderr=subprocess.STDOUT, check=False)
                last = out.stdout.splitlines()[-1]
                good = (out.returncode == 0 and last.startswith('{') and
                        json.loads(last)['failed'] == 0)
                print('ok ' + name if good else
                      'FAIL %s: %s' % (name, out.stdout[-300:]))
                passed, failed = passed + good, failed + (not good)
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
