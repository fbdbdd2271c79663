#!/usr/bin/python3
"""MSRP frames of RFC 4975 with what its index says about them.

gen_rfc4975.py OUT.h
"""
import json
import pathlib
import sys

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors/rfc4975"


def main():
    """Write the header"""
    rows, arrays = [], []
    for msg in json.loads((VECTORS / "index.json").read_text())["messages"]:
        data = (VECTORS / msg["file"]).read_bytes()
        name = "rfc4975_" + msg["file"].split(".")[0]
        arrays.append("static const uint8_t %s[] = {%s};" % (
            name, ",".join(str(b) for b in data)))
        rows.append('\t{"%s", %s, sizeof(%s), "%s", \'%s\', "%s", %d},' % (
            msg["file"], name, name, msg["first_line"], msg["continuation"],
            msg["byte_range"] or "", msg["body_octets_as_extracted"]))
    out = ["/* made by gen_rfc4975.py */", "#include <stddef.h>",
           "#include <stdint.h>", ""] + arrays + [
           "", "static const struct {",
           "\tconst char *file;", "\tconst uint8_t *data;", "\tsize_t len;",
           "\tconst char *first_line;", "\tchar flag;",
           "\tconst char *byte_range;", "\tsize_t body_len;",
           "} rfc4975v[] = {"] + rows + ["};", ""]
    pathlib.Path(sys.argv[1]).write_text("\n".join(out))


main()
