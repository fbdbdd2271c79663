#!/usr/bin/python3
# class: check
"""The README's program compiles and links, and its folders exist; what it
says to type is run by test_commands.py."""

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
    words = subprocess.run(['make', '-s', '--no-print-directory',
                            'print-program'], cwd=ROOT, check=True,
                           text=True, stdout=subprocess.PIPE).stdout.split()
    out = os.path.join(ROOT, 'build', 'readme')
    proc = subprocess.run(
        ['gcc', '-Wall', '-Wextra', '-Werror', '-o', out, '-x', 'c', '-',
         '-x', 'none', *words], input=code.group(1), cwd=ROOT, text=True,
        check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    result('README: the program compiles and links', proc.returncode == 0,
           proc.stdout[-1500:])
    if proc.returncode == 0:
        os.remove(out)


def folders(text):
    for name in re.findall(r'^\| `([\w/.]+)/` ', text, re.M):
        result('README: %s/ is there' % name,
               os.path.isdir(os.path.join(ROOT, name)), 'no such folder')


def changes():
    """The newest version of docs/changes.md is that of ue.h."""
    with open(os.path.join(ROOT, 'docs/changes.md'), encoding='utf-8') as f:
        newest = re.search(r'^## (\S+)', f.read(), re.M)
    with open(os.path.join(ROOT, 'ue/ue.h'), encoding='utf-8') as f:
        version = re.search(r'#define UE_VERSION "(.*)"', f.read())
    result('docs/changes.md begins with the version of ue.h',
           newest and version and newest[1] == version[1],
           '%s and %s' % (newest and newest[1], version and version[1]))


def main():
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as f:
        text = f.read()
    program(text)
    folders(text)
    changes()
    print('%d passed, %d failed' % (counts[True], counts[False]))
    return 1 if counts[False] else 0


sys.exit(main())
