#!/usr/bin/python3
# class: check
"""Each promise of docs/security.md names tests that exist."""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def main():
    have = set(subprocess.run(
        [os.path.join(ROOT, 'build/host/unit'), '-l'], check=True, text=True,
        stdout=subprocess.PIPE).stdout.splitlines())
    with open(os.path.join(ROOT, 'docs/security.md'), encoding='utf-8') as f:
        text = f.read()
    part = text.split('## Invariants')[1].split('\n## ')[0]
    counts = {True: 0, False: 0}
    promises = re.split(r'^\d+\. ', part, flags=re.M)[1:]
    for n, promise in enumerate(promises, 1):
        named = re.findall(r'^ +- (.*)$', promise, re.M)
        lost = [t for t in named if t not in have]
        good = bool(named) and not lost
        counts[good] += 1
        print('%s security: invariant %d%s' % (
            'ok' if good else 'FAIL', n,
            '' if good else ': no such test: %s' % (lost or 'none named')))
    print('%d passed, %d failed' % (counts[True], counts[False]))
    return bool(counts[False]) or not promises


if __name__ == '__main__':
    sys.exit(main())
