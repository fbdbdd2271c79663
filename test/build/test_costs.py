#!/usr/bin/python3
# class: check
# needs: gcc-arm-none-eabi libnewlib-arm-none-eabi
"""What *_config.h say that a unit of each capacity costs in RAM is what the
compiler of the Cortex-M3 finds: the struct at the default, and at some more.
And what README.md says of the structs, with the flags that it names.

A comment says `cost` and a sum or product of numbers and names, or nothing
where it is nothing."""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
CC = 'arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb'
# header of the capacities, that of the struct, the struct
HEADERS = (('ue/ue_config.h', 'ue/ue.h', 'struct ue'),
           ('msrp/msrp_config.h', 'msrp/msrp.h', 'struct msrp'),
           ('sigcomp/sigcomp_config.h', 'sigcomp/sigcomp.h',
            'struct sigcomp_storage'))
# what cannot be eight more: {name: (values more, units more)}
STEPS = {'UE_CALL_ID_MAX': (-8, -8), 'UE_TAG_MAX': (-8, -8),
         'UE_STREAMS_MAX': (6, 6), 'UE_REFERRED_MAX': (7, 7),
         'UE_CTRANS_MAX': (-4, -4),
         'UE_ROSTER_TEXT': (4096, 8), 'SIGCOMP_DMS': (8192, 8192),
         'SIGCOMP_SMS': (4096, 4096), 'SIGCOMP_SLOTS': (5, 5),
         'SIGCOMP_COMPARTMENTS': (8, 8),
         'MSRP_TRANS': (-3, -3)}
ALIGNED = 8     # octets that alignment may take or give
TERM = r'(?:\d+|[A-Z]\w+[A-Z])'
counts = {True: 0, False: 0}


def result(name, good, why=''):
    counts[good] += 1
    print('ok ' + name if good else 'FAIL %s: %s' % (name, why))


class Compiler:
    def __init__(self):
        flags = subprocess.run(
            ['make', '-s', '--no-print-directory', 'print-flags',
             'TARGET=mps2-an385'], cwd=ROOT, check=True, text=True,
            stdout=subprocess.PIPE).stdout.strip()
        self.command = '%s %s -x c - ' % (CC, flags)

    def __call__(self, code, more):
        return subprocess.run(self.command + more, shell=True, input=code,
                              cwd=ROOT, text=True, check=False,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT).stdout

    def size(self, header, struct, more=''):
        """As an error message tells it."""
        out = self('#include "%s"\nextern char a[sizeof(%s)];\n'
                   'char (*b)[1] = &a;\n' % (header, struct),
                   '-fsyntax-only ' + more)
        size = re.search(r'incompatible .*char \(\*\)\[(\d+)\]', out)
        if not size:
            raise SystemExit(out[:800])
        return int(size[1])

    def values(self, header):
        """{name: text} of all macros."""
        return dict(re.findall(r'^#define (\w+) (\S.*)$',
                               self('#include "%s"\n' % header, '-dM -E'),
                               re.M))


def capacities(path):
    """Name and comment of all that counts something: not of switches."""
    with open(os.path.join(ROOT, path), encoding='utf-8') as f:
        text = f.read()
    comment = ''    # of all that follows it
    for m in re.finditer(r'/\*.*?\*/|^#ifndef (\w+)\n'
                         r'#define \1 ([^\n]*)$', text,
                         re.M | re.S):
        if not m[1]:
            comment = ' '.join(re.sub(r'^ \*(?: |$)', '', line).strip()
                               for line in m[0].split('\n'))
        elif m[2] not in ('0', '1') or m[1] in STEPS:
            yield m[1], comment


def number(text, values):
    """Of an expression."""
    while re.search('[A-Z]', text):
        text = re.sub(r'[A-Z]\w+', lambda m: '(%s)' % values[m[0]], text)
    return eval(text)   # pylint: disable=eval-used


def said(comment, values):
    m = re.search(r'\b[Cc]ost:? (%s(?: [*+] %s)*)' % (TERM, TERM), comment)
    return number(m[1], values) if m else 0


def readme(cc):
    """Units of 1000 octets."""
    def read(name):
        with open(os.path.join(ROOT, name), encoding='utf-8') as f:
            return f.read()

    text = read('README.md').split('## What it costs')[1].split('\n## ')[0]
    named = re.findall(r'-D\w+(?:=\d+)?', text)
    board = re.findall(r'-D\w+(?:=\d+)?', read('boards/mps2-an385/board.mk')
                       .split('BOARD_LIBRE :=')[0])
    result('README: the flags are those of the board', named == board,
           '%s and %s' % (named, board))
    rows = re.findall(r'`(struct \w+)` (?:has )?(\d+(?:\.\d+)?)', text)
    result('README: four structs', len(rows) == 4, rows)
    for i, (struct, octets) in enumerate(rows):
        header = {'struct ue': 'ue/ue.h', 'struct msrp': 'msrp/msrp.h',
                  'struct ipsec': 'ipsec/ipsec.h'}[struct]
        # the first one is that without flags
        real = cc.size(header, struct, ' '.join(board) if i else '') / 1000
        result('README: %s has %s' % (struct, octets), octets == '%.*f' % (
            len(octets.partition('.')[2]), real), real)


def main():
    cc = Compiler()
    readme(cc)
    for path, header, struct in HEADERS:
        base, values = cc.size(header, struct), cc.values(header)
        for name, comment in capacities(path):
            more, units = STEPS.get(name, (8, 8))
            cost = said(comment, values)
            real = cc.size(header, struct, '-D%s=%d' % (
                name, number(name, values) + more)) - base
            result('%s costs %d' % (name, cost),
                   abs(real - units * cost) < ALIGNED,
                   '%+d units are %+d octets of %s' % (units, real, struct))
    print('%d passed, %d failed' % (counts[True], counts[False]))
    return 1 if counts[False] else 0


sys.exit(main())
