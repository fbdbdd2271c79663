#!/usr/bin/python3
# class: test
# needs: gcc
"""Branches taken by the unit tests, for each part of the code: not fewer than
before (FLOORS), and how many the goal asks for. `--list PART` names each
branch that no test takes."""

import collections
import glob
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PARSERS = ('ue/xml/', 'ue/sdp/', 'ue/sip/message', 'ue/sip/uri', 'ue/sip/host',
           'ue/sip/value', 'ue/sip/multipart', 'ue/sip/digest_params',
           'ue/sip/stun', 'ue/sip/frame',
           'ue/sip/fields', 'ue/sip/params', 'ue/sip/scan', 'ue/sip/addr', 'ue/sip/names', 'ue/ims/reginfo',
           'ue/services/roster.c', 'ue/services/uri_list')
# part: (share that must be reached, the goal), in percent
FLOORS = {
    'sigcomp': (94.9, 95), 'ipsec': (96.0, 95), 'msrp': (99.0, 95),
    'parsers': (99.0, 95), 'rest of ue': (89.4, 88),
    'ports/common': (90.0, 88), 'commands': (97.8, 88),
}


COMMANDS = ('ports/common/%s' % name for name in (
    'command', 'ue_command', 'conf_command', 'msg_command', 'settings',
    'output'))
COMMANDS = tuple(COMMANDS)


def part_of(path):
    # judged end to end by test/lab, by the unit tests in part
    if path.startswith(COMMANDS):
        return 'commands'
    if path.startswith(PARSERS):
        return 'parsers'
    if path.startswith('ue/'):
        return 'rest of ue'
    return next((p for p in FLOORS if path.startswith(p + '/')), None)


def gcov(data):
    out = subprocess.run(['gcov', '--json-format', '--stdout', '-b', data],
                         check=True, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, cwd=ROOT).stdout
    for line in out.splitlines():
        if line.strip():
            yield from json.loads(line)['files']


def branches():
    """{(file, line, function, number of the branch): times it was taken}"""
    taken = collections.Counter()
    for data in glob.glob(os.path.join(ROOT, 'build/host-cov/obj/**/*.gcda'),
                          recursive=True):
        for found in gcov(data):
            if not part_of(found['file']):
                continue
            for line in found['lines']:
                for n, branch in enumerate(line['branches']):
                    taken[found['file'], line['line_number'],
                          line.get('function_name'), n] += branch['count']
    return taken


def show(taken, part):
    for (path, line, _, n), times in sorted(taken.items(), key=str):
        if not times and part_of(path) == part:
            with open(os.path.join(ROOT, path), encoding='utf-8') as f:
                text = f.read().splitlines()[line - 1].strip()
            print('%s:%d branch %d: %s' % (path, line, n, text))


def main():
    env = dict(os.environ, LC_ALL='C')
    for old in glob.glob(os.path.join(ROOT, 'build/host-cov/obj/**/*.gcda'),
                         recursive=True):
        os.remove(old)
    for argv in (['make', '-j2', 'COV=1', 'unit'],
                 ['build/host-cov/unit']):
        run = subprocess.run(argv, cwd=ROOT, env=env, text=True, check=False,
                             stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
        if run.returncode:
            print('FAIL coverage: %s: %s' % (argv[0], run.stdout[-300:]))
            print('0 passed, 1 failed')
            return 1
    taken = branches()
    if sys.argv[1:2] == ['--list']:
        show(taken, sys.argv[2])
        return 0
    failed = 0
    for part, (floor, goal) in FLOORS.items():
        all_of = [v for k, v in taken.items() if part_of(k[0]) == part]
        share = 100 * sum(1 for v in all_of if v) / max(len(all_of), 1)
        text = '%s: %.1f %% of %d branches, floor %.1f, goal %d%s' % (
            part, share, len(all_of), floor, goal,
            '' if share >= goal else ', short')
        good = share >= floor
        failed += not good
        print(('ok coverage of ' if good else 'FAIL coverage of ') + text)
    print('%d passed, %d failed' % (len(FLOORS) - failed, failed))
    return bool(failed)


if __name__ == '__main__':
    sys.exit(main())
