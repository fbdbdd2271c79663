#!/usr/bin/python3
"""Run the benchmarks: bench.py FOLDER [FILTER]

Each test/bench/bench_* prints rows `name value unit goal` (goal `-`: none; a
value should be at most its goal, or at least, where the goal is written
`>=N`). Prints one table and writes FOLDER/bench.json. Exit status 1 when a
benchmark could not be run; a missed goal is only said.
"""

import glob
import json
import os
import subprocess
import sys


failures = []


def verdict(value, goal):
    if goal == '-':
        return ''
    if goal.startswith('>='):
        return '' if value >= float(goal[2:]) else 'short of the goal'
    return '' if value <= float(goal) else 'over the goal'


def rows(path, folder):
    if path.endswith('.c'):
        argv = [os.path.join(folder, os.path.basename(path)[:-2])]
    elif path.endswith('.py'):
        argv = ['/usr/bin/python3', path]
    else:
        argv = ['/bin/sh', path]
    proc = subprocess.run(argv, check=False, text=True,
                          stdout=subprocess.PIPE)
    if proc.returncode:
        print('FAIL %s: ended with %d' % (path, proc.returncode))
        failures.append(path)
    for line in proc.stdout.splitlines():
        name, value, unit, goal = line.rsplit(None, 3)
        yield {'name': name, 'value': float(value), 'unit': unit,
               'goal': goal}


def main():
    folder = sys.argv[1]
    want = sys.argv[2] if len(sys.argv) > 2 else ''
    table = []
    for path in sorted(glob.glob('test/bench/bench_*')):
        if want not in path:
            continue
        for row in rows(path, folder):
            table.append(row)
            print('%-44s %12g %-14s %10s  %s'
                  % (row['name'], row['value'], row['unit'], row['goal'],
                     verdict(row['value'], row['goal'])), flush=True)
    with open(os.path.join(folder, 'bench.json'), 'w',
              encoding='utf-8') as f:
        json.dump(table, f, indent=1)
    return 1 if failures else 0


sys.exit(main())
