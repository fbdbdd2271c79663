#!/usr/bin/python3
# class: test
# needs: iproute2 tshark
"""tshark reads what uims and the lab send each other inside ESP, with the
keys of the lab: every ICV good, every message found (all pairs but GMAC,
which tshark does not know)."""
import collections
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import esp, netns                                  # noqa: E402
from lab.scene import scene                                 # noqa: E402
from lab.secure_scene import Secure                         # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

tests = Tests(60)
FIELDS = ('esp.spi', 'esp.icv_good', 'sip.Method', 'sip.Status-Code')


def dissect(folder, keys):
    """FIELDS of each packet; the lists of SIP may hold several values."""
    words = ['tshark', '-r', os.path.join(folder, 'esp.pcap'),
             '-o', 'esp.enable_encryption_decode:TRUE',
             '-o', 'esp.enable_authentication_check:TRUE',
             '-o', 'esp.enable_null_encryption_decode_heuristic:FALSE',
             '--enable-heuristic', 'sip_udp', '--enable-heuristic',
             'sip_tcp', '-T', 'fields', '-E', 'separator=;']
    for line in keys:
        words += ['-o', 'uat:esp_sa:' + line]
    for field in FIELDS:
        words += ['-e', field]
    env = dict(os.environ, WIRESHARK_CONFIG_DIR=folder, HOME=folder)
    out = subprocess.run(words, check=True, text=True, env=env,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return [line.split(';') for line in out.stdout.splitlines()]


async def decrypts(pair, version, transport):
    name = '%s/%s' % pair
    async with scene('set sec_algs %s=0.5' % name, 'set udp_limit 0',
                     secure=version, transport=transport,
                     settings={'algs': name}) as s:
        await s.registered()
        await s.ue.command('reregister')
        await s.event('reregistered')
        await s.deregister()
        # what is in the capture has come to the P-CSCF, too
        await Secure(s).notified(len(s.box.seen('NOTIFY', 'down')))
        keys = s.box.do('sec pcap %s' % os.path.join(
            s.ue.folder, 'esp.pcap'))
        rows = [r for r in dissect(s.ue.folder, keys) if r[0]]
        check(len(rows) >= 12, '%d ESP packets', len(rows))
        for row in rows:
            equal(row[1], '1', 'ICV of SPI %s' % row[0])
        names = collections.Counter(n for r in rows for f in r[2:]
                                    for n in f.split(',') if n)
        wanted = collections.Counter(e.name for e in s.box.trace if e.pair)
        equal(names, wanted, 'messages')


for _pair in esp.PAIRS:
    if _pair[0] != 'aes-gmac':
        tests.add('tshark: %s with %s' % _pair, _pair, 4, 'udp')(decrypts)
tests.add('tshark: IPv6', ('hmac-sha-1-96', 'aes-cbc'), 6, 'udp')(decrypts)
tests.add('tshark: TCP', ('null', 'aes-gcm'), 4, 'tcp')(decrypts)


if __name__ == '__main__':
    sys.exit(netns.main(tests))
