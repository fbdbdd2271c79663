#!/usr/bin/python3
# class: test
# needs: gcc valgrind
"""Secrets are compared in constant time: with secrets undefined, valgrind
sees no branch that depends on one but the verdict at its place."""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
OUT = os.path.join(ROOT, 'build', 'secret')
# the verdict after all octets were compared
VERDICTS = {'ipsec_esp_open', 'usim_soft_authenticate'}
# AES by tables: docs/security.md, what is not claimed
TABLES = re.compile(r'mbedtls_(internal_)?aes_')
counts = {True: 0, False: 0}


def result(name, good, why=''):
    counts[good] += 1
    print('ok ' + name if good else 'FAIL %s: %s' % (name, why))


def build(program, *more):
    flags = subprocess.run(['make', '-s', '--no-print-directory',
                            'print-flags'], cwd=ROOT, check=True, text=True,
                           stdout=subprocess.PIPE).stdout.split()
    libs = ['build/host/lib%s.a' % m for m in
            ('common', 'ue', 'ipsec', 're', 'mbedtls')]
    subprocess.run(['gcc', *[f.replace("'", '') for f in flags], '-g', '-Os',
                    '-no-pie', 'test/secret/secret.c', '-o', program,
                    '-Wl,--start-group', *libs, '-Wl,--end-group',
                    '-lpthread', *more], cwd=ROOT, check=True)


def branches(program, *args):
    """functions in which something depends on a secret"""
    run = subprocess.run(['valgrind', '-q', program, *args], cwd=ROOT,
                         text=True, check=True, stderr=subprocess.PIPE)
    found = re.findall(r'(?:Conditional jump|Use of uninit).*\n'
                       r'==\d+== +at 0x[0-9A-F]+: (\w+)', run.stderr)
    return [f for f in found if not TABLES.match(f)]


def main():
    os.makedirs(OUT, exist_ok=True)
    good, bad = os.path.join(OUT, 'good'), os.path.join(OUT, 'bad')
    build(good)
    # the mistake that this test is for: a comparison that ends early
    build(bad, '-Wl,--defsym=mbedtls_ct_memcmp=memcmp')
    seen = branches(good)
    result('RFC 4303 s3.4.4, TS 33.102 6.3.3: only the verdict depends on '
           'ICV and MAC', set(seen) == VERDICTS, seen)
    seen = branches(bad)
    result('a comparison that ends early is seen',
           bool(set(seen) - VERDICTS), seen)
    seen = branches(good, 'unset')
    result('nothing else is undefined', not seen, seen)
    print('%d passed, %d failed' % (counts[True], counts[False]))
    return bool(counts[False])


if __name__ == '__main__':
    sys.exit(main())
