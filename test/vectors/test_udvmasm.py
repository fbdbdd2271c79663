#!/usr/bin/python3
# class: check
"""The UDVM assembler: listings of RFC 4465 give the bytecode of its appendix,
operands get the shortest encoding of RFC 3320 s8.5, errors are errors."""
import json
import os
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BYTECODE = os.path.join(TOP, "sigcomp", "bytecode")
sys.path.insert(0, BYTECODE)
import udvmasm                              # noqa: E402

# RFC 4465: 2.1, 2.5, 2.8, 2.11, as printed there
LISTINGS = {
    "A.1.1": """
at (64)
:a                              pad (2)
:b                              pad (2)
at (128)
JUMP (start)            ; Jump to address 255
at (255)
:start
AND ($start, 21845)
OR ($a, 42)
NOT ($b)
LSHIFT ($a, 3)
RSHIFT ($b, 65535)
OUTPUT (64, 4)
AND ($a, $start)
OR ($a, $a)
NOT ($a)
LSHIFT ($b, $a)
RSHIFT ($a, $b)
OUTPUT (64, 4)
END-MESSAGE (0, 0, 0, 0, 0, 0, 0)
""",
    "A.1.5": """
at (64)
:start                          pad (1)
:start_lsb                      pad (1)
at (128)
set (location_a, 128)
set (location_b, 132)
LOAD (128, 132)
LOAD (130, $location_a)
LOAD ($location_a, 134)
LOAD ($location_b, $location_b)
OUTPUT (128, 8)
INPUT-BYTES (1, start_lsb, decompression_failure)
MULTIPLY ($start, 2)
ADD ($start, 60)
MULTILOAD ($start, 3, overlap_start, overlap_end, 128)
:position
set (overlap_start, (position - 7))
MULTILOAD ($start, 4, 42, 128, $location_a, $location_b)
:end
set (overlap_end, (end - 1))
OUTPUT (128, 8)
END-MESSAGE (0, 0, 0, 0, 0, 0, 0)
:decompression_failure
DECOMPRESSION-FAILURE
""",
    "A.1.8": """
at (64)
:byte_copy_left                 pad (2)
:byte_copy_right                pad (2)
at (128)
LOAD (byte_copy_left, 128)
LOAD (byte_copy_right, 129)
MEMSET (64, 129, 0, 1)
MEMSET (129, 15, 64, 15)
OUTPUT (128, 16)
END-MESSAGE (0, 0, 0, 0, 0, 0, 0)
""",
    "A.1.11": """
at (64)
:byte_copy_left                 pad (2)
:byte_copy_right                pad (2)
:input_bit_order                pad (2)
:result                         pad (2)
at (128)
:start
INPUT-HUFFMAN (result, end_of_message, 2, $input_bit_order, 0,
$input_bit_order, $input_bit_order, $input_bit_order, 0, 65535, 0)
OUTPUT (result, 2)
ADD ($input_bit_order, 1)
REMAINDER ($input_bit_order, 7)
ADD ($input_bit_order, 1)
JUMP (start)
:end_of_message
END-MESSAGE (0, 0, 0, 0, 0, 0, 0)
""",
}

RESULTS = []


def check(name, good, why=""):
    RESULTS.append(bool(good))
    print("ok " + name if good else "FAIL %s: %s" % (name, why))


def code(source, **defines):
    return udvmasm.Assembler(source, list(defines.items())).code


def listings():
    for section, source in LISTINGS.items():
        with open(os.path.join(TOP, "test/vectors/rfc4465",
                               section + ".json"), encoding="ascii") as f:
            message = bytes.fromhex(json.load(f)["steps"][0]["message"])
        size = message[1] << 4 | message[2] >> 4
        want = message[3:3 + size]
        got = code(source)
        # the appendix leaves out zeros at the end
        check("RFC 4465 %s: its bytecode" % section,
              got[:len(want)] == want and not any(got[len(want):]),
              got.hex())


def decode_multi(p):
    """RFC 3320 s8.5 figure 10: (value, memory reference, length)."""
    b = p[0]
    if b < 0x40:
        return b, False, 1
    if b < 0x80:
        return 2 * (b & 63), True, 1
    if b == 0x80 or b == 0x81:
        return p[1] << 8 | p[2], b == 0x81, 3
    if b < 0x88:
        return 1 << (b & 1) + 6, False, 1
    if b < 0x90:
        return 1 << (b & 7) + 8, False, 1
    if b < 0xa0:
        return (b & 15) * 256 + p[1] + 61440, False, 2
    if b < 0xc0:
        return (b & 31) * 256 + p[1], False, 2
    if b < 0xe0:
        return (b & 31) * 256 + p[1], True, 2
    return (b & 31) + 65504, False, 1


def operands():
    bad = []
    for v in range(65536):
        for mem in (False, True):
            p = udvmasm.enc_multi(v, mem)
            if decode_multi(p + b"\0\0") != (v, mem, len(p)):
                bad.append((v, mem, p.hex()))
    check("RFC 3320 s8.5: every multitype operand means its value", not bad,
          str(bad[:3]))

    sizes = {63: 1, 64: 1, 65: 2, 128: 1, 256: 1, 8191: 2, 8192: 1, 8193: 3,
             32768: 1, 61439: 3, 61440: 2, 65503: 2, 65504: 1, 65535: 1}
    check("RFC 3320 s8.5: a multitype operand takes no more bytes than it "
          "must", all(len(udvmasm.enc_multi(v, False)) == n
                      for v, n in sizes.items()))
    sizes = {126: 1, 127: 2, 128: 2, 8191: 2, 8192: 3}
    check("RFC 3320 s8.5: so does a reference in a multitype operand",
          all(len(udvmasm.enc_multi(v, True)) == n for v, n in sizes.items()))
    check("RFC 3320 s8.5: literals and references",
          [udvmasm.enc_literal(v).hex() for v in (127, 128, 16383, 16384)] ==
          ["7f", "8080", "bfff", "c04000"] and
          [udvmasm.enc_reference(v).hex() for v in (254, 255, 256, 32766,
                                                    32768)] ==
          ["7f", "c000ff", "8080", "bfff", "c08000"])


def language():
    check("an address is relative to its instruction",
          code("at (128) :here JUMP (here)").hex() == "1600" and
          code("at (128) JUMP (on) byte (1) :on JUMP (on)").hex() ==
          "1603011600")
    check("if takes one branch",
          code("if (x) byte (1) else byte (2) endif", x=0) == b"\2" and
          code("if (x) byte (1) else byte (2) endif", x=7) == b"\1")
    check("a gap is zeros, reserved memory is no code",
          code("at (64) pad (8) at (128) byte (1) align (4) word (2)").hex()
          == "01000000" + "0002")

    asm = udvmasm.Assembler("""
at (128)
LOAD (patch (top, 5), 1)
:code INPUT-HUFFMAN (32, end, 2, 1, 0, 0, 65, 1, 2, -1, 66)
:end END-MESSAGE (0, 0, 0, 0, 0, 0, 0)""")
    text = udvmasm.header(asm, "T", "t.asm")
    check("the header has labels, patches and codes",
          "T_end = 146," in text and "T_PATCH_top = 1," in text and
          "{ 1, 2, 65535, 66 }," in text, text)


def errors():
    for name, source in (
            ("an unknown name", "LOAD (a, 1)"),
            ("an unknown instruction", "NOPE (1)"),
            ("too few operands", "LOAD (1)"),
            ("a reference operand without $", "ADD (64, 1)"),
            ("an incomplete list", "INPUT-HUFFMAN (1, 2, 1, 3, 4)"),
            ("a list shorter than its n", "MULTILOAD (64, 3, 1, 2)"),
            ("memory used twice", "at (128) byte (1) at (128) byte (2)"),
            ("a parenthesis left open", "LOAD (1, 2"),
            ("if without endif", "if (1) byte (1)")):
        try:
            code(source)
            check("%s is an error" % name, False, "assembled")
        except udvmasm.AsmError:
            check("%s is an error" % name, True)


def programs():
    """The decoders assemble, always to the same header."""
    for source, options in (("lz.asm", ["-D", "shared=0"]),
                            ("lz.asm", ["-D", "shared=1"])):
        with tempfile.TemporaryDirectory() as tmp:
            texts = []
            for i in range(2):
                out = os.path.join(tmp, "out%d.h" % i)
                subprocess.run(
                    [sys.executable, os.path.join(BYTECODE, "udvmasm.py")] +
                    options + [os.path.join(BYTECODE, source), "X", out],
                    check=True, env={"PYTHONHASHSEED": str(i + 1)})
                with open(out, encoding="ascii") as f:
                    texts.append(f.read())
        check("%s %s: the same header each time" %
              (source, options[-1]), texts[0] == texts[1])


def main():
    listings()
    operands()
    language()
    errors()
    programs()
    print("%d passed, %d failed" % (sum(RESULTS),
                                    len(RESULTS) - sum(RESULTS)))
    return 0 if all(RESULTS) else 1


if __name__ == "__main__":
    sys.exit(main())
