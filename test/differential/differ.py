"""What the differential checks share.

Two implementations that know nothing of each other get the same generated
input; what they make of it is compared.  A difference passes only if a rule
of the test names it, with the clause that allows both; with the seed of
`make test` each rule must be met, so that none outlives its reason.

DIFFER multiplies the number of cases, SEED begins another run of them.
"""
import os
import random
import subprocess
import sys
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SEED = os.environ.get('SEED', '1')
TIMES = float(os.environ.get('DIFFER', '1'))
SHOWN = 5

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'tools'))


def make(*goals):
    subprocess.run(['make', '-s', '--no-print-directory', '-C', ROOT, *goals],
                   check=True, stdout=sys.stderr)


def build(name, san, libs, more=()):
    """Compile <name>.c of this folder; the program."""
    goals = ['SAN=1'] if san else []
    folder = 'build/host' + ('-san' if san else '')
    libs = ['%s/lib%s.a' % (folder, lib) for lib in libs]
    make(*goals, *libs)
    flags = subprocess.run(
        ['make', '-s', '--no-print-directory', '-C', ROOT, 'print-flags'],
        check=True, text=True, stdout=subprocess.PIPE).stdout.split()
    program = os.path.join(ROOT, folder, name)
    if san:
        more = ['-fsanitize=address,undefined',
                '-fno-sanitize-recover=all', *more]
    subprocess.run(
        ['gcc', *[f.replace("'", '') for f in flags], '-g', '-O1', *more,
         '-o', program, os.path.join(HERE, name + '.c'),
         '-Wl,--start-group', *libs, '-Wl,--end-group'],
        cwd=ROOT, check=True)
    return program


class Run:
    """Cases of one check, their differences, and the verdict."""

    def __init__(self, name, number, rules=()):
        self.name, self.number = name, int(number * TIMES)
        self.rules = list(rules)        # (why both are right, predicate)
        self.seen, self.kinds, self.bad = Counter(), Counter(), []

    def cases(self):
        """A random generator a case, each repeatable by its number."""
        for i in range(self.number):
            yield i, random.Random('%s %s %d' % (self.name, SEED, i))

    def compare(self, case, kind, ours, theirs, text=''):
        """kind: what became of the case, counted."""
        self.kinds[kind] += 1
        if ours == theirs:
            return
        for why, allows in self.rules:
            if allows(ours, theirs, text):
                self.seen[why] += 1
                return
        self.bad.append((case, ours, theirs, text))

    def refused(self, case, ours, theirs, text=''):
        """A case that is right by the rules, and that ours does not take."""
        self.bad.append((case, ours, theirs, text))

    def result(self, kinds):
        """Print and give the verdict; each of kinds must be there, because
        input that is all good or all bad proves nothing."""
        why = []
        for case, ours, theirs, text in self.bad[:SHOWN]:
            print('case %s of seed %s\n  ours   %r\n  theirs %r\n  %r' % (
                case, SEED, ours, theirs, text), file=sys.stderr)
        if self.bad:
            why.append('%d unexplained differences, the first in case %s' % (
                len(self.bad), self.bad[0][0]))
        total = sum(self.kinds.values())
        rare = [k for k in kinds if self.kinds[k] * 50 < total]
        if rare:
            why.append('too few of %s' % ', '.join(rare))
        if SEED == '1':
            why += ['never met: ' + w for w, _ in self.rules
                    if not self.seen[w]]
        figures = '%d cases, %s; %d differ as they may' % (
            total, ', '.join('%d %s' % (n, k)
                             for k, n in self.kinds.most_common(6)),
            sum(self.seen.values()))
        print('%s %s: %s' % ('FAIL' if why else 'ok', self.name,
                             '; '.join(why) if why else figures), flush=True)
        return not why


def summary(verdicts):
    good = sum(verdicts)
    print('%d passed, %d failed' % (good, len(verdicts) - good))
    return 0 if good == len(verdicts) else 1
