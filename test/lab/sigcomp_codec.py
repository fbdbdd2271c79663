"""The lab's compressor: an LZ77 code of its own and the UDVM bytecode that
decodes it, put together by the small assembler below.

UDVM memory of a decoder ("plan"), all of it after the registers fixed when
the first message is built:

    64  registers and variables   72 ptr  74 count  76 from  78 len  80 ..
    81  04 81 SEQ CRC CRC         feedback request, then what is read first
    128 code
    L   history: the last H octets of text  } a circular buffer, in which
    E   the end of the SIP dictionary       } each message is written from E
    R

The dictionary's octets lie before the history in the circle, and are fetched
anew by STATE-ACCESS for every message.  State is saved from 64 to E, so one
item holds decoder and history, and a message that refers to it needs no more
than its identifier.

The remaining message is SEQ, a CRC (less 81 SEQ), with SEQ >= 128 four state
identifiers to free, then bits: see TOKENS, LENGTHS, DISTANCES.  SEQ & 127 of
0 creates no state.
"""
import re

from . import sigcomp_udvm as udvm

# INPUT-HUFFMAN sets (bits, lower, upper, value): 256 + octet is a literal,
# 3 to 7 the length of a match, 0 says that LENGTHS follows
TOKENS = ((4, 0, 4, 3), (0, 5, 5, 0), (2, 24, 39, 256 + 0x30),
          (1, 80, 105, 256 + 0x61), (1, 212, 227, 256 + 0x20),
          (1, 456, 487, 256 + 0x40), (4, 7808, 8063, 256))
LENGTHS = ((3, 0, 5, 8), (3, 48, 59, 14), (3, 480, 511, 26))
DISTANCES = ((8, 0, 63, 1), (2, 256, 511, 65), (2, 2048, 3071, 321),
             (2, 12288, 16383, 1345))
FAR = DISTANCES[-1][3] + 4095           # the longest distance
LONGEST = LENGTHS[-1][3] + 31           # the longest match


def values_of(sets):
    """{value: (code, bits)} of INPUT-HUFFMAN sets; the shortest wins."""
    found, bits = {}, 0
    for more, lower, upper, value in sets:
        bits += more
        for i in range(upper - lower + 1):
            found.setdefault(value + i, (lower + i, bits))
    return found


TOKEN, LENGTH, DISTANCE = map(values_of, (TOKENS, LENGTHS, DISTANCES))


# ---- assembler (RFC 3320 s8.5)

def _literal(value, unit=1):
    if unit == 2:
        if value % 2 or value > 2 * 0x3fff:
            return b'\xc0' + value.to_bytes(2, 'big')
        value //= 2
    if value < 0x80:
        return bytes([value])
    if value < 0x4000:
        return (0x8000 | value).to_bytes(2, 'big')
    return b'\xc0' + value.to_bytes(2, 'big')


def _multitype(value, memory=False):
    if memory:
        if value % 2 == 0 and value < 128:
            return bytes([0x40 | value // 2])
        if value < 0x2000:
            return (0xc000 | value).to_bytes(2, 'big')
        return b'\x81' + value.to_bytes(2, 'big')
    value &= 0xffff
    if value < 64:
        return bytes([value])
    if value >= 65504:
        return bytes([0xe0 | value - 65504])
    if value & value - 1 == 0:
        bit = value.bit_length() - 1
        return bytes([0x86 | bit - 6 if bit < 8 else 0x88 | bit - 8])
    if value < 0x2000:
        return (0xa000 | value).to_bytes(2, 'big')
    if value >= 61440:
        return (0x9000 | value - 61440).to_bytes(2, 'big')
    return b'\x80' + value.to_bytes(2, 'big')


OPCODES = {name: (i, types) for i, (name, types) in
           enumerate(udvm.INSTRUCTIONS)}


def assemble(source, origin, names):
    """Octets and label addresses.  A line is LABEL:, INSTRUCTION a, b, ...
    or BYTES a, b, ...; an operand is an expression over names and labels,
    with $ in front the contents of that address."""
    lines = [line.split(';')[0].strip() for line in source.splitlines()]
    labels = {m[1]: origin for m in
              (re.match(r'(\w+):\Z', line) for line in lines) if m}
    while True:
        out, found = bytearray(), {}
        known = dict(names, **labels)
        for line in filter(None, lines):
            if line.endswith(':'):
                found[line[:-1]] = origin + len(out)
                continue
            word, _, rest = line.partition(' ')
            operands = [o.strip() for o in rest.split(',')] if rest else []
            if word == 'BYTES':
                out += bytes(eval(o, {}, known) for o in operands)
            else:
                out += _instruction(word, operands, origin + len(out), known)
        if found == labels:
            return bytes(out), labels
        labels = found


def _instruction(word, operands, at, known):
    opcode, types = OPCODES[word]
    fixed, _, repeated = types.partition('*')
    more = len(operands) - len(fixed)
    types = fixed + repeated * (more // len(repeated) if repeated else 0)
    if len(types) != len(operands):
        raise ValueError('%s takes %s' % (word, types))
    out = bytes([opcode])
    for kind, text in zip(types, operands):
        value = eval(text.lstrip('$'), {}, known)
        if kind == '$':
            out += _literal(value, 2)
        elif kind == '#':
            out += _literal(value)
        elif kind == '@':
            out += _multitype(value - at)
        else:
            out += _multitype(value, text.startswith('$'))
    return out


# ---- the decoder

PTR, COUNT, FROM, LEN, REQUEST, SEQ, CRC = 72, 74, 76, 78, 81, 83, 84
IDS, DIST, CODE = 90, 120, 128          # IDS: 24 octets


def _huffman(where, end, sets):
    flat = ', '.join('%d, %d, %d, %d' % s for s in sets)
    return 'INPUT-HUFFMAN %s, %s, %d, %s' % (where, end, len(sets), flat)


def _source(dictionary, more):
    """dictionary: is it used at all; more: also in the first history."""
    access = ('STATE-ACCESS id, 6, %s, %s, %s, 0')
    lines = ['MULTILOAD 64, 2, L, R',
             'MULTILOAD REQUEST - 1, 2, 4, 0x8100']
    if more:
        lines.append(access % ('begin - H', 'H', 'L'))
    lines.append('again:')
    if dictionary:
        lines.append(access % ('begin', 'D', 'R - D'))
    return '\n'.join(lines) + '''
    MULTILOAD PTR, 2, E, 0
    INPUT-BYTES 3, SEQ, fail
    COMPARE $(SEQ - 1), 0x8180, loop, frees, frees
frees:
    INPUT-BYTES 24, IDS, fail
    STATE-FREE IDS, 6
    STATE-FREE IDS + 6, 6
    STATE-FREE IDS + 12, 6
    STATE-FREE IDS + 18, 6
    AND $(SEQ - 1), 0xff7f
loop:
    ''' + _huffman('LEN', 'done', TOKENS) + '''
    COMPARE $LEN, 256, match, literal, literal
literal:
    COPY-LITERAL LEN + 1, 1, $PTR
    OUTPUT LEN + 1, 1
    ADD $COUNT, 1
    JUMP loop
match:
    COMPARE $LEN, 0, fail, longer, near
longer:
    ''' + _huffman('LEN', 'fail', LENGTHS) + '''
near:
    ''' + _huffman('DIST', 'fail', DISTANCES) + '''
    LOAD FROM, $PTR
    COPY-OFFSET $DIST, $LEN, $PTR
    OUTPUT $FROM, $LEN
    ADD $COUNT, $LEN
    JUMP loop
done:
    ADD $CRC, $(SEQ - 1)
    CRC $CRC, E, $COUNT, fail
    COMPARE $(SEQ - 1), 0x8100, fail, stateless, save
save:
    SUBTRACT $PTR, H
    COPY $PTR, H, L
    END-MESSAGE REQUEST, parameters, E - 64, 64, again, 6, 0
stateless:
    END-MESSAGE 0, parameters, 0, 0, 0, 0, 0
fail:
    DECOMPRESSION-FAILURE
parameters:
    BYTES octet, version, 0
id:
    BYTES ''' + ', '.join(['i%d' % i for i in range(6)])


class Plan:
    """A decoder for a certain memory and state size.

    memory: UDVM octets that will be there; state: octets the item may have
    (cost included); dictionary: its State or None; octet, version: our own
    parameters as in RFC 3320 figure 13."""

    def __init__(self, memory, state, dictionary, octet, version):
        self.memory = self.R = memory
        text = dictionary.value if dictionary else b''
        part = dictionary.id if dictionary else bytes(6)
        names = {k: v for k, v in globals().items() if k in (
            'PTR', 'COUNT', 'FROM', 'LEN', 'REQUEST', 'SEQ', 'CRC', 'IDS',
            'DIST')}
        names.update({'i%d' % i: part[i] for i in range(6)}, R=memory,
                     octet=octet, version=version)
        self.E = state                  # 64 + the state_length
        size = 0
        while True:                     # until the code's size is known
            self.L = CODE + size
            self.H = self.E - self.L
            self.D = min(len(text), self.R - self.E)
            if self.H < 64 or self.D < 0 or self.R - self.E < 256:
                raise ValueError('no room for a history')
            begin = len(text) - self.D
            self.more = begin >= self.H
            names.update(L=self.L, E=self.E, H=self.H, D=self.D, begin=begin)
            self.code, labels = assemble(
                _source(bool(text), self.more), CODE, names)
            if len(self.code) <= size:
                break
            size = len(self.code)
        self.tail = text[begin:]        # in front of the history
        self.first = text[begin - self.H:begin] if self.more \
            else bytes(self.H)

    def history(self, state):
        """Of a state item that this plan's decoder has saved."""
        return state.value[self.L - 64:] if state else self.first

    @property
    def circle(self):
        return self.R - self.L

    @property
    def capacity(self):
        """Longer texts run over the history: no state can be saved."""
        return self.R - self.E - 1


# ---- the encoder

class Bits:
    """MSB first; filled up with ones, which are the beginning of a token
    longer than seven bits."""

    def __init__(self):
        self.value, self.count = 0, 0

    def put(self, code, bits):
        self.value = self.value << bits | code
        self.count += bits

    def octets(self):
        pad = -self.count % 8
        return ((self.value + 1 << pad) - 1).to_bytes(
            (self.count + pad) // 8, 'big')


def match_cost(length, distance):
    bits = TOKEN[length][1] if length < 8 else \
        TOKEN[0][1] + LENGTH[length][1]
    return bits + DISTANCE[distance][1]


TRIES = 64                              # candidates looked at for a match


def matches(data, start, limit):
    """For each position from start on: {length: nearest distance}."""
    heads, found = {}, []
    for i in range(len(data)):
        best = {}
        key = data[i:i + 3]
        if len(key) == 3:
            seen = heads.setdefault(key, [])
            if i >= start:
                most = 2
                for j in reversed(seen[-TRIES:]):
                    if i - j > limit:
                        break
                    n = 3
                    while n < LONGEST and i + n < len(data) and \
                            data[i + n] == data[j + n]:
                        n += 1
                    for length in range(most + 1, n + 1):
                        best[length] = i - j
                    most = max(most, n)
            seen.append(i)
        if i >= start:
            found.append(best)
    return found


def encode(text, before, limit):
    """The bits of a message; before: what lies in front of it in the
    circle; limit: the longest distance there is."""
    found = matches(before + text, len(before), min(limit, FAR))
    cost, choice = [0] * (len(text) + 1), [None] * len(text)
    for i in range(len(text) - 1, -1, -1):
        cost[i] = TOKEN[256 + text[i]][1] + cost[i + 1]
        for length, distance in found[i].items():
            this = match_cost(length, distance) + cost[i + length]
            if this < cost[i]:
                cost[i], choice[i] = this, (length, distance)
    bits, i = Bits(), 0
    while i < len(text):
        if choice[i] is None:
            bits.put(*TOKEN[256 + text[i]])
            i += 1
            continue
        length, distance = choice[i]
        if length < 8:
            bits.put(*TOKEN[length])
        else:
            bits.put(*TOKEN[0])
            bits.put(*LENGTH[length])
        bits.put(*DISTANCE[distance])
        i += length
    return bits.octets()


def message_data(plan, history, text, seq, frees=()):
    """The remaining SigComp message; frees: up to four identifiers."""
    out = bytes([seq | (128 if frees else 0)])
    # SEQ is guarded as well: the decoder adds 81 SEQ
    out += (udvm.crc(text) - 0x8100 - seq & 0xffff).to_bytes(2, 'big')
    if frees:
        ids = [i[:6] for i in frees]
        out += b''.join((ids + [ids[0]] * 4)[:4])
    return out + encode(text, plan.tail + history, plan.circle)


def header(feedback, identifier=b'', code=b''):
    """RFC 3320 figure 3."""
    first = 0xf8 | (4 if feedback is not None else 0)
    item = feedback or b''
    if identifier:
        return bytes([first | len(identifier) // 3 - 1]) + item + identifier
    return bytes([first]) + item + (len(code) << 4 | 1).to_bytes(
        2, 'big') + code


# RFC 4896 s11: octets as they are, on a connection that carries SigComp
PLAIN_CODE = bytes.fromhex('1c01860922860116f923')
PLAIN_PREFIX = bytes.fromhex('f800a1') + PLAIN_CODE
