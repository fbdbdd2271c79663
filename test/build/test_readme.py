#!/usr/bin/python3
# class: check
"""The README's program compiles and links, and its commands exist."""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
counts = {True: 0, False: 0}


def result(name, good, why=''):
    counts[good] += 1
    print('ok ' + name if good else 'FAIL %s: %s' % (name, why))


def program(text):
    """The first C block is compiled like our own code and linked."""
    code = re.search(r'```c\n(.*?)```', text, re.S)
    if not code:
        result('README: a C program is there', False, 'none found')
        return
    lines = len(code.group(1).splitlines())
    result('README: the program has at most 40 lines', lines <= 40,
           '%d lines' % lines)
    flags = subprocess.run(['make', '-s', '--no-print-directory',
                            'print-flags'], cwd=ROOT, check=True, text=True,
                           stdout=subprocess.PIPE).stdout.split()
    flags = [f.replace("'", '') for f in flags]
    libs = ['build/host/lib%s.a' % m for m in
            ('linux', 'common', 'ue', 'sigcomp', 'ipsec', 're',
             'mbedtls', 'z')]
    libs = [p for p in libs if os.path.exists(os.path.join(ROOT, p))]
    out = os.path.join(ROOT, 'build', 'readme')
    proc = subprocess.run(
        ['gcc', *flags, '-D_GNU_SOURCE', '-x', 'c', '-', '-x', 'none',
         '-no-pie', '-o', out, '-Wl,--start-group', *libs, '-Wl,--end-group',
         '-lresolv'], input=code.group(1), cwd=ROOT, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    result('README: the program compiles and links', proc.returncode == 0,
           proc.stdout[-1500:])
    if proc.returncode == 0:
        os.remove(out)


def commands(text):
    """Each `make goal` named in a code block is a goal of the Makefile."""
    with open(os.path.join(ROOT, 'Makefile'), encoding='utf-8') as f:
        goals = set(re.findall(r'^([a-z]+):', f.read(), re.M))
    for block in re.findall(r'```sh\n(.*?)```', text, re.S):
        for goal in re.findall(r'^make ([a-z]+)', block, re.M):
            result('README: make %s exists' % goal, goal in goals,
                   'no such goal')


def folders(text):
    for name in re.findall(r'^\| `([\w/.]+)/` ', text, re.M):
        result('README: %s/ is there' % name,
               os.path.isdir(os.path.join(ROOT, name)), 'no such folder')


def main():
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as f:
        text = f.read()
    program(text)
    commands(text)
    folders(text)
    print('%d passed, %d failed' % (counts[True], counts[False]))
    return 1 if counts[False] else 0


sys.exit(main())
