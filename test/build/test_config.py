#!/usr/bin/python3
# class: check
"""A header named by UE_CONFIG_FILE reaches every public header, in whatever
order they are included: the structs of all libraries, and of an application,
have one layout. A value out of its range does not compile."""

import glob
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
# none of them is a default, nor one of UIMS_SMALL
VALUES = {
    'UE_CTRANS_MAX': 9, 'UE_EVENTS_MAX': 17, 'UE_PAGES_MAX': 5, 'UE_FILE_NAME_MAX': 100,
    'UE_XML_DEPTH_MAX': 12, 'SIGCOMP_DMS': 16384, 'SIGCOMP_SLOTS': 2,
    'SIGCOMP_DEFLATE_MEM_LEVEL': 3, 'IPSEC_PORT_MIN': 30000,
    'MSRP_CONNS': 3, 'MSRP_OUT': 5, 'COMMAND_LINE': 300,
    'SETTINGS_TEXT': 700, 'LOG_LINE_SIZE': 200, 'NV_SLOTS_SIZE': 512,
    'LOOP_FDS_MAX': 20,
}
STRUCTS = {'ipsec/ipsec.h': 'struct ipsec', 'msrp/msrp.h': 'struct msrp',
           'sigcomp/sigcomp.h': 'struct sigcomp_storage',
           'ue/services/messaging.h': 'struct messaging'}
# a range: name, the last values that are good, the first ones that are not
RANGES = (
    ('UE_PCSCF_MAX', 1, 16, 0, 17), ('UE_URI_MAX', 64, 512, 63, 513),
    ('UE_CALL_ID_MAX', 32, 255, 31, 256), ('UE_TAG_MAX', 16, 255, 15, 256),
    ('UE_ROUTES_MAX', 128, 2048, 127, 2049),
    ('UE_NONCE_MAX', 64, 512, 63, 513), ('UE_REALM_MAX', 32, 255, 31, 256),
    ('UE_OPAQUE_MAX', 32, 255, 31, 256), ('UE_IMPU_MAX', 1, 16, 0, 17),
    ('UE_CTRANS_MAX', 4, 8, 3, 9), ('UE_STRANS_MAX', 4, 64, 3, 65),
    ('UE_EVENTS_MAX', 16, 72, 15, 73), ('UE_PAGES_MAX', 1, 32, 0, 33),
    ('UE_FILE_NAME_MAX', 16, 255, 15, 256),
    ('UE_FILE_ID_MAX', 33, 255, 32, 256),
    ('UE_XML_DEPTH_MAX', 8, 64, 7, 65), ('UE_XML_NS_MAX', 4, 32, 3, 33),
    ('MSRP_SEEN', 1, 255, 0, 256), ('LOG_LINE_SIZE', 80, 1024, 79, 1025),
    ('NV_SLOTS_SIZE', 64, 4096, 63, 4097), ('LOOP_FDS_MAX', 4, 1024, 3, 1025),
    ('SIGCOMP_SLOTS', 2, 8, 1, 9),
)
NAMED = '-DUE_CONFIG_FILE="my_config.h"'
counts = {True: 0, False: 0}


def result(name, good, why=''):
    counts[good] += 1
    print('ok ' + name if good else 'FAIL %s: %s' % (name, why))


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as f:
        return f.read()


def flags():
    out = subprocess.run(['make', '-s', '--no-print-directory',
                          'print-flags'], cwd=ROOT, check=True, text=True,
                         stdout=subprocess.PIPE).stdout.split()
    return [f.replace('\\"', '"').replace("'", '') for f in out]


class Compiler:
    def __init__(self, folder):
        self.argv = ['gcc', '-fsyntax-only', *flags(), '-D_GNU_SOURCE',
                     '-I' + folder]

    def __call__(self, code, *more):
        """What it complains about."""
        return subprocess.run(
            [*self.argv, *more, '-x', 'c', '-'], input=code, cwd=ROOT,
            text=True, check=False, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT).stdout


def settable():
    """{header: names that a build may set}"""
    found = {}
    for room in ('ue', 'sigcomp', 'ipsec', 'msrp', 'ports/common'):
        for path in glob.glob(os.path.join(ROOT, room, '**/*.h'),
                              recursive=True):
            path = os.path.relpath(path, ROOT)
            names = re.findall(r'^#ifndef (\w+)\n(?:#ifdef .*\n)?'
                               r'#define \1 \S', read(path), re.M)
            if names:
                found[path] = names
    return found


def arrives(cc):
    headers = settable()
    known = {n for names in headers.values() for n in names}
    result('the values of this test can be set', not set(VALUES) - known,
           str(set(VALUES) - known))
    for path, names in sorted(headers.items()):
        asked = [n for n in names if n in VALUES]
        code = '#include "%s"\n#ifndef CONFIG_WAS_READ\n#error none\n' \
            '#endif\n' % path
        for n in asked:
            code += '_Static_assert(%s == %d, "%s");\n' % (n, VALUES[n], n)
        out = cc(code, NAMED)
        result('UE_CONFIG_FILE reaches %s' % path, not out, out[:600])
        # a default that stands before would be defined once more
        first = cc('#include "%s"\n#include "my_config.h"\n' % path)
        result('%s has its own defaults without' % path,
               not asked or 'redefined' in first, first[:600])


def size_of(cc, what, *headers):
    """As an error message tells it."""
    out = cc(''.join('#include "%s"\n' % h for h in headers) +
             'extern char a[sizeof(%s)];\nchar (*b)[1] = &a;\n' % what, NAMED)
    size = re.search(r'incompatible .*char \(\*\)\[(\d+)\]', out)
    return size and int(size[1])


def one_layout(cc):
    """A library's header alone, and behind that of the UE."""
    for path, what in STRUCTS.items():
        alone = size_of(cc, what, path)
        beside = size_of(cc, what, 'ue/ue.h', path)
        result('%s has one size' % what, alone and alone == beside,
               '%s and %s' % (alone, beside))


def ranges(cc):
    for name, low, high, less, more in RANGES:
        header = next(h for h, names in settable().items() if name in names)
        wrong = [v for v in (low, high, less, more) if
                 bool(cc('#include "%s"\n' % header, '-D%s=%d' % (name, v)))
                 != (v in (less, more))]
        result('%s: %d..%d' % (name, low, high), not wrong, str(wrong))


def main():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'my_config.h'), 'w',
                  encoding='utf-8') as f:
            f.write('#define CONFIG_WAS_READ\n')
            for name, value in VALUES.items():
                f.write('#define %s %d\n' % (name, value))
        cc = Compiler(folder)
        arrives(cc)
        one_layout(cc)
        ranges(cc)
    print('%d passed, %d failed' % (counts[True], counts[False]))
    return 1 if counts[False] else 0


sys.exit(main())
