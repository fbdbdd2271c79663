#!/usr/bin/python3
# class: test
"""Mutated MSRP streams, CPIM and IMDN under ASan and UBSan.

MSRP_MUTATED sets their number (default 200000; `make soak` 10000000).
"""
import glob
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
NUMBER = os.environ.get('MSRP_MUTATED', '200000')
PROGRAM = os.path.join(ROOT, 'build', 'host-san', 'msrp_mutate')
FILES = sorted(glob.glob(os.path.join(ROOT, 'test/vectors/rfc4975/*.msrp')) +
               glob.glob(os.path.join(ROOT, 'test/fuzz/corpus/msrp_content/*')))


def main():
    subprocess.run(['make', '-s', '-C', ROOT, 'SAN=1',
                    'build/host-san/msrp_mutate'], check=True,
                   stdout=sys.stderr)
    good = subprocess.run([PROGRAM, '-n', NUMBER, '-r',
                           os.environ.get('SEED', '1'), *FILES],
                          check=False).returncode == 0
    print('%s %s mutated streams' % ('ok' if good else 'FAIL', NUMBER))
    print('%d passed, %d failed' % (good, not good))
    return 0 if good else 1


sys.exit(main())
