#!/usr/bin/python3
"""C strings of the state tables that are printed in the sources.

A table is a part of a comment that begins with a line of the headings state,
event, action (or none) and next (or: next state, goes to; what is behind it
is not read) and ends with an empty line. A row whose state is empty has the
state above, one whose event is empty goes on with the row above; commas
separate several states or events, and `NAME(*)` is both NAME and NAME*.

Becomes STATE_TABLE_<FILE>_<n>, a line `state|event|action|next` a row. So the
tests that go through all states and events read what a reader of the source
reads.
"""

import glob
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
HEAD = re.compile(r'^ \* +state +event +(action +)?(next|goes to)')
RULE = re.compile(r'^[- ]+$')


def columns(head):
    """(from, to) of state, event, action, next."""
    at = [head.index(w) for w in ('state', 'event', 'action', 'next',
                                  'goes to', 'clause') if w in head]
    names = [w for w in ('state', 'event', 'action', 'next', 'goes to',
                         'clause') if w in head]
    found = {n: (a, b) for n, a, b in zip(names, at, at[1:] + [None])}
    return [found.get(n) for n in ('state', 'event', 'action')] + \
        [found.get('next') or found.get('goes to')]


def parts(text):
    return [p.strip() for p in text.split(',') if p.strip()]


def both(states):
    """NAME(*) is NAME and NAME*."""
    for state in states:
        if state.endswith('(*)'):
            yield state[:-3]
            yield state[:-3] + '*'
        else:
            yield state


def rows(lines, cols):
    """[states, event, action, next] of each row."""
    found, group = [], 0
    for line in lines:
        state, event, action, after = [
            line[slice(*c)].strip() if c else '' for c in cols]
        more = found and found[-1][0].endswith(',')
        if state and more:
            # of all rows since the state column began
            for row in found[group:]:
                row[0] += ' ' + state
        elif state:
            group = len(found)
        if found and not event:
            found[-1][2] += ' ' + action
            found[-1][3] += ' ' + after
        else:
            found.append([found[-1][0] if more or not state else state,
                          event, action, after])
    return found


def tables(path):
    with open(path, encoding='utf-8') as f:
        lines = f.read().splitlines()
    for i, line in enumerate(lines):
        if not HEAD.match(line):
            continue
        cols, body = columns(line), []
        for row in lines[i + 1:]:
            if not row.startswith(' * ') or not row[3:].strip():
                break
            if not RULE.match(row[2:]):
                body.append(row)
        yield rows(body, cols)


def literal(table):
    for states, events, action, after in table:
        for state in both(parts(states)):
            for event in parts(events):
                text = '|'.join((state, event, re.sub(' +', ' ', action).strip(),
                                 after.strip()))
                yield '\t"%s\\n"' % text.replace('"', '\\"')


def main(out):
    text = ['/* made by gen_state_tables.py: do not edit */']
    for path in sorted(sum((glob.glob(os.path.join(ROOT, d, '*.c'))
                            for d in ('ue/*', 'ue', 'msrp', 'sigcomp',
                                      'ipsec', 'ports/common')), [])):
        stem = os.path.relpath(path, ROOT)[:-2].replace('/', '_')
        for n, table in enumerate(tables(path)):
            text += ['', '#define STATE_TABLE_%s_%d \\' % (stem.upper(), n),
                     ' \\\n'.join(literal(table))]
    with open(out, 'w', encoding='utf-8') as f:
        f.write('\n'.join(text) + '\n')


if __name__ == '__main__':
    main(sys.argv[1])
