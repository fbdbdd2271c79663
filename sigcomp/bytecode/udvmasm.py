#!/usr/bin/python3
"""UDVM assembler: RFC 3320 mnemonics to bytecode, as a C header.

usage: udvmasm.py [-l] [-D NAME=VALUE]... SOURCE.asm NAME OUT.h

The language is that of the listings in RFC 3320 s9 and RFC 4464 s11:

    ; comment
    :label                        value = current address
    set (name, expression)        constant
    at (address)                  go on at this address
    align (n)  pad (n)            next multiple of n; n bytes further
    byte (e, ...)  word (e, ...)  data, one or two bytes each
    readonly (0|1)                0: what follows is not part of the code
    if (expression) ... else ... endif
    MNEMONIC (operand, ...)       instruction

Code is what lies between the first and the last byte of instructions and
data; gaps are zeros. Expressions have + - * / ( ), decimal and 0x numbers, labels and constants.
$expression is the memory word at that address. An operand of type @ is the
absolute address of its target; the assembler makes it relative. Operands get
their shortest encoding (RFC 3320 s8.5). patch (name, expression) as an operand
gives a two-byte literal (patch1: one byte) whose place is exported, so that
the compressor can fill it in.

The header holds NAME[], an enum with NAME_<name> for each label and constant
and NAME_PATCH_<name> for each patch (offsets into NAME[]), and for each labelled
INPUT-HUFFMAN the table NAME_<label>_code[] of struct sigcomp_range.
"""
import getopt
import re
import sys

# RFC 3320 s9 figure 11; operand types: # literal, $ reference, % multitype,
# @ address, * list whose length is the # operand before it
OPS = {
    "DECOMPRESSION-FAILURE": (0, ""), "AND": (1, "$%"), "OR": (2, "$%"),
    "NOT": (3, "$"), "LSHIFT": (4, "$%"), "RSHIFT": (5, "$%"),
    "ADD": (6, "$%"), "SUBTRACT": (7, "$%"), "MULTIPLY": (8, "$%"),
    "DIVIDE": (9, "$%"), "REMAINDER": (10, "$%"),
    "SORT-ASCENDING": (11, "%%%"), "SORT-DESCENDING": (12, "%%%"),
    "SHA-1": (13, "%%%"), "LOAD": (14, "%%"), "MULTILOAD": (15, "%#*%"),
    "PUSH": (16, "%"), "POP": (17, "%"), "COPY": (18, "%%%"),
    "COPY-LITERAL": (19, "%%$"), "COPY-OFFSET": (20, "%%$"),
    "MEMSET": (21, "%%%%"), "JUMP": (22, "@"), "COMPARE": (23, "%%@@@"),
    "CALL": (24, "@"), "RETURN": (25, ""), "SWITCH": (26, "#%*@"),
    "CRC": (27, "%%%@"), "INPUT-BYTES": (28, "%%@"),
    "INPUT-BITS": (29, "%%@"), "INPUT-HUFFMAN": (30, "%@#*%%%%"),
    "STATE-ACCESS": (31, "%%%%%%"), "STATE-CREATE": (32, "%%%%%"),
    "STATE-FREE": (33, "%%"), "OUTPUT": (34, "%%"),
    "END-MESSAGE": (35, "%%%%%%%"),
}


class AsmError(Exception):
    """An error in the source, with its line."""


def enc_literal(v):
    """RFC 3320 s8.5 figure 8."""
    if v < 128:
        return bytes([v])
    if v < 16384:
        return bytes([0x80 | v >> 8, v & 255])
    return bytes([0xc0, v >> 8, v & 255])


def enc_reference(a):
    """RFC 3320 s8.5 figure 9."""
    if a % 2 == 0 and a < 256:
        return bytes([a // 2])
    if a % 2 == 0 and a < 32768:
        return bytes([0x80 | a >> 9, a >> 1 & 255])
    return bytes([0xc0, a >> 8, a & 255])


def enc_multi(v, mem):
    """RFC 3320 s8.5 figure 10."""
    if mem:
        if v % 2 == 0 and v < 128:
            return bytes([0x40 | v // 2])
        if v < 8192:
            return bytes([0xc0 | v >> 8, v & 255])
        return bytes([0x81, v >> 8, v & 255])
    if v < 64:
        return bytes([v])
    if v in (64, 128):
        return bytes([0x86 | (v == 128)])
    if v >= 256 and v & (v - 1) == 0:
        return bytes([0x88 | v.bit_length() - 9])
    if v >= 65504:
        return bytes([0xe0 | v - 65504])
    if v >= 61440:
        return bytes([0x90 | (v - 61440) >> 8, v & 255])
    if v < 8192:
        return bytes([0xa0 | v >> 8, v & 255])
    return bytes([0x80, v >> 8, v & 255])


def widen(code, v, mem, size):
    """The same multitype operand in exactly size bytes, if there is one."""
    if size == 2 and mem and v < 8192:
        return bytes([0xc0 | v >> 8, v & 255])
    if size == 2 and v < 8192:
        return bytes([0xa0 | v >> 8, v & 255])
    if size == 2 and v >= 61440:
        return bytes([0x90 | (v - 61440) >> 8, v & 255])
    if size == 3:
        return bytes([0x80 | mem, v >> 8, v & 255])
    return code


TOKEN = re.compile(r"\s*(0x[0-9a-fA-F]+|\d+|[A-Za-z_][A-Za-z0-9_]*|[-+*/()])")


class Expr:
    """Recursive descent over one expression."""

    def __init__(self, text, syms):
        self.text, self.pos, self.syms = text, 0, syms
        self.unknown = False

    def peek(self):
        m = TOKEN.match(self.text, self.pos)
        return m.group(1) if m else None

    def next(self):
        m = TOKEN.match(self.text, self.pos)
        if not m:
            raise AsmError("bad expression: " + self.text)
        self.pos = m.end()
        return m.group(1)

    def factor(self):
        t = self.next()
        if t == "(":
            v = self.sum()
            if self.next() != ")":
                raise AsmError("missing ) in: " + self.text)
            return v
        if t == "-":
            return -self.factor()
        if t[0].isdigit():
            return int(t, 0)
        if t in self.syms:
            return self.syms[t]
        if re.match(r"[A-Za-z_]", t):
            self.unknown = t
            return 0
        raise AsmError("bad expression: " + self.text)

    def product(self):
        v = self.factor()
        while self.peek() in ("*", "/"):
            if self.next() == "*":
                v *= self.factor()
            else:
                d = self.factor()
                v = v // d if d else 0
        return v

    def sum(self):
        v = self.product()
        while self.peek() in ("+", "-"):
            v = v + self.product() if self.next() == "+" else \
                v - self.product()
        return v

    def value(self):
        v = self.sum()
        if self.text[self.pos:].strip():
            raise AsmError("bad expression: " + self.text)
        return v & 0xffff


def split_args(text):
    """Split at the commas outside parentheses."""
    out, depth, cur = [], 0, ""
    for c in text:
        depth += (c == "(") - (c == ")")
        if c == "," and not depth:
            out.append(cur.strip())
            cur = ""
        else:
            cur += c
    if cur.strip() or out:
        out.append(cur.strip())
    return out


def statements(source):
    """(line number, kind, name, arguments) of each statement."""
    text = "\n".join(x.split(";")[0] for x in source.split("\n"))
    pat = re.compile(r"\s*(?::([A-Za-z_]\w*)|([A-Za-z][A-Za-z0-9-]*)"
                     r"\s*(\()?|(\S))")
    pos = 0
    while pos < len(text):
        if not text[pos:].strip():
            return
        m = pat.match(text, pos)
        line = text.count("\n", 0, m.end()) + 1
        if m.group(4):
            raise AsmError("line %d: unexpected %s" % (line, m.group(4)))
        pos = m.end()
        if m.group(1):
            yield line, "label", m.group(1), []
            continue
        args = []
        if m.group(3):
            depth, start = 1, pos
            while depth:
                if pos >= len(text):
                    raise AsmError("line %d: missing )" % line)
                depth += (text[pos] == "(") - (text[pos] == ")")
                pos += 1
            args = split_args(text[start:pos - 1])
        yield line, "op", m.group(2), args


def operand_types(name, args):
    """Operand types of an instruction, its list written out."""
    spec = OPS[name][1]
    if "*" not in spec:
        return spec
    head, group = spec.split("*")
    rest = len(args) - len(head)
    if rest % len(group):
        raise AsmError("%s: incomplete list" % name)
    return head + group * (rest // len(group))


class Assembler:
    """Assembles until no operand changes its size any more."""

    def __init__(self, source, defines=()):
        self.prog = list(statements(source))
        self.defines = dict(defines)
        self.syms, self.sizes = dict(self.defines), {}
        self.labels, self.consts = {}, {}
        self.huffman, self.patches = {}, {}
        self.listing = []
        self.start, self.code = None, b""
        # shortest sizes first; should they chase each other, only upwards
        before = None
        for i in range(128):
            self.grow = i >= 64
            self.one_pass(False)
            now = (dict(self.labels), dict(self.sizes))
            if now == before:
                break
            before = now
        self.one_pass(True)

    def expr(self, text, final):
        e = Expr(text, self.syms)
        v = e.value()
        if e.unknown and final:
            raise AsmError("unknown name " + str(e.unknown))
        return v

    def operand(self, key, kind, text, addr, final):
        """Encoding of one operand."""
        m = re.fullmatch(r"patch(1?)\s*\((.*)\)", text)
        if m:
            name, text = split_args(m.group(2))
            v = self.expr(text, final)
            if m.group(1):
                if len(enc_multi(v, False)) != 1 or kind != "%":
                    raise AsmError("patch1: a one-byte % operand only")
                self.patches[name] = key
                return enc_multi(v, False), v
            if v >= 8192 or kind != "%":
                raise AsmError("patch: 0..8191 in a % operand only")
            self.patches[name] = key
            return bytes([0xa0 | v >> 8, v & 255]), v
        mem = text.startswith("$")
        v = self.expr(text[1:] if mem else text, final)
        if kind == "#":
            if mem:
                raise AsmError("a # operand is a number")
            return enc_literal(v), v
        if kind == "$":
            if not mem:
                raise AsmError("this operand needs $")
            return enc_reference(v), v
        if kind == "@" and not mem:
            v = v - addr & 0xffff
        code = enc_multi(v, mem)
        size = len(code)
        if self.grow:
            size = max(size, self.sizes.get(key, 0))
        self.sizes[key] = size
        if size > len(code):
            code = widen(code, v, mem, size)
        return code, v

    def instruction(self, idx, name, args, addr, final):
        """Bytes of one instruction; operand values for the table."""
        if name not in OPS:
            raise AsmError("unknown instruction " + name)
        types = operand_types(name, args)
        if len(types) != len(args):
            raise AsmError("%s needs %d operands" % (name, len(types)))
        spec = OPS[name][1]
        if "*" in spec and final:
            head, group = spec.split("*")
            n = self.expr(args[head.index("#")], True)
            if n != (len(args) - len(head)) // len(group):
                raise AsmError("%s: its n is %d, the list has %d" % (
                    name, n, (len(args) - len(head)) // len(group)))
        out, values = bytes([OPS[name][0]]), []
        for i, (t, a) in enumerate(zip(types, args)):
            code, v = self.operand((idx, i), t, a, addr, final)
            for p, k in self.patches.items():
                if k == (idx, i):
                    self.labels["PATCH_" + p] = addr + len(out)
            out += code
            values.append(v)
        return out, values

    def one_pass(self, final):
        addr, reserved, pending, taken = 0, False, [], []
        mem = {}
        self.listing = []
        for idx, (line, kind, name, args) in enumerate(self.prog):
            try:
                if kind == "op" and name in ("if", "else", "endif"):
                    if name == "if":
                        taken.append(self.expr(args[0], True) != 0)
                    elif not taken:
                        raise AsmError(name + " without if")
                    elif name == "else":
                        taken[-1] = not taken[-1]
                    else:
                        taken.pop()
                    continue
                if not all(taken):
                    continue
                if kind == "label":
                    if final and self.syms.get(name) != addr:
                        raise AsmError("label %s moved" % name)
                    self.syms[name] = self.labels[name] = addr
                    pending.append(name)
                    continue
                low = name.lower()
                if low == "set":
                    v = self.expr(args[1], final)
                    self.syms[args[0]] = self.consts[args[0]] = v
                    continue
                if low == "readonly":
                    reserved = self.expr(args[0], final) == 0
                    continue
                if low == "at":
                    addr = self.expr(args[0], final)
                    continue
                if low == "align":
                    n = self.expr(args[0], final)
                    addr = (addr + n - 1) // n * n
                    continue
                data, values = b"", []
                if low == "pad":
                    addr += self.expr(args[0], final)
                    continue
                if low in ("byte", "word"):
                    for a in args:
                        v = self.expr(a, final)
                        data += v.to_bytes(2, "big") if low == "word" else \
                            bytes([v & 255])
                else:
                    data, values = self.instruction(idx, name, args, addr,
                                                    final)
                    self.listing.append((addr, data, name, args))
                if name == "INPUT-HUFFMAN" and pending:
                    self.huffman[pending[-1]] = values[3:]
                pending = []
                if not reserved:
                    for i, b in enumerate(data):
                        if final and addr + i in mem:
                            raise AsmError("address %d used twice" %
                                           (addr + i))
                        mem[addr + i] = b
                addr += len(data)
            except AsmError as e:
                raise AsmError("line %d: %s" % (line, e)) from None
        if taken:
            raise AsmError("if without endif")
        if mem:
            self.start = min(mem)
            self.code = bytes(mem.get(a, 0)
                              for a in range(self.start, max(mem) + 1))


def c_array(data):
    rows = []
    for i in range(0, len(data), 12):
        rows.append("\t" + " ".join("0x%02x," % b for b in data[i:i + 12]))
    return "\n".join(rows)


def header(asm, name, source_name):
    """The C header, the same for the same source."""
    out = ["/* made by udvmasm.py from %s */" % source_name, "",
           "enum {", "\t%s_ORIGIN = %d," % (name, asm.start),
           "\t%s_LEN = %d," % (name, len(asm.code))]
    for const, v in asm.consts.items():
        out.append("\t%s_%s = %d," % (name, const, v))
    for label, addr in sorted(asm.labels.items(), key=lambda x: (x[1], x[0])):
        if label.startswith("PATCH_"):
            addr -= asm.start
        out.append("\t%s_%s = %d," % (name, label, addr))
    out += ["};", "", "static const uint8_t %s[%d] = {" % (name,
                                                          len(asm.code)),
            c_array(asm.code), "};"]
    for label, v in sorted(asm.huffman.items()):
        out += ["", "static const struct sigcomp_range %s_%s_code[%d] = {" %
                (name, label, len(v) // 4)]
        for i in range(0, len(v), 4):
            out.append("\t{ %d, %d, %d, %d }," % tuple(v[i:i + 4]))
        out.append("};")
    return "\n".join(out) + "\n"


def main():
    try:
        opts, args = getopt.getopt(sys.argv[1:], "lD:")
    except getopt.GetoptError as e:
        sys.exit(str(e))
    if len(args) != 3:
        sys.exit(__doc__)
    defines = [v.split("=") for o, v in opts if o == "-D"]
    try:
        with open(args[0], encoding="ascii") as f:
            asm = Assembler(f.read(), [(n, int(v, 0)) for n, v in defines])
    except AsmError as e:
        sys.exit("%s: %s" % (args[0], e))
    if ("-l", "") in opts:
        for addr, data, op, ops in asm.listing:
            print("%4d  %-40s %s (%s)" % (addr, data.hex(), op,
                                          ", ".join(ops)))
    text = header(asm, args[1], args[0].split("/")[-1])
    with open(args[2], "w", encoding="ascii") as f:
        f.write(text)


if __name__ == "__main__":
    main()
