#!/usr/bin/python3
# class: test
# needs: gcc
"""Run the proofs: test_proof.py [NAME...]

Each proof is a file test/proof/<name>.c for CBMC, whose head comment says
  source: FILES              what is compiled with it
  unwind: N                  bound of the loops that have no invariant, which
                             CBMC checks to be enough
  flags: ...                 more options of CBMC, -D for the compiler
  prove: F [--OPTION]        a run of its own: function prove_F of the proof,
                             where calls of each G that is not F go to
                             G_contract if there is one (no such line: one
                             run, main)
  bug: F: FILE SED           a mistake put into FILE; that run must then fail
  assumed: G WHY             no proof of any file proves G, whose contract
                             stands for its calls here; else that is a failure
A run without a bug counts as failed: nobody knows if it can fail.  Of each
proof the first bug is put in; with MISTAKES=all in the environment every one.

Where the proof defines LOOP_<function>_<n>, an invariant, it is put behind the
head of loop n of that function in a file that the proof includes.  The loop is
then proved by induction, for any number of turns.
"""
import os
import re
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BIN = 'build/cbmc/bin/'
OUT = 'build/proof'
LIMIT_S = 300
INCLUDES = ['-I', '.', '-I', 'build/deps/mbedtls/include',
            '-I', 'build/deps/libre/include']
DEFINES = ['-std=c11', '-DHAVE_INTTYPES_H', '-DHAVE_STDBOOL_H', '-DPROOF',
           '-DMBEDTLS_CONFIG_FILE="boards/common/mbedtls_config.h"']
CHECKS = ['--pointer-overflow-check', '--unwinding-assertions',
          '--malloc-may-fail', '--malloc-fail-null', '--slice-formula']


class Failed(Exception):
    pass


def call(argv, log):
    """Exit status; what is printed goes behind the log."""
    with open(log, 'a', encoding='utf-8') as f:
        try:
            return subprocess.run(argv, stdout=f, stderr=f,
                                  timeout=LIMIT_S).returncode
        except subprocess.TimeoutExpired:
            return f'no result after {LIMIT_S} s'


def mistaken(text, path, sed):
    bad = subprocess.run(['sed', sed], input=text, text=True,
                         stdout=subprocess.PIPE, check=True).stdout
    if bad == text:
        raise Failed(f'{sed} changes nothing in {path}')
    return bad


def check(argv, log):
    status = call(argv, log)
    if status:
        with open(log, encoding='utf-8') as f:
            raise Failed(f'{os.path.basename(argv[0])}: {status}: '
                         + ' '.join(f.read().splitlines()[-2:]))


def defined(function, text):
    return re.search(r'^[a-z][^\n;]*\b%s\([^;{]*\n\{' % function, text, re.M)


def closing(text, pos):
    """Behind the parenthesis that closes the one before pos."""
    depth = 1
    while depth:
        depth += {'(': 1, ')': -1}.get(text[pos], 0)
        pos += 1
    return pos


def with_invariant(text, function, number, macro):
    """The text with it; None: the function is not in there.  CBMC knows no
    invariants of do: it becomes a for that does not ask the first time."""
    m = re.search(r'^[a-z][^\n;]*\b%s\([^;{]*\n\{' % function, text, re.M)
    if not m:
        return None
    loops = []
    for i in re.compile(r'\b(?:(?:for|while) \(|do\b)').finditer(
            text, m.end(), text.index('\n}', m.end())):
        if i.group() == 'do':
            loops.append([i.start(), i.end()])
            continue
        pos = closing(text, i.end())
        if text[pos] != ';':
            loops.append(pos)
            continue
        # the end of the do before it
        do = [d for d in loops if isinstance(d, list) and len(d) == 2][-1]
        do += [i.start(), text[i.end():pos - 1]]
    if number > len(loops):
        raise Failed(f'{function} has {len(loops)} loops')
    at = loops[number - 1]
    if isinstance(at, int):
        return f'{text[:at]} {macro}{text[at:]}'
    start, head, tail, condition = at
    return (f'{text[:start]}for (_Bool once = 1; once || ({condition}); '
            f'once = 0) {macro} {text[head:tail]}'
            + text[tail:].replace(f'while ({condition})', '', 1))


class Proof:
    def __init__(self, name):
        self.name = name
        self.path = f'test/proof/{name}.c'
        with open(self.path, encoding='utf-8') as f:
            self.text = f.read()
        self.sources = self.field('source').split()
        self.flags = self.field('flags').split()
        self.runs, self.bugs, self.source = {}, [], ''
        for line in self.fields('prove'):
            entry, *options = line.split()
            self.runs[entry] = options
        for line in self.fields('bug'):
            entry, rest = line.split(': ', 1) if self.runs else ('main', line)
            self.bugs.append((entry, *rest.split(' ', 1)))
        if not self.runs:
            self.runs = {'main': []}

    def fields(self, key):
        return re.findall(r'^ \* %s: (.*)$' % key, self.text, re.M)

    def field(self, key):
        return ' '.join(self.fields(key))

    def contracts(self, entry):
        """Functions that are called by their contracts"""
        for name in self.with_contract():
            if name != entry and defined(name, self.source):
                yield f'{name}:{name}_contract'

    def with_contract(self):
        text = self.text
        for path in re.findall(r'^#include "(test/proof/.*)"', text, re.M):
            with open(path, encoding='utf-8') as f:
                text += f.read()
        return re.findall(r'^[a-z].*\b(\w+)_contract\(', text, re.M)

    def places(self, names):
        """Each function of names with the file of ours that defines it."""
        found = set()
        for path in self.files():
            with open(path, encoding='utf-8') as f:
                text = f.read()
            found |= {(path, n) for n in names if defined(n, text)}
        return found

    def unproved(self, proved):
        """Lines on contracts that nothing proves, and on reasons for those
        that something does"""
        assumed = {a.split()[0] for a in self.fields('assumed')}
        open_ = {n for p, n in self.places(self.with_contract()) - proved}
        for name in sorted(open_ - assumed):
            yield f'FAIL {self.name}: nothing proves the contract of {name}'
        for name in sorted(assumed - open_):
            yield f'FAIL {self.name}: {name} is not assumed'

    def files(self):
        return re.findall(r'^#include "(.*\.c)"', self.text, re.M) + \
            self.sources

    def prepare(self, folder, bug=None):
        """Copies of the files with invariants and a mistake; compiled."""
        texts = {}
        for path in self.files():
            with open(path, encoding='utf-8') as f:
                texts[path] = f.read()
        if bug:
            texts[bug[0]] = mistaken(texts[bug[0]], *bug)
        for macro, function, number in re.findall(
                r'#define (LOOP_(\w+)_(\d+))\b', self.text):
            found = {p: with_invariant(t, function, int(number), macro)
                     for p, t in texts.items() if p not in self.sources}
            found = {p: t for p, t in found.items() if t}
            if len(found) != 1:
                raise Failed(f'{macro}: found in {len(found)} files')
            texts.update(found)
        for path, text in texts.items():
            copy = os.path.join(folder, path)
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            with open(copy, 'w', encoding='utf-8') as f:
                f.write(text)
        self.source = '\n'.join(texts.values())
        log = os.path.join(folder, 'compile.log')
        open(log, 'w', encoding='utf-8').close()
        check([BIN + 'goto-cc', *DEFINES,
               *[f for f in self.flags if f.startswith('-D')],
               '-I', folder, *INCLUDES, '-o', os.path.join(folder, 'all'),
               self.path,
               *[os.path.join(folder, s) for s in self.sources]], log)

    def run(self, folder, entry, *options):
        """True: proved; False: refuted; and what CBMC said"""
        function = entry if entry == 'main' else f'prove_{entry}'
        base = os.path.join(folder, entry)
        log = base + '.log'
        open(log, 'w', encoding='utf-8').close()
        steps = []
        for pair in self.contracts(entry):
            steps += ['--replace-calls', pair]
        steps = [steps] if steps else []
        if 'LOOP_' in self.text:
            steps += [['--apply-loop-contracts']]
        binary = os.path.join(folder, 'all')
        for step in steps:
            check([BIN + 'goto-instrument', *step, binary, base], log)
            binary = base
        status = call([BIN + 'cbmc', binary, '--function', function,
                       '--drop-unused-functions',
                       '--unwind', self.field('unwind') or '1', *CHECKS,
                       *[f for f in self.flags if f.startswith('--')],
                       *self.runs[entry], *options], log)
        with open(log, encoding='utf-8') as f:
            said = f.read()
        if status not in (0, 10):
            raise Failed(f'cbmc: {status}: ' +
                         ' '.join(said.splitlines()[-2:]))
        return status == 0, said


def prove(proof, entry):
    """One run and its mistakes: lines to print"""
    folder = f'{OUT}/{proof.name}'
    lines = []
    name = f'{proof.name} {entry}' if entry != 'main' else proof.name
    try:
        good, said = proof.run(folder, entry)
        if good:
            count = re.search(r'^\*\* (.*) \(', said, re.M).group(1)
            lines.append(f'ok {name} ({count})')
        else:
            lines.append(f'FAIL {name}: ' + ' '.join(re.findall(
                r'^.*: FAILURE$', said, re.M)[:3]))
    except Failed as e:
        lines.append(f'FAIL {name}: {e}')
    return lines


def find(proof, number):
    entry, *bug = proof.bugs[number]
    name = f'{proof.name} {entry}' if entry != 'main' else proof.name
    try:
        folder = f'{OUT}/{proof.name}.{number + 1}'
        proof.prepare(folder, bug)
        if proof.run(folder, entry, '--stop-on-fail')[0]:
            return [f'FAIL {name}: {bug[1]} is not found']
        return [f'ok {name} finds: {bug[1]}']
    except Failed as e:
        return [f'FAIL {name}: {bug[1]}: {e}']


def stale(proof, number):
    """A line where a mistake is none any more"""
    _, path, sed = proof.bugs[number]
    try:
        with open(path, encoding='utf-8') as f:
            mistaken(f.read(), path, sed)
        return []
    except Failed as e:
        return [f'FAIL {proof.name}: {e}']


def jobs(proof, proved):
    """What can run beside each other, once the proof is compiled"""
    yield lambda: list(proof.unproved(proved))
    with open('docs/testing.md', encoding='utf-8') as f:
        if f'| `{proof.name}` |' not in f.read():
            yield lambda: [f'FAIL {proof.name}: not in docs/testing.md']
    try:
        proof.prepare(f'{OUT}/{proof.name}')
    except Failed as e:
        reason = str(e)
        yield lambda: [f'FAIL {proof.name}: {reason}']
        return
    for entry in proof.runs:
        yield lambda entry=entry: prove(proof, entry)
        if entry not in [bug[0] for bug in proof.bugs]:
            yield lambda entry=entry: [f'FAIL {proof.name} {entry}: no bug']
    every = os.environ.get('MISTAKES') == 'all'
    for number in range(len(proof.bugs)):
        look = find if every or not number else stale
        yield lambda number=number, look=look: look(proof, number)


def main():
    os.chdir(ROOT)
    os.makedirs(OUT, exist_ok=True)
    got = subprocess.run(['sh', 'test/proof/get_cbmc.sh', 'build/cbmc'],
                         stderr=subprocess.PIPE, text=True, check=False)
    if got.returncode:
        print(f'skip proof: {got.stderr.strip()}')
        print('0 passed, 0 failed, 1 skipped')
        return 0
    if not os.path.exists('build/deps/mbedtls/include/mbedtls/aes.h'):
        subprocess.run(['sh', 'test/tools/deps.sh', 'build/deps', 'mbedtls'],
                       check=True)
    # a proof that has grown too big fails, it does not take the machine along
    resource.setrlimit(resource.RLIMIT_AS, (4000 << 20, 4000 << 20))
    names = sys.argv[1:] or sorted(
        n[:-2] for n in os.listdir('test/proof') if n.endswith('.c'))
    every = [Proof(n[:-2]) for n in sorted(os.listdir('test/proof'))
             if n.endswith('.c')]
    proved = set().union(*(p.places(p.runs) for p in every))
    passed = failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        todo = [pool.submit(j) for n in names for j in jobs(Proof(n), proved)]
        for job in todo:
            for line in job.result():
                print(line, flush=True)
                passed += line.startswith('ok ')
                failed += line.startswith('FAIL ')
    print(f'{passed} passed, {failed} failed')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
