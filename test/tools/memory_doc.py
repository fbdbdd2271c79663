#!/usr/bin/python3
"""Writes the tables of docs/memory.md: memory_doc.py [-c]

From what is committed (firmware_table.json, stack_calls.txt, lwipopts.h) and
from the linker's map, of which only sizes that these files decide are taken.
-c only says whether the page differs.
"""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import firmware_size  # noqa: E402
import stack_bound  # noqa: E402

PAGE = 'docs/memory.md'
BEGIN = '<!-- tables: test/tools/memory_doc.py -->\n'
END = '<!-- end of tables -->\n'
PARTS = {
    'ipsec': 'security associations, ESP', 'mbedtls': 'hashes, ciphers',
    'msrp': 'MSRP', 're': 'formatting, lists, timers of libre',
    'sigcomp': 'SigComp', 'ue': 'SIP, registration, sessions, conferences; '
    'RAM: `struct ue`', 'board': 'start-up, drivers, console',
    'kernel': 'FreeRTOS', 'libc': 'newlib-nano, libgcc', 'lwip': 'IP, UDP, '
    'TCP; RAM: its pools', 'port': 'lwIP glue, ESP interface, UE task',
    'common': 'commands, settings, soft USIM, random numbers, log',
    'stacks': 'of tasks and interrupts', 'stack proper':
    '**ue, sigcomp, ipsec, msrp and what they take of libre and mbedTLS**',
    'the rest': '**the others**', 'image': '**all**'}
# what runs out, and what happens then
POOLS = {
    'PBUF_POOL': ('what has come in: three a frame of 1514 octets; one '
                  'datagram of `UE_SIP_MSG_MAX` in fragments and two frames',
                  'frames are lost, and packets that wait for more fragments '
                  'are given up; where there are none, connections for MSRP '
                  'that hold what the UE does not take are ended'),
    'UDP_PCB': ('a port for each protected port and the unprotected one',
                'ENOMEM of `flow_open()`'),
    'TCP_PCB': ('connections to P-CSCF and MSRP peers, old ones in TIME-WAIT',
                'the oldest in TIME-WAIT goes; ENOMEM of `flow_open()`'),
    'TCP_PCB_LISTEN': ('protected server port of two sets, MSRP',
                       'ENOMEM of `flow_open()`'),
    'TCP_SEG': ('two full send queues, and a message of SIP', 'EAGAIN of `flow_send()`'),
    'PBUF': ('references to constant data', 'packets are lost'),
    'FRAG_PBUF': ('fragments of one datagram to be sent, each twice while '
                  'it waits', 'the datagram is lost'),
    'REASSDATA': ('IPv4 datagrams in reassembly', 'the oldest is dropped'),
    'IP6_REASSDATA': ('IPv6 datagrams in reassembly',
                      'the oldest is dropped'),
    'RAW_PCB': ('ESP of IPv4 and IPv6', 'fixed'),
    'ARP_QUEUE': ('packets that wait for an address', 'packets are lost'),
    'ND6_QUEUE': ('packets that wait for an address', 'packets are lost'),
    'MLD6_GROUP': ('multicast groups of own addresses', 'fixed'),
    'SYS_TIMEOUT': ('timers of lwIP', 'fixed')}
# entries that lwipopts.h says under another name, or leaves to lwIP: octets
# of one
SAME = {'IP6_REASSDATA': 'REASSDATA'}
ENTRY = {'MLD6_GROUP': 32, 'SYS_TIMEOUT': 16}


def kilo(n):
    return '%d' % n if n else '-'


def parts():
    yield '| part | flash at most | RAM at most | what |'
    yield '|---|---:|---:|---|'
    for name, (flash, ram) in firmware_size.limits().items():
        yield '| %s | %s | %s | %s |' % (name, kilo(flash), kilo(ram),
                                         PARTS[name])


def stacks():
    yield '| stack | octets | worst case at most |'
    yield '|---|---:|---:|'
    names = {'ue': 'UE task', 'idle': 'idle task',
             'irq': 'start-up and interrupts'}
    for task, (size, _, _) in stack_bound.List(stack_bound.LIST
                                               ).tasks.items():
        yield '| %s | %d | %d |' % (names[task], size, size * 3 // 4)


def number(options, name):
    m = re.search(r'^#define (?:MEMP_NUM_)?%s\s+(\d+)' % name, options, re.M)
    return m.group(1) if m else ''


def pools():
    with open('ports/freertos/include/lwipopts.h', encoding='utf-8') as f:
        options = f.read()
    with open(firmware_size.IMAGE + '.map', encoding='utf-8') as f:
        sizes = dict(re.findall(
            r'\.bss\.memp_memory_(\w+)_base\n\s+0x[0-9a-f]+\s+0x([0-9a-f]+)',
            f.read()))
    yield '| pool of lwIP | entries | octets | for | when there is none |'
    yield '|---|---:|---:|---|---|'
    for name, (what, then) in POOLS.items():
        octets = int(sizes[name], 16)
        said = SAME.get(name, name)
        yield '| %s | %s | %d | %s | %s |' % (
            name, octets // ENTRY[name] if name in ENTRY else
            number(options, said + '_SIZE') or number(options, said),
            octets, what, then)
    size = re.search(r'MEM_SIZE\s+\((\d+) \* 1024\)', options)
    yield '| MEM_SIZE | | %d | %s | EAGAIN of `flow_send()` |' % (
        int(size.group(1)) * 1024, 'what is to be sent: one connection with '
        'a full `TCP_SND_BUF` and one datagram of `UE_SIP_MSG_MAX`')


def page():
    """The page as it should be."""
    with open(PAGE, encoding='utf-8') as f:
        before, rest = f.read().split(BEGIN)
    tables = '\n\n'.join('\n'.join(t()) for t in (parts, stacks, pools))
    return before + BEGIN + '\n' + tables + '\n\n' + END + rest.split(END)[1]


def differs():
    with open(PAGE, encoding='utf-8') as f:
        return f.read() != page()


def main():
    if '-c' in sys.argv:
        return 1 if differs() else 0
    text = page()
    with open(PAGE, 'w', encoding='utf-8') as f:
        f.write(text)
    return 0


if __name__ == '__main__':
    sys.exit(main())
