#!/usr/bin/python3
# class: check
"""docs/conformance.md says what sources and tests say, and every clause in
scope has a test or a reason."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def main():
    run = subprocess.run(
        ['/usr/bin/python3', 'test/tools/conformance.py', 'check'], cwd=ROOT,
        check=False, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    name = 'conformance: every clause has a test or a reason'
    if run.returncode:
        print('FAIL %s: %s' % (name, run.stdout[-800:]))
    else:
        print('ok ' + name)
    print('%d passed, %d failed' % (not run.returncode, bool(run.returncode)))
    return run.returncode


if __name__ == '__main__':
    sys.exit(main())
