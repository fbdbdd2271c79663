#!/usr/bin/python3
"""Fit the prefix codes of the lz codec to SIP text in general.

usage: sigcomp_fit.py [SIGCOMP]

Prints the two INPUT-HUFFMAN instructions for sigcomp/bytecode/lz.asm. The
codec itself (SIGCOMP, default build/host/sigcomp) compresses flows made by
sigcomp_flowgen.py, in which names, numbers, orders and styles are those of
many networks; its messages are read back as tokens with the codes now in
lz.asm, the tokens are counted, and codes are found that make the same tokens
shortest. Put them into lz.asm, build, run again: a few rounds settle.

A code is a list of ranges: values first..first+n-1 all have length L. A range
more makes codes shorter but costs bytes in every upload, so the sum over one
flow of messages, both directions, is what is made small. Given a price of
code space the best ranges are found by dynamic programming; the price is then
searched for which the code just fits (Kraft's inequality).
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(TOP, "sigcomp", "bytecode")]
import sigcomp_flowgen as flowgen          # noqa: E402
import udvmasm                             # noqa: E402

SEEDS = range(101, 113)

SIZES = ("2048", "4096")        # state_memory_size; the usual one twice
SAVED_PER_FLOW = 23

# one flow of 56 messages is what uploads are paid for
FLOW_MESSAGES = 56
RANGE_BITS = 4.3 * 8 * 2        # bytes of a range, both directions

LEN_MAX = 1024
LEN_BOUNDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 24, 28,
              32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 256, 320, 384,
              512, LEN_MAX]


class Bits:
    """Bits of a message; EOFError behind its end."""

    def __init__(self, data):
        self.data, self.pos = data, 0

    def read(self, n):
        if self.pos + n > 8 * len(self.data):
            raise EOFError
        v = 0
        for _ in range(n):
            v = v << 1 | self.data[self.pos >> 3] >> (7 - self.pos & 7) & 1
            self.pos += 1
        return v

    def huffman(self, ranges):
        """RFC 3320 s9.4.4."""
        h = 0
        for bits, low, high, value in ranges:
            h = h << bits | self.read(bits)
            if low <= h <= high:
                return h + value - low & 0xffff
        raise ValueError("no range matches")


class Count:
    """Tokens seen."""

    def __init__(self, asm):
        def rows(label):
            v = asm.huffman[label]
            return [tuple(v[i:i + 4]) for i in range(0, len(v), 4)]
        self.token, self.again_len = rows("token"), rows("again")
        kind = asm.labels["kind"]
        self.end = [asm.labels[x] - kind & 0xffff for x in ("saved",)]
        self.code_len = len(asm.code)
        self.byte, self.length = [0] * 256, [0] * (LEN_MAX + 1)
        self.copy = self.again = self.messages = 0

    def message(self, data):
        """Tokens of one SigComp message of the codec."""
        pos = 1
        if data[0] & 4:
            pos += 1 + (data[1] & 127 if data[1] & 128 else 0)
        pos += 6 if data[0] & 3 else 2 + self.code_len
        bits = Bits(data[pos:])
        self.messages += 1
        try:
            while True:
                t = bits.huffman(self.token)
                if t in self.end:
                    return
                if t < 256:
                    self.byte[t] += 1
                    continue
                if t == 256:
                    bits.read(13)
                    self.copy += 1
                else:
                    self.again += 1
                self.length[bits.huffman(self.again_len)] += 1
        except EOFError:
            pass


def messages(sigcomp, count, folder, tmp):
    """Compress the flow in folder, count the tokens of its messages."""
    for sms in SIZES:
        out = os.path.join(tmp, "out" + sms)
        os.mkdir(out)
        subprocess.run([sigcomp, "flow", "--codec", "lz", "-s", sms,
                        "-o", out, folder], check=True,
                       stdout=subprocess.DEVNULL)
        for path in sorted(glob.glob(out + "/*.sigcomp")):
            with open(path, "rb") as f:
                count.message(f.read())


def gather(sigcomp):
    with open(os.path.join(TOP, "sigcomp/bytecode/lz.asm"),
              encoding="ascii") as f:
        count = Count(udvmasm.Assembler(f.read(), [("shared", 0)]))
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as tmp:
            for name, text in flowgen.build(seed):
                with open(os.path.join(tmp, name), "wb") as f:
                    f.write(text.encode())
            messages(sigcomp, count, tmp, tmp)
    return count


def best_ranges(freq, bounds, lengths, price, escape):
    """Ranges over bounds[0]..bounds[-1] at this price of code space."""
    total = {bounds[0]: 0}
    acc = 0
    for i in range(bounds[0], bounds[-1]):
        acc += freq[i]
        total[i + 1] = acc
    val, back = [0.0], [None]
    for j in range(1, len(bounds)):
        low, how = float("inf"), None
        for i in range(j):
            f = total[bounds[j]] - total[bounds[i]]
            n = bounds[j] - bounds[i]
            if escape and val[i] + f * escape < low:
                low, how = val[i] + f * escape, (i, None)
            for length in lengths:
                c = val[i] + f * length + price * n / 2 ** length + RANGE_BITS
                if c < low:
                    low, how = c, (i, length)
        val.append(low)
        back.append(how)
    out, j = [], len(bounds) - 1
    while j:
        i, length = back[j]
        if length:
            out.append((bounds[i], bounds[j] - bounds[i], length))
        j = i
    return out[::-1]


def fit(freq, bounds, lengths, escapes=(None,), kinds=()):
    """Best ranges that fit: (cost, ranges, lengths of kinds, escape)."""
    best = None
    for escape in escapes:
        low, high = 0.0, 1e7
        for _ in range(48):
            price = (low + high) / 2
            ranges = best_ranges(freq, bounds, lengths, price, escape)
            space = sum(n / 2 ** x for _, n, x in ranges)
            cost = RANGE_BITS * len(ranges)
            covered = {}
            for first, n, x in ranges:
                for v in range(first, first + n):
                    covered[v] = x
            for v in range(bounds[0], bounds[-1]):
                cost += freq[v] * covered.get(v, escape or 99)
            klen = []
            for f in kinds:
                x = min(range(1, 14), key=lambda n: f * n + price / 2 ** n)
                klen.append(x)
                space += 1 / 2 ** x
                cost += f * x
            if escape:
                space += 256 / 2 ** escape
            if space <= 1:
                high = price
                if best is None or cost < best[0]:
                    best = (cost, ranges, klen, escape)
            else:
                low = price
    return shorten(best, freq, kinds)


def shorten(best, freq, kinds):
    """Use what code space is left: the item that gains most first."""
    _, ranges, klen, escape = best
    items = [[sum(freq[a:a + n]), n, x] for a, n, x in ranges]
    items += [[f, 1, x] for f, x in zip(kinds, klen)]
    left = 1 - sum(n / 2 ** x for _, n, x in items)
    if escape:
        left -= 256 / 2 ** escape
    while True:
        fits = [i for i in items if i[1] / 2 ** i[2] < left]
        if not fits:
            break
        item = max(fits, key=lambda i: i[0] * 2 ** i[2] / i[1])
        left -= item[1] / 2 ** item[2]
        item[2] -= 1
    lengths = [i[2] for i in items]
    ranges = [(a, n, x) for (a, n, _), x in zip(ranges, lengths)]
    return best[0], ranges, lengths[len(ranges):], escape


def enclen(v):
    """Bytes of a multitype operand (RFC 3320 s8.5)."""
    return 1 if v < 64 or v & (v - 1) == 0 else 2


def instruction(name, ranges):
    """ranges: (value or text, n, length, comment). Shortest codes get the
    highest numbers, so that bounds stay small and the upper one is free."""
    rows, prev, top, size = [], 0, 1, 0
    ranges = sorted(ranges, key=lambda r: (r[2], r[1]))
    for i, (value, n, length, comment) in enumerate(ranges):
        top = (top << (length - prev)) - n
        op = "%d, %d, -1, %s%s" % (length - prev, top, value,
                                   "," if i < len(ranges) - 1 else ")")
        rows.append("               %-24s ; %d bits%s" %
                    (op, length, ": " + comment if comment else ""))
        size += 3 + enclen(top) + (enclen(value) if
                                   isinstance(value, int) else 2)
        prev = length
    print("INPUT-HUFFMAN (%s, finish, %d," % (name, len(rows)))
    print("\n".join(rows))
    print("; %d bytes of ranges, %.4f of the code space left" %
          (size, top / 2 ** prev))


def shown(c):
    return re.sub(r"[^!-~]", "space", chr(c))


def main():
    count = gather(sys.argv[1] if len(sys.argv) > 1 else
                   os.path.join(TOP, "build/host/sigcomp"))
    scale = FLOW_MESSAGES / count.messages
    byte = [c * scale + (0.3 if 32 <= i < 127 else 0)
            for i, c in enumerate(count.byte)]
    lengths = fit([c * scale for c in count.length], LEN_BOUNDS, range(1, 15))
    print("; bytes a flow: lengths %.0f, distances %.0f" % (
        lengths[0] / 8, count.copy * scale * 13 / 8))
    instruction("len", [(a, n, x, "%d..%d" % (a, a + n - 1))
                        for a, n, x in lengths[1]])
    tokens = fit(byte, list(range(0, 129)), range(3, 13), range(10, 16),
                 (count.copy * scale, count.again * scale, SAVED_PER_FLOW))
    print("; bytes a flow: tokens %.0f" % (tokens[0] / 8))
    instruction("val", [
        (a, n, x, shown(a) + (" .. " + shown(a + n - 1) if n > 1 else ""))
        for a, n, x in tokens[1]] + [
            (k, 1, x, "copy" if k == 256 else "")
            for k, x in zip((256, "again - kind", "saved - kind"),
                            tokens[2])] + [
            (0, 256, tokens[3], "any byte")])


if __name__ == "__main__":
    main()
