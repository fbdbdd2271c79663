#!/usr/bin/python3
# needs: gcc make python3
# class: check
"""RFC 4475 and RFC 5118 through build/host/sipcheck.

Verdicts as in expected.json; baddate.dat alone may go either way.  Then the
same messages changed in ways that must not change the verdict (another order
of header fields, compact names, other hosts), so that nothing but the grammar
can decide.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TOOL = os.environ.get("SIPCHECK", str(ROOT / "build" / "host" / "sipcheck"))
BAD = ("invalid", "valid-syntax-bad-semantics")
COMPACT = {b"Via": b"v", b"From": b"f", b"To": b"t", b"Call-ID": b"i",
           b"Contact": b"m", b"Content-Length": b"l", b"Content-Type": b"c"}
# structure of the header block itself is the point of these messages
KEEP = {"baddn.dat", "wsinv.dat", "intmeth.dat"}


def run(paths):
    """sipcheck's JSON lines for the files"""
    out = subprocess.run([TOOL] + [str(p) for p in paths], check=True,
                         stdout=subprocess.PIPE).stdout.decode()
    return [json.loads(line) for line in out.splitlines()]


def judge(message, result):
    """Empty, or what is wrong with the result"""
    status = message["acceptable_status"]
    if list(result) != ["file", "verdict", "status", "reason"]:
        return "fields %s" % list(result)
    if message["file"] == "baddate.dat":
        return "" if result["verdict"] in ("accept", "reject") else "verdict"
    if message["verdict"] not in BAD:
        if result["verdict"] != "accept":
            return "rejected: " + result["reason"]
        if result["status"] and result["status"] not in (status or []):
            return "status %d" % result["status"]
        return ""
    if result["verdict"] != "reject":
        return "accepted"
    if result["status"] not in (status or [0]):
        return "status %d not in %s" % (result["status"], status)
    return ""


def fields(head):
    """Header block as a list of unfolded-as-is fields"""
    return re.split(rb"\r\n(?![ \t])", head)


def variants(data):
    """The same message written differently"""
    head, sep, body = data.partition(b"\r\n\r\n")
    if not sep:
        return
    start, *hdrs = fields(head)
    # a stable sort by name keeps the order among equal names
    by_name = sorted(hdrs, key=lambda h: h.split(b":")[0].strip().lower())
    yield "sorted", b"\r\n".join([start] + by_name) + sep + body
    yield "reversed", b"\r\n".join(
        [start] + sorted(hdrs, key=lambda h: h.split(b":")[0].strip().lower(),
                         reverse=True)) + sep + body
    short = []
    for hdr in hdrs:
        name, colon, value = hdr.partition(b":")
        short.append(COMPACT.get(name.strip(), name) + colon + value)
    yield "compact", b"\r\n".join([start] + short) + sep + body
    upper = [h.partition(b":")[0].upper() + b":" + h.partition(b":")[2]
             for h in hdrs]
    yield "upper", b"\r\n".join([start] + upper) + sep + body
    hosts = head.replace(b"example.com", b"host-7.test").replace(
        b"example.net", b"a.b.test")
    yield "hosts", hosts + sep + body


def main():
    """Print ok/FAIL lines"""
    passed = failed = 0

    def report(name, why):
        nonlocal passed, failed
        if why:
            failed += 1
            print("FAIL %s: %s" % (name, why))
        else:
            passed += 1
            print("ok %s" % name)

    with tempfile.TemporaryDirectory() as tmp:
        for folder in ("rfc4475", "rfc5118"):
            path = HERE / folder
            messages = json.loads(
                (path / "expected.json").read_text())["messages"]
            results = run([path / m["file"] for m in messages])
            for msg, res in zip(messages, results):
                report("%s/%s" % (folder, msg["file"]), judge(msg, res))
            for msg in messages:
                data = (path / msg["file"]).read_bytes()
                if folder == "rfc5118":
                    data = data.replace(b"\n", b"\r\n")
                    if b"Content-Length: 0" not in data:
                        continue
                    if b"\r\n\r\n" not in data:
                        data += b"\r\n"
                if msg["file"] in KEEP:
                    continue
                for how, text in variants(data):
                    one = pathlib.Path(tmp) / "m"
                    one.write_bytes(text)
                    report("%s/%s %s" % (folder, msg["file"], how),
                           judge(msg, run([one])[0]))

        flow = sorted((HERE / "sip-flow").glob("*.sip"))
        for path, res in zip(flow, run(flow)):
            report("sip-flow/" + path.name, "" if res["verdict"] == "accept"
                   and res["status"] == 0 else str(res))

        empty = pathlib.Path(tmp) / "empty"
        empty.write_bytes(b"")
        res = run([empty])[0]
        report("an empty file is rejected without an answer",
               "" if (res["verdict"], res["status"]) == ("reject", 0)
               else str(res))

    report("no argument is wrong use", "" if subprocess.run(
        [TOOL], stderr=subprocess.DEVNULL).returncode == 2 else "exit status")
    report("a missing file is an error", "" if subprocess.run(
        [TOOL, str(HERE / "no-such-file")], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL).returncode == 2 else "exit status")
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


main()
