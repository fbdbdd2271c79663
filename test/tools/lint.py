#!/usr/bin/python3
"""The rules of the code that a program can check.

Expects that the libraries are built for host and mps2-an385. Prints a line
per finding; exit status 1 when there is one.
"""

import glob
import json
import os
import re
import subprocess
import sys
import tempfile

LIBRARIES = ('ue', 'sigcomp', 'ipsec', 'msrp')
MAY_INCLUDE = {'ue': ('ue', 'sigcomp', 'ipsec', 'msrp'),
               'sigcomp': ('sigcomp',), 'ipsec': ('ipsec',),
               'msrp': ('msrp',),
               'ports': LIBRARIES + ('ports', 'boards')}
# cycles are counted by the UDVM's own loop: one switch over its opcodes
COMPLEX = {'sigcomp/udvm.c': 60}
MAX_COMPLEXITY, MAX_LINES, MAX_FILE = 20, 100, 800
SIZE_TABLE = 'test/tools/size_table.json'
findings = []


def say(where, what):
    findings.append('%s: %s' % (where, what))


def tracked(*patterns):
    out = subprocess.run(['git', 'ls-files', '-co', '--exclude-standard',
                          '--', *patterns], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    return [p for p in out.splitlines() if os.path.exists(p)]


def read(path):
    with open(path, encoding='utf-8', errors='replace') as f:
        return f.read()


def strip_comments(text):
    """C code without comments and string contents, lines kept."""
    def blank(m):
        return re.sub(r'[^\n]', ' ', m.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text,
                  flags=re.S)


def check_arrows():
    """boards -> ports -> ue -> sigcomp, ipsec, msrp."""
    for path in tracked('*.c', '*.h'):
        room = path.split('/')[0]
        if room not in MAY_INCLUDE:
            continue
        for inc in re.findall(r'#\s*include\s+"(\w+)/', read(path)):
            if inc in MAY_INCLUDE and inc not in MAY_INCLUDE[room]:
                say(path, 'must not include %s/' % inc)
            if inc in ('test', 'gen') and not (room == 'sigcomp'
                                               and inc == 'gen'):
                say(path, 'must not include %s/' % inc)


def check_libraries():
    """No platform, no allocation, no VLA or alloca in the libraries."""
    for path in tracked(*('%s/*.[ch]' % m for m in LIBRARIES)):
        code = strip_comments(read(path))
        for n, line in enumerate(code.splitlines(), 1):
            if re.search(r'\b(malloc|calloc|realloc|free|strdup|alloca'
                         r'|mem_z?alloc|mem_realloc)\s*\(', line):
                say('%s:%d' % (path, n), 'allocation')
            if re.search(r'\b(time|gettimeofday|clock_gettime|rand)\s*\(',
                         line):
                say('%s:%d' % (path, n), 'clock or random source')
            if re.match(r'\s*#\s*if.*(__linux|__arm|_WIN32|__unix|__x86)',
                        line):
                say('%s:%d' % (path, n), '#if on a system or CPU')


def check_layout():
    """Tabs, 79 columns, length of files."""
    for path in tracked('*.c', '*.h'):
        text = read(path)
        lines = text.splitlines()
        for n, line in enumerate(lines, 1):
            if len(line.expandtabs(8)) > 79 and 'http' not in line:
                say('%s:%d' % (path, n), 'over 79 columns')
            if line != line.rstrip():
                say('%s:%d' % (path, n), 'space at the end of a line')
            if line.startswith('        '):
                say('%s:%d' % (path, n), 'spaces in place of tabs')
        if len(lines) > MAX_FILE and 'lines' not in text[:1500]:
            say(path, 'over %d lines without a reason' % MAX_FILE)
    for path in tracked('*.py'):
        if len(read(path).splitlines()) > MAX_FILE:
            say(path, 'over %d lines' % MAX_FILE)


def check_words():
    """Nothing of this machine, no host of a package mirror."""
    hosts = subprocess.run(['apt-get', 'indextargets', '--format',
                            '$(REPO_URI)'], check=False, text=True,
                           stdout=subprocess.PIPE).stdout
    hosts = {h for h in re.findall(r'//([^/\s]+)', hosts)}
    here = os.path.dirname(os.getcwd())
    for path in tracked():
        text = read(path) if not path.endswith(('.bin', '.sigcomp')) else ''
        for h in hosts | ({here + '/'} if here != '/' else set()):
            if h in text:
                say(path, 'names %r' % h)
        if path != 'test/tools/lint.py' and re.search(
                r'\b(TO' r'DO|FIX' r'ME|XX' r'X)\b', text):
            if path.endswith(('.c', '.h', '.py', '.sh', '.mk', '.md')):
                say(path, 'speaks of unfinished work')


def check_functions():
    """Complexity and length, by pmccabe."""
    files = tracked(*('%s/*.c' % m for m in LIBRARIES + ('ports',)))
    out = subprocess.run(['pmccabe', *files], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    for line in out.splitlines():
        c, _, _, _, n, where = line.split('\t', 5)
        path = where.split('(')[0]
        if int(c) > COMPLEX.get(path, MAX_COMPLEXITY):
            say(where, 'complexity %s' % c)
        if int(n) > MAX_LINES and path not in COMPLEX:
            say(where, '%s lines' % n)


def writable(tool, lib):
    """Objects of a library with something in a writable section. (Constant
    tables of pointers that a position-independent build relocates once are
    read-only when the program runs.)"""
    out = subprocess.run([tool, '-A', lib], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    name = ''
    for line in out.splitlines():
        f = line.split()
        if '(ex ' in line:
            name = f[0]
        elif len(f) == 3 and f[1].isdigit() and int(f[1]) and re.match(
                r'\.(data(?!\.rel\.ro)|bss|tdata|tbss)', f[0]):
            yield '%s %s' % (name, f[0])


def check_data():
    """.data and .bss of the libraries are empty, on both targets."""
    for target, tool in (('host', 'size'),
                         ('mps2-an385', 'arm-none-eabi-size')):
        for m in LIBRARIES:
            lib = 'build/%s/lib%s.a' % (target, m)
            if os.path.exists(lib):
                for what in writable(tool, lib):
                    say(lib, 'writable: ' + what)


def check_size():
    """Flash of each library on the Cortex-M3 against the committed table."""
    with open(SIZE_TABLE, encoding='utf-8') as f:
        table = json.load(f)
    for m, limit in table.items():
        lib = 'build/mps2-an385/lib%s.a' % m
        if not os.path.exists(lib):
            continue
        out = subprocess.run(['arm-none-eabi-size', '-B', '-t', lib],
                             check=True, text=True,
                             stdout=subprocess.PIPE).stdout
        text = int(out.splitlines()[-1].split()[0])
        print('  size    %-8s %6d of %6d octets' % (m, text, limit))
        if text > limit:
            say(SIZE_TABLE, '%s has grown to %d octets, %d are in the '
                'table' % (m, text, limit))


def compile_flags():
    flags = subprocess.run(['make', '-s', '--no-print-directory',
                            'print-flags'], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.split()
    return flags


def check_clang():
    """A second compiler with the same warnings."""
    flags = [f.replace('\\"', '"').replace("'", '') for f in compile_flags()]
    for path in tracked(*('%s/*.c' % m for m in LIBRARIES),
                        'ports/*.c'):
        out = subprocess.run(['clang', *flags, '-D_GNU_SOURCE',
                              '-fsyntax-only', path], check=False,
                             text=True, stderr=subprocess.PIPE)
        if out.returncode:
            say(path, 'clang: ' + out.stderr.strip()[:400])


def check_cppcheck():
    rooms = [m for m in LIBRARIES if os.path.isdir(m)]
    out = subprocess.run(
        ['cppcheck', '-q', '-j2', '--std=c11', '--error-exitcode=1',
         '--enable=warning,portability', '--inline-suppr',
         '--suppress=unknownMacro', '--suppress=missingInclude',
         '--suppress=preprocessorErrorDirective',
         '-I.', '-Ibuild/host', *rooms], check=False, text=True,
        stderr=subprocess.PIPE)
    if out.returncode:
        say('cppcheck', out.stderr.strip()[:2000])


def check_python():
    with tempfile.TemporaryDirectory() as tmp:
        for path in tracked('*.py'):
            out = subprocess.run(
                ['/usr/bin/python3', '-c',
                 'import py_compile,sys;'
                 'py_compile.compile(sys.argv[1], sys.argv[2], '
                 'doraise=True)', path, os.path.join(tmp, 'x')],
                check=False, text=True, stderr=subprocess.PIPE)
            if out.returncode:
                say(path, out.stderr.strip()[-300:])


def main():
    for check in (check_arrows, check_libraries, check_layout, check_words,
                  check_functions, check_data, check_size, check_clang,
                  check_cppcheck, check_python):
        before = len(findings)
        check()
        print('  lint    %-16s %s' % (check.__name__[6:], 'ok' if
              len(findings) == before else '%d findings'
              % (len(findings) - before)), flush=True)
    for f in findings:
        print(f)
    return 1 if findings else 0


if __name__ == '__main__':
    sys.exit(main())
