#!/usr/bin/python3
"""RFC 4475 and RFC 5118 messages with their expected verdicts as C arrays.

gen_sip_torture.py OUT.h

The archive of RFC 5118 holds transcripts (LF line ends, some without the
empty line at the end, Content-Lengths that fit neither form): they are put
into the form of the wire here and marked.
"""
import json
import pathlib
import sys

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"


def verdict(message):
    """(accept, reject) flags: both where either will do"""
    if message["file"] == "baddate.dat":
        return True, True
    bad = message["verdict"] in ("invalid", "valid-syntax-bad-semantics")
    return not bad, bad


def wire(data):
    """A transcript as it would be sent"""
    data = data.replace(b"\n", b"\r\n")
    return data if b"\r\n\r\n" in data else data + b"\r\n"


def main():
    """Write the header"""
    rows, arrays = [], []
    for folder in ("rfc4475", "rfc5118"):
        path = VECTORS / folder
        for msg in json.loads((path / "expected.json").read_text())["messages"]:
            data = (path / msg["file"]).read_bytes()
            transcript = b"\r" not in data
            if transcript:
                data = wire(data)
            accept, reject = verdict(msg)
            status = msg["acceptable_status"]
            # the answers that a bad message may earn; 0 = none
            allowed = ([0] if status == [] else status or [0])[:2]
            name = "msg_%d" % len(rows)
            arrays.append("static const uint8_t %s[] = {%s};" % (
                name, ",".join(str(b) for b in data)))
            rows.append('\t{"%s", %s, sizeof(%s), %d, %d, %d, {%s}},' % (
                folder + "/" + msg["file"], name, name, transcript, accept,
                reject, ", ".join(str(s) for s in allowed)))
    out = ["/* made by gen_sip_torture.py */", "#include <stdbool.h>",
           "#include <stddef.h>", "#include <stdint.h>", ""] + arrays + [
           "", "static const struct {",
           "\tconst char *file;", "\tconst uint8_t *data;", "\tsize_t len;",
           "\tbool transcript;", "\tbool accept;", "\tbool reject;",
           "\tuint16_t statusv[2];", "} torturev[] = {"] + rows + ["};", ""]
    pathlib.Path(sys.argv[1]).write_text("\n".join(out))


main()
