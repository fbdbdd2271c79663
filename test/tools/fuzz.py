#!/usr/bin/python3
"""Fuzz every target: fuzz.py SECONDS [FILTER]

Builds the libraries and test/fuzz/fuzz_*.c with clang's libFuzzer, ASan and
UBSan and runs each for SECONDS on top of its corpus in the repository
(0: only replays the corpus). New inputs go to build/fuzz/<name>; an input
that is a finding stays there, its name is printed. Prints `ok` and `FAIL`
lines and a summary.
"""

import glob
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = 'build/fuzz'
SAN = 'address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'


def make(*goals):
    subprocess.run(
        ['make', '--no-print-directory', '-j2', 'BUILD=' + BUILD, 'SAN=1',
         'CC=clang', 'OPT=-O1', 'SANFLAGS=-fsanitize=fuzzer-no-link,' + SAN,
         *goals], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def flags():
    out = subprocess.run(['make', '-s', '--no-print-directory',
                          'print-flags'], cwd=ROOT, check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    return [f.replace("'", '') for f in out.split()]


def build(path):
    """Compile and link one target; its program."""
    name = os.path.basename(path)[:-2]
    program = os.path.join(BUILD, name)
    libs = sorted(glob.glob(os.path.join(ROOT, BUILD, 'host-san', '*.a')))
    subprocess.run(
        ['clang', *flags(), '-D_GNU_SOURCE', '-Wno-missing-prototypes',
         '-g', '-O1', *('-fsanitize=fuzzer,' + SAN).split(), '-o', program,
         path, '-Wl,--start-group', *libs, '-Wl,--end-group', '-lresolv'],
        cwd=ROOT, check=True)
    return program


def run(name, program, seconds):
    new = os.path.join(BUILD, 'corpus', name)
    os.makedirs(os.path.join(ROOT, new), exist_ok=True)
    corpus = os.path.join('test/fuzz/corpus', name[5:])
    folders = [new] + ([corpus] if os.path.isdir(os.path.join(ROOT, corpus))
                       else [])
    limit = ['-max_total_time=%d' % seconds] if seconds else ['-runs=0']
    return subprocess.run(
        [os.path.join('.', program), '-print_final_stats=1',
         '-artifact_prefix=%s/%s-' % (BUILD, name), *limit, *folders],
        cwd=ROOT, text=True, check=False, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def fuzz(seconds, want=''):
    count = {True: 0, False: 0}
    make('libs')
    for path in sorted(glob.glob(os.path.join(ROOT, 'test/fuzz/fuzz_*.c'))):
        name = os.path.basename(path)[:-2]
        if want not in name:
            continue
        try:
            proc = run(name, build(path), seconds)
            good = proc.returncode == 0
            tail = proc.stdout
        except subprocess.CalledProcessError as e:
            good, tail = False, str(e)
        count[good] += 1
        stats = ' '.join(line.split('::')[1].strip() for line in
                         tail.splitlines() if line.startswith('stat::num'))
        print('%s %s: %s' % ('ok' if good else 'FAIL', name,
                             stats or 'corpus replayed'), flush=True)
        if not good:
            print(tail[-4000:])
    print('%d passed, %d failed' % (count[True], count[False]))
    return 1 if count[False] or not count[True] else 0


if __name__ == '__main__':
    sys.exit(fuzz(int(sys.argv[1]), *sys.argv[2:3]))
