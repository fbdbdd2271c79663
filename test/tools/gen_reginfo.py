#!/usr/bin/python3
"""C strings of the documents in test/vectors/rfc3680 and rfc5628.

RFC 5628 prints long lines between <allOneLine> and </allOneLine> (RFC 4475
2.1): the lines inside become one, the two marks go.
"""

import os
import re
import sys

VECTORS = os.path.join(os.path.dirname(__file__), '..', 'vectors')
FILES = ['rfc3680/example1.xml', 'rfc3680/example2.xml',
         'rfc3680/example3.xml', 'rfc5628/example1.xml',
         'rfc5628/example2.xml']


def one_line(match):
    return match.group(1).replace('\n', '')


def document(name):
    with open(os.path.join(VECTORS, name), encoding='utf-8') as f:
        text = f.read()
    return re.sub(r'<allOneLine>\n(.*?)</allOneLine>', one_line, text,
                  flags=re.S)


def literal(text):
    lines = []
    for line in text.splitlines(True):
        line = line.replace('\\', '\\\\').replace('"', '\\"')
        lines.append('\t"' + line.replace('\n', '\\n') + '"')
    return '\n'.join(lines)


def main(path):
    out = ['/* made by gen_reginfo.py: do not edit */', '']
    for name in FILES:
        ident = 'reginfo_' + name.replace('/', '_').replace('.xml', '')
        out += ['static const char %s[] =' % ident,
                literal(document(name)) + ';', '']
    with open(path, 'w', encoding='utf-8') as f:
        f.write('\n'.join(out))


if __name__ == '__main__':
    main(sys.argv[1])
