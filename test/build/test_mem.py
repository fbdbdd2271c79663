#!/usr/bin/python3
# class: check
"""make mem: nothing is left or refused, and its JSON file says the same."""

import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
counts = {True: 0, False: 0}


def result(name, good, why):
    counts[good] += 1
    print('ok ' + name if good else 'FAIL %s: %s' % (name, why))


def main():
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, 'mem.json')
        proc = subprocess.run(
            [os.path.join(ROOT, 'build/host/mem'), path], text=True,
            check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        result('mem: nothing is left or refused', proc.returncode == 0,
               proc.stdout[-400:])
        with open(path, encoding='utf-8') as f:
            report = json.load(f)
    rows = {r['name']: r for r in report['tables']}
    result('mem: no table was over its size',
           all(r['peak'] <= r['size'] for r in rows.values()), rows)
    result('mem: lives and look-ups used tables and pools',
           rows['UE_CTRANS_MAX']['peak'] > 0 and
           any(r['peak'] for r in rows.values() if r['kind'] == 'pool'),
           rows)
    result('mem: sizeof(struct ue) is there',
           report['sizeof'].get('struct ue', 0) > 0, report['sizeof'])
    print('%d passed, %d failed' % (counts[True], counts[False]))
    return 1 if counts[False] else 0


sys.exit(main())
