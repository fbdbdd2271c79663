#!/usr/bin/python3
"""C tables of TS 35.208 (Milenage) and TS 35.233 (TUAK) test sets."""

import json
import os
import sys

DIR = os.path.join(os.path.dirname(__file__), '..', 'vectors')


def octets(text):
    return '{%s}' % ','.join('0x%02x' % b for b in bytes.fromhex(text))


def milenage(s):
    fields = [s[f] for f in ('k', 'rand', 'sqn', 'amf', 'op', 'opc',
                             'f1_mac_a', 'f1star_mac_s', 'f2_res', 'f3_ck',
                             'f4_ik', 'f5_ak', 'f5star_ak')]
    fields += [s['computed']['autn'],
               s['computed']['auts_sqnms_eq_sqn_amf0000']]
    return '\t{"%s", %s},' % (s['clause'],
                              ', '.join(octets(f) for f in fields))


def tuak(s):
    o = s['out']
    row = ['"%s"' % s['clause'], octets(s['k']), str(len(s['k']) // 2),
           str(s['keccak_iterations'])]
    row += [octets(s[f]) for f in ('rand', 'sqn', 'amf', 'top')]
    row += [octets(o['topc'])]
    for f in ('f1', 'f1star', 'f2', 'f3', 'f4'):
        row += [octets(o[f]), str(len(o[f]) // 2)]
    row += [octets(o['f5']), octets(o['f5star'])]
    return '\t{%s},' % ', '.join(row)


def main():
    def load(name):
        with open(os.path.join(DIR, name)) as f:
            return json.load(f)['sets']

    out = ['''/* made by test/tools/gen_usim.py */
#include <stddef.h>
#include <stdint.h>

struct milenage_vector {
	const char *clause;
	uint8_t k[16], rand[16], sqn[6], amf[2], op[16], opc[16];
	uint8_t mac_a[8], mac_s[8], res[8], ck[16], ik[16], ak[6], ak_s[6];
	uint8_t autn[16], auts[14];
};

struct tuak_vector {
	const char *clause;
	uint8_t k[32];
	size_t k_len;
	unsigned iterations;
	uint8_t rand[16], sqn[6], amf[2], top[32], topc[32];
	uint8_t f1[32];
	size_t f1_len;
	uint8_t f1s[32];
	size_t f1s_len;
	uint8_t f2[32];
	size_t f2_len;
	uint8_t f3[32];
	size_t f3_len;
	uint8_t f4[32];
	size_t f4_len;
	uint8_t f5[6], f5s[6];
};
''', 'static const struct milenage_vector milenage_vectors[] = {']
    out += [milenage(s) for s in load('milenage.json')]
    out += ['};', '', 'static const struct tuak_vector tuak_vectors[] = {']
    out += [tuak(s) for s in load('tuak.json')]
    out += ['};', '']
    with open(sys.argv[1], 'w') as f:
        f.write('\n'.join(out))


main()
