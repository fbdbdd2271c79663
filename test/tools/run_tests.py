#!/usr/bin/python3
"""Run tests and sum them up.

    run_tests.py check|test|soak|interop [FILTER]

check    what needs nothing beyond compiler, make and python3
test     all of it: sanitizers, valgrind, lab, real peers
interop  the real peers alone
soak     what takes minutes

A test file test/<folder>/test_*.{py,sh} says in its first lines
`# class: check|test|soak` (default test) and `# needs: package ...`. It
prints lines `ok NAME`, `FAIL NAME: why`, `skip NAME: reason` and last
`N passed, N failed[, N skipped]`. The last line printed here has that form,
too. In CI a test is skipped for what the machine does not permit, and for
nothing else: what a package would enable has failed.
"""

import functools
import glob
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
CLASSES = {'check': ('check',), 'test': ('check', 'test'),
           'interop': ('check', 'test'), 'soak': ('soak',)}
# why a test may be skipped in CI
NOT_PERMITTED = re.compile(
    r'skip .*(namespaces: |permitted|needs root|may not|no IPv6)')
SUMMARY = re.compile(r'^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$')
LIMIT_S = {'check': 300, 'test': 1200, 'interop': 1200, 'soak': 7200}
# more than cores: tests with peers mostly wait for them
WORKERS = 3
# the longest go first, so that none is left alone at the end
LONGEST = ('test/lab/test_uims_security.py', 'test/proof/test_proof.py',
           'test/build/test_targets.sh', 'test/build/test_trap.sh',
           'unit under valgrind')
# what has peers has a network of its own: ports are owned
PEERS = ('test/lab/', 'test/interop/', 'test/board/')
OWN = ('unshare', '-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh')
# as many of them get a second try, see again()
AGAIN = 2
# those that without it cannot be beside others
ALONE = ('test/interop/',)


class Job:
    def __init__(self, name, argv, needs=(), env=None):
        self.name = name
        self.argv = argv
        self.needs = list(needs)
        self.env = env or {}
        self.own = name.startswith(PEERS) and may_unshare()
        self.alone = name.startswith(ALONE) and not self.own


@functools.lru_cache
def may_unshare():
    """As root, with iproute2 and util-linux, where it is permitted."""
    try:
        return not subprocess.run([*OWN, 'true'], check=False,
                                  stderr=subprocess.DEVNULL).returncode
    except OSError:
        return False


def header(path):
    """class and needs of a test file."""
    kind, needs = 'test', []
    with open(path, encoding='utf-8') as f:
        for line in list(f)[:8]:
            m = re.match(r'# (class|needs):\s*(.*)', line)
            if m and m.group(1) == 'class':
                kind = m.group(2).strip()
            elif m:
                needs += m.group(2).split()
    return kind, needs


def script_jobs(goal):
    for path in sorted(glob.glob(os.path.join(ROOT, 'test/*/test_*.py')) +
                       glob.glob(os.path.join(ROOT, 'test/*/test_*.sh'))):
        name = os.path.relpath(path, ROOT)
        kind, needs = header(path)
        if kind not in CLASSES[goal]:
            continue
        if goal == 'interop' and not name.startswith('test/interop/'):
            continue
        argv = ['/usr/bin/python3'] if path.endswith('.py') else ['/bin/sh']
        yield Job(name, argv + [path], needs)


def unit_jobs(goal):
    if goal in ('check', 'test'):
        yield Job('unit', ['build/host/unit'])
    if goal == 'test':
        yield Job('unit with ASan and UBSan', ['build/host-san/unit'],
                  env={'UBSAN_OPTIONS': 'print_stacktrace=1'})
        yield Job('unit under valgrind',
                  ['valgrind', '-q', '--error-exitcode=9',
                   '--leak-check=full', 'build/host/unit', '-q'],
                  ['valgrind'])
    if goal == 'soak':
        yield Job('all of unit under valgrind',
                  ['valgrind', '-q', '--error-exitcode=9',
                   '--leak-check=full', 'build/host/unit'],
                  ['valgrind'])


def setup(packages):
    """Install packages; the ones that cannot be had."""
    if not packages:
        return 0
    return subprocess.run(['sh', os.path.join(ROOT, 'test/tools/setup.sh'),
                           *sorted(packages)], check=False).returncode


running = set()


def kill(proc):
    """A program and what it has started, which outlives it otherwise."""
    try:
        os.killpg(proc.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def ended(argv, limit_s, env=None):
    """Output and exit status of a program that has a process group of its
    own; nothing of the group is left."""
    with subprocess.Popen(argv, cwd=ROOT, env=env, start_new_session=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as proc:
        running.add(proc)
        try:
            out, code = proc.communicate(timeout=limit_s)[0], proc.returncode
        except subprocess.TimeoutExpired:
            kill(proc)
            out, code = proc.communicate()[0], 'time-out'
        finally:
            kill(proc)
            running.discard(proc)
    return out.decode('utf-8', 'replace'), code


def run(job, goal):
    start = time.monotonic()
    own = OWN if job.own else ()
    try:
        out, code = ended([*own, *job.argv], LIMIT_S[goal],
                          {**os.environ, **job.env})
    except OSError as e:
        out, code = str(e), 'cannot be run'
    return job, out, code, time.monotonic() - start


def report(job, out, code, seconds):
    """Print what matters of one job; its numbers."""
    job.failures = []
    lines = out.rstrip().splitlines()
    m = next((m for m in map(SUMMARY.match, reversed(lines)) if m), None)
    passed, failed, skipped = (int(n or 0) for n in m.groups()) if m \
        else (0, 0, 0)
    bad = not m or code not in (0, 1) or (code == 1 and not failed)
    if bad:
        failed += 1
    print('%-44s %5d passed %3d failed %3d skipped %6.1f s'
          % (job.name, passed, failed, skipped, seconds), flush=True)
    for line in lines:
        if line.startswith(('FAIL', 'skip')):
            print('  ' + line)
        if line.startswith('FAIL'):
            job.failures.append(line)
    if bad:
        job.failures.append('ended with %s' % code)
        print('  %s: ended with %s; its last lines:' % (job.name, code))
        for line in lines[-25:]:
            print('    ' + line)
    if os.environ.get('CI') == 'true' and \
            skipped > sum(map(bool, map(NOT_PERMITTED.match, lines))):
        print('  in CI nothing is skipped that a package would enable')
        failed += 1
    return passed, failed, skipped


def again(numbers, goal):
    """Programs that talk in real time and failed beside other tests, once
    more and alone: their second numbers. Both outcomes are printed."""
    failed = [j for j, n in numbers.items() if n[1] and j.own]
    if goal == 'soak' or len(failed) > AGAIN:
        return
    for job in failed:
        print('once more, alone, after the failure told above:')
        yield job, report(*run(job, goal))


def main():
    goal = sys.argv[1] if len(sys.argv) > 1 else ''
    if goal not in CLASSES:
        sys.stderr.write(__doc__)
        return 2
    jobs = list(unit_jobs(goal)) + list(script_jobs(goal))
    if len(sys.argv) > 2:
        jobs = [j for j in jobs if sys.argv[2] in j.name]
    code = setup({p for j in jobs for p in j.needs})
    if code:
        return code
    jobs.sort(key=lambda j: j.name not in LONGEST)
    numbers = {}
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            for result in pool.map(lambda j: run(j, goal),
                                   [j for j in jobs if not j.alone]):
                numbers[result[0]] = report(*result)
        except KeyboardInterrupt:
            # a terminal does not reach their groups
            pool.shutdown(wait=False, cancel_futures=True)
            for proc in list(running):
                kill(proc)
            raise
    for job in jobs:
        if job.alone:
            numbers[job] = report(*run(job, goal))
    numbers.update(again(numbers, goal))
    total = [sum(n) for n in zip(*numbers.values())] or [0, 0, 0]
    for job, (_, failed, _) in numbers.items():
        for line in job.failures if failed else ():
            print('%s: %s' % (job.name, line))
    print('%d passed, %d failed' % (total[0], total[1])
          + (', %d skipped' % total[2] if total[2] else ''))
    return 1 if total[1] or not total[0] else 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
