#!/usr/bin/python3
# needs: tshark
# class: test
"""tshark decompresses what we send: exactly the plaintext.

Each message of a flow, as `sigcomp flow -o` writes it, becomes a UDP datagram
between ports 5060; tshark's own UDVM (RFC 3320) decompresses it, first
messages and those that name saved state, and its text is compared octet by
octet.
"""
import glob
import json
import os
import struct
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SIGCOMP = os.environ.get("SIGCOMP", os.path.join(TOP, "build/host/sigcomp"))
FLOW = os.path.join(TOP, "test/vectors/sip-flow")


def checksum(data):
    s = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def datagram(src, dst, payload):
    """IPv4 and UDP; a UDP checksum of zero means none."""
    udp = struct.pack("!HHHH", 5060, 5060, 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17,
                       0, src, dst)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + udp


def write_pcap(path, packets):
    with open(path, "wb") as f:
        f.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        for i, p in enumerate(packets):
            f.write(struct.pack("=IIII", i, 0, len(p), len(p)) + p)


def tshark_texts(pcap):
    """Decompressed text of each frame, None where tshark has none."""
    out = subprocess.run(
        ["tshark", "-r", pcap, "-o", "sigcomp.decomp.msg:TRUE", "-T", "json",
         "-x"], capture_output=True, check=True).stdout
    texts = []
    for packet in json.loads(out):
        raw = packet["_source"]["layers"].get("sip_raw")
        texts.append(bytes.fromhex(raw[0]) if raw else None)
    return texts


def run(name, options, folder):
    ue, pcscf = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
    with tempfile.TemporaryDirectory() as tmp:
        rows = subprocess.run(
            [SIGCOMP, "flow", "-o", tmp] + options + [folder],
            capture_output=True, check=True).stdout.decode().split("\n")
        rows = [json.loads(r) for r in rows if r]
        files = sorted(glob.glob(os.path.join(folder, "*-up-*")) +
                       glob.glob(os.path.join(folder, "*-down-*")))
        rows = [r for r in rows if "n" in r]
        packets = []
        for i, r in enumerate(rows):
            with open("%s/%03u.sigcomp" % (tmp, i + 1), "rb") as f:
                data = f.read()
            up = r["dir"] == "up"
            packets.append(datagram(ue if up else pcscf,
                                    pcscf if up else ue, data))
        pcap = os.path.join(tmp, "flow.pcap")
        write_pcap(pcap, packets)
        texts = tshark_texts(pcap)

    bad = []
    for i, r in enumerate(rows):
        with open(files[r["n"] - 1], "rb") as f:
            want = f.read()
        if i >= len(texts) or texts[i] != want:
            bad.append(str(r["n"]))
    if bad or not rows:
        print("FAIL %s: %d of %d differ: %s" %
              (name, len(bad), len(rows), " ".join(bad)))
        return False
    print("ok %s (%d messages)" % (name, len(rows)))
    return True


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else FLOW
    results = []
    for codec in ("lz", "deflate"):
        probe = subprocess.run([SIGCOMP, "flow", "--codec", codec, folder],
                               capture_output=True)
        if probe.returncode:
            print("FAIL %s: not built" % codec)
            results.append(False)
            continue
        for sms in ("2048", "4096", "8192"):
            results.append(run("tshark decompresses %s, SMS %s" %
                               (codec, sms),
                               ["--codec", codec, "-s", sms], folder))
    print("%d passed, %d failed" % (sum(results),
                                    len(results) - sum(results)))
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
