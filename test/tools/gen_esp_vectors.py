#!/usr/bin/python3
"""gen_esp_vectors.py OUT.h: the ESP test vectors as C tables.

From test/vectors/esp: RFC 3602 section 4 (AES-CBC), RFC 2202 (HMAC), the
known answers of the GCM specification, and one computed packet for every
pair of algorithms of TS 33.203 annex H.
"""
import json
import os
import sys

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      '..', 'vectors', 'esp')
ALG = {'null': 'NULL', 'hmac-md5-96': 'HMAC_MD5_96',
       'hmac-sha-1-96': 'HMAC_SHA_1_96', 'aes-gmac': 'AES_GMAC'}
EALG = {'null': 'NULL', 'des-ede3-cbc': 'DES_EDE3_CBC',
        'aes-cbc': 'AES_CBC', 'aes-gcm': 'AES_GCM'}


def load(name):
    """The JSON file of that name."""
    with open(os.path.join(FOLDER, name), encoding='utf-8') as f:
        return json.load(f)


def octets(text):
    """Hex digits as a C initializer of pointer and length."""
    data = bytes.fromhex(text)
    if not data:
        return '{NULL, 0}'
    lit = ''.join(f'\\x{b:02x}' for b in data)
    parts = [lit[i:i + 64] for i in range(0, len(lit), 64)]
    joined = '"\n\t\t"'.join(parts)
    return f'{{(const uint8_t *)"{joined}", {len(data)}}}'


def table(out, struct, name, rows):
    """One array; rows are lists of initializers."""
    out.append(f'static const struct {struct} {name}[] = {{')
    for row in rows:
        out.append('\t{' + ',\n\t '.join(row) + '},')
    out.append('};\n')


def main():
    """Write the header named on the command line."""
    out = ['/* Made by test/tools/gen_esp_vectors.py */',
           '#ifndef GEN_ESP_VECTORS_H', '#define GEN_ESP_VECTORS_H', '',
           '#include <stddef.h>', '#include <stdint.h>',
           '#include "ipsec/ipsec.h"', '',
           'struct esp_octets { const uint8_t *p; size_t len; };',
           'struct esp_cbc { int n; struct esp_octets key, iv, plain, '
           'cipher, packet,\n\t\tinner_ip, payload, outer_ip; '
           'int tunnel; uint32_t spi, seq; };',
           'struct esp_hmac { enum ipsec_alg alg; int n; '
           'struct esp_octets key, data,\n\t\tdigest96; };',
           'struct esp_gcm { int n; struct esp_octets key, iv, plain, aad, '
           'cipher,\n\t\ttag; };',
           'struct esp_packet { enum ipsec_alg alg; enum ipsec_ealg ealg; '
           'struct esp_octets\n\t\tauth, enc, iv, esp; };', '']

    rows = []
    for c in load('rfc3602-aes-cbc.json')['cases']:
        esp = c['type'] != 'aes-cbc'
        rows.append([str(c['case']), octets(c['key']), octets(c['iv']),
                     octets(c['pre_encryption' if esp else 'plaintext']),
                     octets(c['ciphertext']), octets(c.get('esp_packet', '')),
                     octets(c.get('inner_ip_header', '')),
                     octets(c.get('payload', '')),
                     octets(c.get('outer_ip_header', '')),
                     '1' if c.get('mode') == 'tunnel' else '0',
                     '0x' + c.get('spi', '0'), str(c.get('seq', 0))])
    table(out, 'esp_cbc', 'esp_cbcv', rows)

    alg = {'hmac-md5': 'HMAC_MD5_96', 'hmac-sha1': 'HMAC_SHA_1_96'}
    table(out, 'esp_hmac', 'esp_hmacv',
          [['IPSEC_ALG_' + alg[c['alg']], str(c['case']), octets(c['key']),
            octets(c['data']), octets(c['digest96'])]
           for c in load('rfc2202-hmac.json')['cases']])

    table(out, 'esp_gcm', 'esp_gcmv',
          [[str(c['case'])] + [octets(c[k]) for k in
                               ('key', 'iv', 'plaintext', 'aad',
                                'ciphertext', 'tag')]
           for c in load('gcm-known-answers.json')['cases']])

    doc = load('ipsec3gpp-computed.json')
    keys = doc['keys']
    auth = {'null': '', 'hmac-md5-96': keys['hmac-md5-96'],
            'hmac-sha-1-96': keys['hmac-sha-1-96'],
            'aes-gmac': keys['aes-gmac_key'] + keys['aes-gmac_salt']}
    enc = {'null': '', 'des-ede3-cbc': keys['des-ede3-cbc'],
           'aes-cbc': keys['aes-cbc'],
           'aes-gcm': keys['aes-gcm_key'] + keys['aes-gcm_salt']}
    table(out, 'esp_packet', 'esp_packetv',
          [['IPSEC_ALG_' + ALG[p['alg']], 'IPSEC_EALG_' + EALG[p['ealg']],
            octets(auth[p['alg']]), octets(enc[p['ealg']]),
            octets(p['iv']), octets(p['esp_packet'])]
           for p in doc['packets']])
    for name in ('ck', 'ik', 'payload'):
        out.append(f'static const struct esp_octets esp_{name} =\n'
                   f'\t{octets(doc[name])};')
    parity = keys['des-ede3-cbc_odd_parity_form']
    out.append(f'static const struct esp_octets esp_des3_parity =\n'
               f'\t{octets(parity)};')
    out.append(f'#define ESP_SPI 0x{doc["spi"]}u')
    out.append(f'#define ESP_SEQ {doc["seq"]}u')
    out.append(f'#define ESP_NEXT {doc["next_header"]}')
    out += ['', '#endif', '']

    with open(sys.argv[1], 'w', encoding='ascii') as f:
        f.write('\n'.join(out))


if __name__ == '__main__':
    main()
