#!/usr/bin/python3
"""C tables of the RFC 4465 torture tests from test/vectors/rfc4465."""

import glob
import json
import os
import re
import sys

DIR = os.path.join(os.path.dirname(__file__), '..', 'vectors', 'rfc4465')
REASONS = ('', 'STATE_NOT_FOUND', 'CYCLES_EXHAUSTED', 'USER_REQUESTED',
           'SEGFAULT', 'TOO_MANY_STATE_REQUESTS', 'INVALID_STATE_ID_LENGTH',
           'INVALID_STATE_PRIORITY', 'OUTPUT_OVERFLOW', 'STACK_UNDERFLOW',
           'BAD_INPUT_BITORDER', 'DIV_BY_ZERO', 'SWITCH_VALUE_TOO_HIGH',
           'TOO_MANY_BITS_REQUESTED', 'INVALID_OPERAND', 'HUFFMAN_NO_MATCH',
           'MESSAGE_TOO_SHORT', 'INVALID_CODE_LOCATION',
           'BYTECODES_TOO_LARGE', 'INVALID_OPCODE', 'INVALID_STATE_PROBE',
           'ID_NOT_UNIQUE', 'MULTILOAD_OVERWRITTEN', 'STATE_TOO_SHORT',
           'INTERNAL_ERROR', 'FRAMING_ERROR')


class Table:
    """Collects byte arrays and prints them before the structs."""

    def __init__(self):
        self.arrays = []

    def ref(self, data):
        if not data:
            return '0, 0'
        name = 'b%d' % len(self.arrays)
        body = ','.join(str(b) for b in data)
        self.arrays.append('static const uint8_t %s[] = {%s};' % (name, body))
        return '%s, %d' % (name, len(data))


def result(table, step):
    """One expected outcome; "@DMS16" is filled in by the test."""
    ok = step['result'] == 'ok'
    out = step.get('output', '')
    dms = out.startswith('@DMS16')
    if dms:
        out = '0000' + out[6:]
    params = step.get('returned_parameters', {})
    ids = b''.join(bytes([len(i) // 2]) + bytes.fromhex(i)
                   for i in params.get('partial_state_ids', []))
    item = bytes.fromhex(step.get('requested_feedback_item', ''))
    return ('{%d, %d, %d, %d, %s, %s, %s}'
            % (ok, REASONS.index(step.get('reason', '')),
               -1 if step.get('cycles') is None else step['cycles'], dms, table.ref(bytes.fromhex(out)),
               table.ref(item), table.ref(ids)))


def step_row(table, test, step):
    messages = step.get('messages', [step])
    data = bytes.fromhex(step.get('stream') or step['message'])
    present = 0
    for name in step.get('states_present_after', []):
        present |= 1 << sorted(test['expected_state_ids_prefix']).index(name)
    return ('\t{%s, %d, %d, %d, %d, {%s}},'
            % (table.ref(data), step.get('compartment', 0),
               step.get('states_in_compartment_after', -1),
               present, len(messages),
               ', '.join(result(table, m) for m in messages)))


def test_rows(table, test, steps, version, name):
    rows = [step_row(table, test, s) for s in steps]
    ids = b''.join(bytes.fromhex(v) for _, v in
                   sorted(test.get('expected_state_ids_prefix', {}).items()))
    table.arrays.append('static const struct rfc4465_step %s[] = {\n%s\n};'
                        % (name, '\n'.join(rows)))
    return '\t{"%s", %s, %d, %d, %d, %s},' % (
        test['section'], name, len(rows), test['transport'] == 'stream',
        version, table.ref(ids))


def main():
    table = Table()
    rows = []
    key = lambda f: [int(n) for n in re.findall(r'\d+', os.path.basename(f))]
    for path in sorted(glob.glob(os.path.join(DIR, 'A.*.json')), key=key):
        with open(path) as f:
            test = json.load(f)
        name = 's' + test['section'].replace('.', '_')
        variant = test.get('version2_variant')
        rows.append(test_rows(table, test, test['steps'],
                              1 if variant else 0, name))
        if variant:
            rows.append(test_rows(table, test, variant['steps'], 2,
                                  name + '_v2'))
    with open(sys.argv[1], 'w') as f:
        f.write('/* made by gen_rfc4465.py */\n#include <stdint.h>\n\n')
        f.write('struct rfc4465_result {\n\tint ok, reason, cycles, dms;\n'
                '\tconst uint8_t *out;\n\tunsigned out_len;\n'
                '\tconst uint8_t *item;\n\tunsigned item_len;\n'
                '\tconst uint8_t *ids;\n\tunsigned ids_len;\n};\n\n')
        f.write('struct rfc4465_step {\n\tconst uint8_t *p;\n\tunsigned len;'
                '\n\tint compartment, states;\n\tunsigned present;\n'
                '\tunsigned n;\n\tstruct rfc4465_result res[2];\n};\n\n')
        f.write('struct rfc4465_test {\n\tconst char *section;\n'
                '\tconst struct rfc4465_step *step;\n\tunsigned n;\n'
                '\tint stream, version;\n\tconst uint8_t *ids;\n'
                '\tunsigned ids_len;\n};\n\n')
        f.write('\n'.join(table.arrays))
        f.write('\n\nstatic const struct rfc4465_test rfc4465[] = {\n'
                + '\n'.join(rows) + '\n};\n')


main()
