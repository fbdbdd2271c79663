#!/usr/bin/python3
# class: check
"""A SIP dialogue compressed with the deflate codec, with and without loss.

RFC 3320 s5.1: only acknowledged state is referenced, so that no message,
whatever was lost before it, fails to decompress. The program compares each
text with what was sent.
"""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROGRAM = os.environ.get('SIGCOMP', os.path.join(ROOT, 'build/host/sigcomp'))
FLOW = os.path.join(HERE, 'sip-flow')
SEEDS = range(1, 6)
NO_CODEC = 2


def flow(*args):
    """Totals of one flow, None if there are none, and the exit status."""
    proc = subprocess.run([PROGRAM, 'flow', '--codec', 'deflate', *args,
                           FLOW], stdout=subprocess.PIPE, text=True)
    lines = proc.stdout.splitlines()
    return (json.loads(lines[-1]) if lines else None), proc.returncode


def check(total, status):
    """What is wrong with a flow, or None."""
    if not total or status != 0 or total['failed'] != 0:
        return 'exit status %d, totals %s' % (status, total)
    if total['bytes'] * 2 > total['plain']:
        return 'not compressed: %d of %d bytes' % (total['bytes'],
                                                   total['plain'])
    return None


def main():
    if flow() == (None, NO_CODEC):
        print('FAIL deflate: not built')
        print('0 passed, 1 failed')
        return 1
    passed = failed = 0
    cases = [(sms, loss, more)
             for sms in (2048, 4096, 8192)
             for loss, more in ((0, ()), (0, ('--stream',)), (5, ()),
                                (20, ()), (20, ('--nack',)))]
    for sms, loss, more in cases:
        name = 'deflate at SMS %d, %d %% lost%s' % (
            sms, loss, ''.join(' ' + m for m in more))
        lost, why = 0, None
        for seed in SEEDS if loss else (1,):
            total, status = flow('-s', str(sms), '--loss', str(loss),
                                 '--seed', str(seed), *more)
            lost += total['lost'] if total else 0
            why = why or check(total, status)
        if (lost == 0) != (loss == 0):
            why = why or '%d messages lost' % lost
        if why:
            failed += 1
            print('FAIL %s: %s' % (name, why))
        else:
            passed += 1
            print('ok %s' % name)
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
