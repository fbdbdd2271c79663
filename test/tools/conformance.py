#!/usr/bin/python3
"""docs/conformance.md: each clause in scope, where it is implemented and
what tests it.

    conformance.py [check]

Clauses in scope and those that are not supported, with the reason, stand in
docs/conformance.txt. What implements and what tests a clause is found, not
written down: comments of the sources, and titles and comments of the tests
name it ("RFC 3329 s2.3", "TS 24.229 5.1.1.2"). A clause counts for its row,
or for the nearest row above it. Tests of the lab itself (LAB_ALONE) count for
nothing. `check` fails if the document differs from
what is found, or if a row has neither test nor reason.
"""

import ast
import glob
import os
import re
import sys
from collections import defaultdict

SCOPE = 'docs/conformance.txt'
OUTPUT = 'docs/conformance.md'
SOURCES = ('ue', 'sigcomp', 'ipsec', 'msrp', 'ports', 'boards')
SHOWN = 3

# tests of the network in a box: nothing of ours runs, or hardly anything
LAB_ALONE = ['test/' + name for name in (
    'interop/test_core.py', 'lab/test_conference.py', 'lab/test_esp.py',
    'lab/test_esp_device.py', 'lab/test_lab.py', 'lab/test_secagree.py',
    'lab/test_sigcomp_peer.py')]

DOCUMENT = re.compile(
    r'\b(RFC \d{3,5}|TS \d+\.\d+(?:-\d)?|draft-ranjit|OMA PoC)[\w-]*')
# what may follow: "s8.1", " 8.1.3", " annex H", " F13", and lists of them
NUMBER = r'9\.X\.\d|\d{1,2}[A-Z]?(?![\d/%-])(?:\.\d+[A-Z]?)*[a-z]?\b'
CLAUSE = re.compile(
    r'(?:,?\s+(?:(?:and|to|or)\s+)?|,)'
    r'(?:s|section |sections |clause |clauses |annex |appendix )?'
    r'(%s|[A-Z](?:\.\d+)*\b|F\d+\b)' % NUMBER)


def clauses(text):
    """(document, clause) of every reference in a text."""
    found = set()
    for m in DOCUMENT.finditer(text):
        c = CLAUSE.match(text, m.end())
        while c:
            found.add((m.group(1), c.group(1)))
            c = CLAUSE.match(text, c.end())
    return found


def comments(path):
    with open(path, encoding='utf-8') as f:
        text = f.read()
    parts = re.findall(r'/\*.*?\*/|//[^\n]*', text, re.S)
    return [re.sub(r'\s*\n[\s*]*', ' ', p) for p in parts]


def implementations():
    where = defaultdict(set)
    for top in SOURCES:
        for path in sorted(glob.glob(top + '/**/*.[chS]', recursive=True) +
                           glob.glob(top + '/**/*.udvm', recursive=True)):
            for part in comments(path):
                for key in clauses(part):
                    where[key].add(path)
    return where


def c_titles(path):
    """titles of the tests of one suite, with what their functions cite."""
    with open(path, encoding='utf-8') as f:
        text = f.read()
    bodies = {}
    for m in re.finditer(r'^static [^\n;{]*?\b(\w+)\([^;{]*?\)\n\{\n(.*?)^\}',
                         text, re.S | re.M):
        start = text.rfind('\n\n', 0, m.start())
        bodies[m.group(1)] = text[max(start, 0):m.end()]
    for m in re.finditer(r'\{\s*((?:"(?:[^"\\]|\\.)*"\s*)+),\s*(\w+)\s*\}',
                         text):
        title = ''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', m.group(1)))
        body = bodies.get(m.group(2), '')
        cited = ' ; '.join(re.sub(r'\s*\n[\s*]*', ' ', c) for c in
                           re.findall(r'/\*.*?\*/', body, re.S))
        yield title, cited


def py_titles(path):
    """first arguments of tests.add(...), with the docstring beneath."""
    with open(path, encoding='utf-8') as f:
        tree = ast.parse(f.read())

    def is_add(node):
        return isinstance(node, ast.Call) and \
            isinstance(node.func, ast.Attribute) and \
            node.func.attr == 'add' and node.args and \
            getattr(node.func.value, 'id', '') in ('tests', 'suite')

    def title(node):
        arg = node.args[0]
        if isinstance(arg, ast.BinOp):
            arg = arg.left
        return arg.value if isinstance(arg, ast.Constant) and \
            isinstance(arg.value, str) else None

    docs = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for d in node.decorator_list:
                if is_add(d):
                    docs[id(d)] = ast.get_docstring(node) or ''
    for node in ast.walk(tree):
        if is_add(node) and title(node):
            yield title(node), docs.get(id(node), '')


def tests():
    which = defaultdict(set)
    for path in sorted(glob.glob('test/*/test_*.[cp]*')):
        if not path.endswith(('.c', '.py')) or path in LAB_ALONE:
            continue
        titles = c_titles(path) if path.endswith('.c') else py_titles(path)
        for title, cited in titles:
            for key in clauses(title + ' ; ' + cited):
                which[key].add((path, title))
    return which


def scope():
    """[(document, its title, [(clause, title, reason)])]"""
    documents = []
    with open(SCOPE, encoding='utf-8') as f:
        for line in f:
            line = line.rstrip()
            if not line or line.startswith('#'):
                continue
            m = re.match(r'(RFC \d+|TS [\d.]+(?:-\d)?|draft-ranjit|OMA PoC)'
                         r'\s+(.*)$', line)
            if m:
                documents.append((m.group(1), m.group(2), []))
                continue
            m = re.match(r'(\S+)\s+(.*?)(?:\s+:: (.*))?$', line)
            documents[-1][2].append(m.groups())
    return documents


def row_of(rows, clause):
    """the row that a clause belongs to: itself or the nearest above it"""
    while clause:
        if clause in rows:
            return clause
        if clause[:-1] in rows and clause[-1].isalpha():
            return clause[:-1]      # 12.2a
        if clause[0] == 'F':
            return next((r for r in rows if r.startswith('F')), None)
        clause = clause.rpartition('.')[0]
    return None


def natural(clause):
    return [(0, int(p)) if p.isdigit() else (1, p)
            for p in re.findall(r'\d+|[A-Za-z]+', clause)]


def cell(paths):
    return ', '.join('`%s`' % p for p in paths)


def table(document, rows, where, which):
    """lines of one document's table, and the rows without test or reason"""
    names = {r[0] for r in rows}
    lines, bare = ['| clause | source | tests |', '|---|---|---|'], []
    for clause, title, reason in rows:
        sources, found = set(), set()
        for (d, c), paths in where.items():
            if d == document and row_of(names, c) == clause:
                sources |= paths
        for (d, c), cases in which.items():
            if d == document and row_of(names, c) == clause:
                found |= cases
        sources, found = sorted(sources), sorted(found)
        if reason:
            said = 'not supported: ' + reason
        elif found:
            said = '<br>'.join('%s: %s' % (os.path.basename(p), t.replace(
                '|', '\\|')) for p, t in found[:SHOWN])
            if len(found) > SHOWN:
                said += '<br>and %d more' % (len(found) - SHOWN)
        else:
            said = '**none**'
            bare.append('%s %s %s' % (document, clause, title))
        source = cell(sources[:SHOWN])
        if len(sources) > SHOWN:
            source += ' and %d more' % (len(sources) - SHOWN)
        lines.append('| %s %s | %s | %s |' % (clause, title, source, said))
    return lines, bare


def main():
    where, which = implementations(), tests()
    documents = scope()
    text = [HEAD % (len(documents), sum(len(r) for _, _, r in documents))]
    bare = []
    for document, title, rows in documents:
        lines, missing = table(document, rows, where, which)
        bare += missing
        text.append('## %s %s\n\n%s\n' % (document, title,
                                           '\n'.join(lines)))
    text = '\n'.join(text)
    for line in bare:
        print('no test and no reason: %s' % line)
    if 'check' not in sys.argv[1:]:
        with open(OUTPUT, 'w', encoding='utf-8') as f:
            f.write(text)
    elif not os.path.exists(OUTPUT) or \
            open(OUTPUT, encoding='utf-8').read() != text:
        print('%s is not what the sources say: run make docs' % OUTPUT)
        return 1
    return 1 if bare else 0


HEAD = """# Conformance

%d documents, %d clauses with rules for a UE. Written by `make docs`: the clauses in scope stand in `docs/conformance.txt`; a source counts for a clause that its
comments name, a test for a clause that its title or its own comment names. A clause counts for its row, or for the nearest row above it.
"""

if __name__ == '__main__':
    sys.exit(main())
