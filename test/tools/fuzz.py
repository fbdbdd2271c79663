#!/usr/bin/python3
"""Fuzz every target: fuzz.py SECONDS [FILTER]

Builds the libraries and test/fuzz/fuzz_*.c with clang's libFuzzer, ASan and
UBSan and runs each for SECONDS on top of its corpus in the repository. New
inputs go to build/fuzz/corpus/<name>; an input that is a finding stays in
build/fuzz, its name is printed. Prints `ok` and `FAIL` lines and a summary.

SECONDS 0 only replays the corpus, with libraries that are quick to build.
M32=1 in the environment: 32-bit programs, in build/fuzz32.
"""

import glob
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SAN = 'address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
# everything but the port
LIBS = ('common', 'ue', 'sigcomp', 'ipsec', 'msrp', 're', 'mbedtls', 'z')


class Tools:
    """Where and how the programs of one run are built."""

    def __init__(self, replay, m32):
        self.folder = 'build/' + ('replay' if replay else 'fuzz') + \
            ('32' if m32 else '')
        # Debian has the headers of both word lengths in a folder that only
        # the compiler for the longer one looks into
        self.cc = ['clang'] + (['-m32', '-isystem',
                                '/usr/include/x86_64-linux-gnu']
                               if m32 else [])
        self.opt = '-O0' if replay else '-O1'
        self.san = SAN if replay else 'fuzzer-no-link,' + SAN

    def make_libs(self):
        subprocess.run(
            ['make', '--no-print-directory', '-j2', 'BUILD=' + self.folder,
             'SAN=1', 'CC=' + ' '.join(self.cc), 'OPT=' + self.opt,
             'SANFLAGS=-fsanitize=' + self.san,
             *['%s/host-san/lib%s.a' % (self.folder, lib) for lib in LIBS]],
            cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    def build(self, path):
        """Compile and link one target; its program."""
        program = os.path.join(self.folder, os.path.basename(path)[:-2])
        libs = ['%s/host-san/lib%s.a' % (self.folder, lib) for lib in LIBS]
        subprocess.run(
            [*self.cc, *flags(), '-D_GNU_SOURCE', '-Wno-missing-prototypes',
             '-g', self.opt, *('-fsanitize=fuzzer,' + SAN).split(), '-o',
             program, path, '-Wl,--start-group', *libs, '-Wl,--end-group'],
            cwd=ROOT, check=True)
        return program

    def run(self, name, program, seconds):
        new = os.path.join(self.folder, 'corpus', name)
        os.makedirs(os.path.join(ROOT, new), exist_ok=True)
        corpus = os.path.join('test/fuzz/corpus', name[5:])
        folders = [new] + ([corpus] if os.path.isdir(
            os.path.join(ROOT, corpus)) else [])
        limit = ['-max_total_time=%d' % seconds] if seconds else ['-runs=0']
        return subprocess.run(
            [os.path.join('.', program), '-print_final_stats=1',
             '-artifact_prefix=%s/%s-' % (self.folder, name), *limit,
             *folders], cwd=ROOT, text=True, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)


def flags():
    out = subprocess.run(['make', '-s', '--no-print-directory',
                          'print-flags'], cwd=ROOT, check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    return [f.replace("'", '') for f in out.split()]


def names():
    """Every target."""
    return sorted(os.path.basename(path)[:-2] for path in glob.glob(
        os.path.join(ROOT, 'test/fuzz/fuzz_*.c')))


def fuzz(seconds, want='', m32=os.environ.get('M32') == '1'):
    count = {True: 0, False: 0}
    tools = Tools(not seconds, m32)
    tools.make_libs()
    for name in names():
        if want not in name:
            continue
        try:
            proc = tools.run(name, tools.build('test/fuzz/%s.c' % name),
                             seconds)
            good = proc.returncode == 0
            tail = proc.stdout
        except subprocess.CalledProcessError as e:
            good, tail = False, str(e)
        count[good] += 1
        stats = ' '.join(line.split('::')[1].strip() for line in
                         tail.splitlines() if line.startswith('stat::num'))
        print('%s %s%s: %s' % ('ok' if good else 'FAIL', name,
                               ' -m32' if m32 else '',
                               stats or 'corpus replayed'), flush=True)
        if not good:
            print(tail[-4000:])
    return count[True], count[False]


def summary(passed, failed):
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(summary(*fuzz(int(sys.argv[1]), *sys.argv[2:3])))
