#!/usr/bin/python3
"""Pack the dictionary of RFC 3485 for sigcomp/dictionary.c.

usage: packdict.py rfc3485-dictionary.bin output.h

Text first: codes that do not occur in it stand for two codes each (byte pair
encoding), most frequent pair first. Behind it the table of strings (length,
offset): two octets an entry, a third one for a long string. A mark for each
MARK octets tells where decoding can begin.
"""

import hashlib
import sys
from collections import Counter

ID = 'fbe507dfe5e6aa5af2abb914ceaa05f99ce61ba5'
TEXT = 3468             # octets of text; the rest is the table
ENTRY = 3               # octets of an entry: length, offset
STACK = 6               # codes that wait for their turn, at most
MARK = 256
OFFSET_MIN = 1024       # the dictionary's place in the RFC's memory
LENGTH_MIN = 2
LONG = 15               # stands for a length in the third octet


def identifier(octets):
    """RFC 3320 s9.4.9: address and instruction 0, access length 6."""
    head = len(octets).to_bytes(2, 'big') + bytes((0, 0, 0, 0, 0, 6))
    return hashlib.sha1(head + octets).hexdigest()


def longest_gap(text):
    """First and number of consecutive codes, cyclic, the text is without."""
    used = sorted(set(text))
    gaps = [(b - a - 1, (a + 1) % 256)
            for a, b in zip(used, used[1:] + [used[0] + 256])]
    size, first = max(gaps)
    return first, size


def replace(codes, pair, code):
    out = []
    for c in codes:
        if out and (out[-1], c) == pair:
            # a code made here is no first half: it is new
            out[-1] = code
        else:
            out.append(c)
    return out


def pack_text(text):
    """Codes, as one list for each mark, and the pairs."""
    first, size = longest_gap(text)
    parts = [list(text[i:i + MARK]) for i in range(0, len(text), MARK)]
    need = {c: 0 for c in text}
    pairs = []
    for i in range(size):
        count = Counter()
        for part in parts:
            last = None
            for pair in zip(part, part[1:]):
                # of three equal codes only one pair can be replaced
                if pair == last and pair[0] == pair[1]:
                    last = None
                    continue
                last = pair
                if max(need[pair[0]] + 1, need[pair[1]]) <= STACK:
                    count[pair] += 1
        pair, n = max(count.items(), key=lambda x: (x[1], x[0]))
        if n < 3:
            break
        code = (first + i) % 256
        need[code] = max(need[pair[0]] + 1, need[pair[1]])
        pairs.append(pair)
        parts = [replace(part, pair, code) for part in parts]
    return first, pairs, parts


def pack_entry(entry):
    length, offset = entry[0], int.from_bytes(entry[1:], 'big') - OFFSET_MIN
    if not 0 <= offset < 4096 or length < LENGTH_MIN:
        sys.exit('packdict: unexpected entry %s' % entry.hex())
    short = min(length - LENGTH_MIN, LONG)
    packed = (short << 12 | offset).to_bytes(2, 'big')
    return packed + bytes((length,)) if short == LONG else packed


def c_array(kind, name, values, form):
    lines = ['static const %s %s[] = {' % (kind, name)]
    for i in range(0, len(values), 12):
        lines.append('\t' + ' '.join(form % v + ','
                                     for v in values[i:i + 12]))
    return lines + ['};', '']


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], 'rb') as f:
        plain = f.read()
    if identifier(plain) != ID:
        sys.exit('packdict: this is not the dictionary of RFC 3485')

    first, pairs, parts = pack_text(plain[:TEXT])
    packed, marks = [], []
    for part in parts:
        marks.append(len(packed) << 2)
        packed += part
    table = len(packed)
    for i in range(TEXT, len(plain), ENTRY):
        # the mark that lies in this entry, or at its beginning
        at = -(-i // MARK) * MARK
        if at < i + ENTRY:
            marks.append(len(packed) << 2 | at - i)
        packed += pack_entry(plain[i:i + ENTRY])

    lines = ['/* made by packdict.py */', '', 'enum {',
             '\tPACKED_TABLE = %d,' % table,
             '\tPAIR_FIRST = %d,' % first,
             '\tPAIR_COUNT = %d,' % len(pairs),
             '\tMARK = %d,' % MARK,
             '\tSTACK = %d,' % STACK,
             '\tOFFSET_MIN = %d,' % OFFSET_MIN,
             '\tLENGTH_MIN = %d,' % LENGTH_MIN,
             '\tLENGTH_LONG = %d,' % (LENGTH_MIN + LONG),
             '};', '']
    lines += c_array('uint8_t', 'packed', packed, '0x%02x')
    lines += c_array('uint8_t', 'pairs', [c for p in pairs for c in p],
                     '0x%02x')
    lines += c_array('uint16_t', 'marks', marks, '0x%04x')
    with open(sys.argv[2], 'w', encoding='ascii') as f:
        f.write('\n'.join(lines))


if __name__ == '__main__':
    main()
