#!/usr/bin/python3
"""Seeds for fuzz_sigcomp_message out of test/vectors.

usage: sigcomp_corpus.py DIR

One file for each section of RFC 4465 and for the beginning of each set of
the other implementations, in the format told in the fuzz target.
"""

import glob
import json
import os
import sys

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..',
                       'vectors')


def record(message, what=1):
    """Message accepted for compartment 0."""
    return (what << 14 | len(message)).to_bytes(2, 'big') + message


def rfc4465():
    for path in sorted(glob.glob(os.path.join(VECTORS, 'rfc4465', 'A*'))):
        with open(path) as f:
            test = json.load(f)
        stream = test['transport'] == 'stream'
        data = bytes([16 | 4 if stream else 4])
        for step in test['steps']:
            if stream:
                data += bytes.fromhex(step['stream'])
            else:
                data += record(bytes.fromhex(step['message']))
        yield 'rfc4465-' + test['section'], data


def peers():
    for path in sorted(glob.glob(os.path.join(VECTORS, 'sigcomp-peers', '*',
                                              '*', 'manifest.json'))):
        with open(path) as f:
            manifest = json.load(f)
        stream = manifest['transport'] == 'stream'
        for way in ('up', 'down'):
            data = bytes([16 | 1 if stream else 1])
            chosen = [m for m in manifest['messages']
                      if m['direction'] == way][:4]
            for message in chosen:
                name = os.path.join(os.path.dirname(path),
                                    '%03d.sigcomp' % message['n'])
                with open(name, 'rb') as f:
                    raw = f.read()
                data += raw if stream else record(raw)
            yield '-'.join(path.split(os.sep)[-3:-1] + [way]), data


def main():
    os.makedirs(sys.argv[1], exist_ok=True)
    for source in (rfc4465(), peers()):
        for name, data in source:
            with open(os.path.join(sys.argv[1], name), 'wb') as f:
                f.write(data)


main()
