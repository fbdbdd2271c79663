#!/usr/bin/python3
"""C table of the AKA digest examples in test/vectors/aka-digest.json.

CK and IK come from the Milenage sets with the same number.  The vectors have
no SHA-256 variants: they are computed here with hashlib (RFC 7616 3.4, RFC
4169 2.1, 2.2), which is another implementation than the one under test.
"""

import base64
import hashlib
import hmac
import json
import os
import sys

VECTORS = os.path.join(os.path.dirname(__file__), '..', 'vectors')


def load(name):
    with open(os.path.join(VECTORS, name), encoding='utf-8') as f:
        return json.load(f)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def response_sha256(ex, password):
    """RFC 7616 3.4.1 with qop auth."""
    ha1 = sha256(('%s:%s:' % (ex['username'], ex['realm'])).encode()
                 + password)
    ha2 = sha256(('%s:%s' % (ex['method'], ex['uri'])).encode())
    return sha256(':'.join((ha1, ex['nonce'], ex['nc'], ex['cnonce'], 'auth',
                            ha2)).encode())


def octets(text):
    return '{' + ','.join('0x' + text[i:i + 2]
                          for i in range(0, len(text), 2)) + '}'


def row(ex, aka):
    res = bytes.fromhex(ex['res'])
    ck = bytes.fromhex(aka['f3_ck'])
    ik = bytes.fromhex(aka['f4_ik'])
    pw2 = base64.b64encode(hmac.new(res + ik + ck,
                                    b'http-digest-akav2-password',
                                    hashlib.sha256).digest())
    keys = [hmac.new(key, b'http-digest-akav2-' + label,
                     hashlib.sha256).hexdigest()
            for key, label in ((ik, b'integritykey'), (ck, b'cipherkey'))]
    strings = [ex[k] for k in (
        'username', 'realm', 'uri', 'method', 'nonce', 'cnonce',
        'akav1_md5_no_qop', 'akav1_md5_qop_auth',
        'akav1_md5_qop_auth_int_empty_body', 'akav2_password',
        'akav2_md5_qop_auth', 'auts', 'sync_failure_response_qop_auth',
        'sync_failure_response_no_qop')]
    strings += [response_sha256(ex, res), pw2.decode(),
                response_sha256(ex, pw2)]
    blobs = [octets(t) for t in (
        ex['res'], aka['f3_ck'], aka['f4_ik'], ex['akav2_ik_prime'],
        ex['akav2_ck_prime'], base64.b64decode(ex['auts']).hex(),
        aka['rand'], aka['computed']['autn'], *keys)]
    return ('\t{%s, %d,\n\t %s},' % (
        ',\n\t '.join('"%s"' % s for s in strings), int(ex['nc'], 16),
        ',\n\t '.join(blobs)))


def main():
    sets = {s['set']: s for s in load('milenage.json')['sets']}
    examples = load('aka-digest.json')['examples']
    with open(sys.argv[1], 'w', encoding='utf-8') as out:
        out.write('/* made by gen_aka_digest.py */\n'
                  'static const struct aka_digest {\n'
                  '\tconst char *username, *realm, *uri, *method, *nonce, '
                  '*cnonce;\n'
                  '\tconst char *v1_no_qop, *v1_auth, *v1_auth_int;\n'
                  '\tconst char *v2_password, *v2_auth;\n'
                  '\tconst char *auts_b64, *sync_auth, *sync_no_qop;\n'
                  '\tconst char *v1_sha256, *v2_sha256_password, '
                  '*v2_sha256;\n'
                  '\tunsigned nc;\n'
                  '\tunsigned char res[8], ck[16], ik[16], ik2[16], ck2[16];'
                  '\n\tunsigned char auts[14], rand[16], autn[16];'
                  '\n\tunsigned char ik2_sha256[32], ck2_sha256[32];\n'
                  '} aka_digestv[] = {\n')
        for ex in examples:
            out.write(row(ex, sets[ex['milenage_set']]) + '\n')
        out.write('};\n')


main()
