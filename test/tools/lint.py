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
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import firmware_size  # noqa: E402
import memory_doc  # noqa: E402
import stack  # noqa: E402
import stack_bound  # noqa: E402

LIBRARIES = ('ue', 'sigcomp', 'ipsec', 'msrp')
MAY_INCLUDE = {'ue': ('ue', 'sigcomp', 'ipsec', 'msrp'),
               'sigcomp': ('sigcomp',), 'ipsec': ('ipsec',),
               'msrp': ('msrp',),
               'ports': LIBRARIES + ('ports',)}
# all that library objects may call outside our own code; of libre nothing
# that allocates, as pl_strdup() and pl_dup() do
OUTSIDE = re.compile(
    r'mem(cpy|set|cmp|move|chr)|str(len|chr|rchr|cmp|ncmp|spn|cspn)|__aeabi_\w+'
    r'|mbedtls_(md5|sha1|sha256|aes|des|des3|ct|platform_zeroize)(_\w+)?'
    r'|pl_(set_str|u32|cmp|casecmp|strcmp|strcasecmp|strchr)'
    r'|base64_(decode|encode)|deflate\w*|__assert_func')
TOP = LIBRARIES + ('ports', 'boards', 'test', 'docs', '.ci', 'Makefile',
                   'README.md', 'LICENSE', '.gitignore')
MAX_COMPLEXITY, MAX_LINES, MAX_FILE = 20, 100, 800
PCSC = '/usr/include/PCSC'
NETTLE = '/usr/include/nettle'
FIRMWARE = firmware_size.IMAGE
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
        for inc in re.findall(r'#\s*include\s+["<](?:\.\./)*(\w+)/',
                              read(path)):
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
    """Tabs, 79 columns (tests may hold longer lines of data), length of
    files."""
    for path in tracked('*.c', '*.h'):
        text = read(path)
        width = 99 if path.startswith('test/') else 79
        lines = text.splitlines()
        for n, line in enumerate(lines, 1):
            if len(line.expandtabs(8)) > width and 'http' not in line:
                say('%s:%d' % (path, n), 'over %d columns' % width)
            if line != line.rstrip():
                say('%s:%d' % (path, n), 'space at the end of a line')
            if line.startswith('        '):
                say('%s:%d' % (path, n), 'spaces in place of tabs')
        if len(lines) > MAX_FILE and ' lines: ' not in text[:5000]:
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
    # the folder beside: not when it is one that every machine has
    here = os.path.dirname(os.getcwd())
    if here in ('/', '/tmp', '/root', '/home', '/srv', '/opt'):
        here = ''
    for path in tracked():
        text = read(path) if not path.endswith(('.bin', '.sigcomp')) else ''
        for h in hosts | ({here + '/'} if here else set()):
            if h in text:
                say(path, 'names %r' % h)
        if path != 'test/tools/lint.py' and re.search(
                r'\b(TO' r'DO|FIX' r'ME|XX' r'X)\b', text):
            if path.endswith(('.c', '.h', '.py', '.sh', '.mk', '.md')):
                say(path, 'speaks of unfinished work')


def check_names():
    """What the top level has; no file that a tool left by mistake."""
    for path in tracked():
        if path.split('/')[0] not in TOP:
            say(path, 'is not a part of the top level')
        if not re.fullmatch(r'[\w./+-]+', path) or re.search('(^|/)-', path):
            say(path, 'a name that a shell or make can misread')


def check_functions():
    """Complexity and length, by pmccabe."""
    files = tracked(*('%s/*.c' % m for m in LIBRARIES + ('ports',)))
    out = subprocess.run(['pmccabe', *files], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    for line in out.splitlines():
        c, _, _, _, n, where = line.split('\t', 5)
        if int(c) > MAX_COMPLEXITY:
            say(where, 'complexity %s' % c)
        if int(n) > MAX_LINES:
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


def check_symbols():
    """The libraries call each other, and of the rest only OUTSIDE."""
    libs = ['build/mps2-an385/lib%s.a' % m for m in LIBRARIES]
    libs = [lib for lib in libs if os.path.exists(lib)]
    defined, wanted = set(), {}
    for lib in libs:
        out = subprocess.run(['arm-none-eabi-nm', lib], check=True,
                             text=True, stdout=subprocess.PIPE).stdout
        for line in out.splitlines():
            f = line.split()
            if len(f) == 2 and f[0] == 'U':
                wanted[f[1]] = lib
            elif len(f) == 3 and f[1].isupper():
                defined.add(f[2])
    for name in sorted(set(wanted) - defined):
        if not OUTSIDE.fullmatch(name):
            say(wanted[name], 'calls %s(), which is not in the list of '
                'what a library may call' % name)


def check_recursion():
    """No function reaches itself; no frame of unknown size."""
    graph = stack.CallGraph(*('build/mps2-an385/obj/' + m
                              for m in LIBRARIES))
    if not graph.frame:
        say('build/mps2-an385', 'no call graphs')
    for cycle in graph.recursion():
        say('recursion', ' > '.join(cycle))
    for name in sorted(graph.dynamic):
        say(name, 'frame of unknown size')


def check_size():
    """Flash of each library on the Cortex-M3 against the committed table; a
    row "NAME without FILE" leaves one object out."""
    with open(SIZE_TABLE, encoding='utf-8') as f:
        table = json.load(f)
    for row, limit in table.items():
        m, _, without = row.partition(' without ')
        lib = 'build/mps2-an385/lib%s.a' % m
        if not os.path.exists(lib):
            continue
        out = subprocess.run(['arm-none-eabi-size', '-B', lib],
                             check=True, text=True,
                             stdout=subprocess.PIPE).stdout
        objects = [line.split() for line in out.splitlines()[1:]]
        text = sum(int(o[0]) for o in objects if o[5] != without + '.o')
        print('  size    %-8s %6d of %6d octets' % (row, text, limit))
        if text > limit:
            say(SIZE_TABLE, '%s has grown to %d octets, %d are in the '
                'table' % (row, text, limit))


def check_firmware():
    """The image of the firmware against the committed table."""
    if subprocess.run(['make', '-s', 'TARGET=mps2-an385', FIRMWARE],
                      check=False, stdout=subprocess.DEVNULL).returncode:
        say(FIRMWARE, 'cannot be built')
        return
    for what in firmware_size.over_table(FIRMWARE + '.map'):
        say('test/tools/firmware_table.json', what)
    if memory_doc.differs():
        say(memory_doc.PAGE, 'run test/tools/memory_doc.py')


def check_stack():
    """The worst case of each task's stack, of every call that there is."""
    if os.path.exists(FIRMWARE):
        tasks, trouble = stack_bound.bounds()
        for task, (need, size, _) in tasks.items():
            print('  stack   %-8s %6d of %6d octets' % (task, need, size))
        for what in trouble:
            say('test/tools/stack_calls.txt', what)


def check_readme():
    """The README's flash column, in units of 1000 octets, rounded up; one
    more is still true enough."""
    rows = dict(re.findall(r'^\| (\w+) \| (\d+) \|', read('README.md'), re.M))
    for m in LIBRARIES:
        lib = 'build/mps2-an385/lib%s.a' % m
        if not os.path.exists(lib):
            continue
        out = subprocess.run(['arm-none-eabi-size', '-B', '-t', lib],
                             check=True, text=True,
                             stdout=subprocess.PIPE).stdout
        kilo = -(-int(out.splitlines()[-1].split()[0]) // 1000)
        if int(rows.get(m, '-9')) not in (kilo, kilo + 1):
            say('README.md', '%s takes %d thousand octets, not %s'
                % (m, kilo, rows.get(m)))


def compile_flags(target):
    flags = subprocess.run(['make', '-s', '--no-print-directory',
                            'TARGET=' + target, 'print-flags'], check=True,
                           text=True, stdout=subprocess.PIPE).stdout.split()
    return flags


def compile_all(name, argv, paths, target='host'):
    """Run a compiler on each file, two at a time."""
    flags = [f.replace('\\"', '"').replace("'", '')
             for f in compile_flags(target)]

    def one(path):
        return path, subprocess.run(
            [*argv, *flags, '-D_GNU_SOURCE', path], check=False, text=True,
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)

    with ThreadPoolExecutor(2) as pool:
        for path, out in pool.map(one, paths):
            if out.returncode:
                say(path, '%s: %s' % (name, out.stderr.strip()[:600]))


def check_clang():
    """A second compiler with the same warnings."""
    board = tracked('ports/freertos/*.c', 'boards/*.c',
                    'test/unit/freertos/*.c')
    lack = [p for p, need in (('ports/linux/usim_pcsc.c', PCSC),
                              ('ports/linux/sha1_nettle.c', NETTLE))
            if not os.path.isdir(need)]
    compile_all('clang', ['clang', '-fsyntax-only', '-isystem', PCSC],
                [p for p in tracked(*('%s/*.c' % m for m in LIBRARIES),
                                    'ports/*.c', 'test/unit/*.c',
                                    'test/sim/*.c', 'test/tools/*.c')
                 if p not in board + lack])
    compile_all('clang', ['clang', '-fsyntax-only',
                          '--target=thumbv7m-none-eabi',
                          '-isystem/usr/lib/arm-none-eabi/include'], board,
                'mps2-an385')


def check_analyzer():
    """gcc follows the paths through each library function."""
    compile_all('gcc -fanalyzer',
                ['gcc', '-fanalyzer', '-O1', '-S', '-o', os.devnull],
                tracked(*('%s/*.c' % m for m in LIBRARIES)))


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
                  check_names, check_functions, check_data, check_symbols,
                  check_recursion, check_size, check_firmware, check_stack,
                  check_readme, check_clang, check_analyzer, check_cppcheck,
                  check_python):
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
