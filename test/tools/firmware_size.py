#!/usr/bin/python3
"""Flash and RAM of the firmware by part: firmware_size.py MAP

Reads the linker's map: what is in the image after unused code was dropped.
The stack proper is what is ours and what it takes from libre and mbedTLS; the
rest is the ports, the kernel, lwIP, drivers and the C library. Beside each figure stands
its limit, from firmware_table.json; over_table() is what lint asks.
"""
import json
import os
import re
import sys

# which part an input section belongs to: by its archive, or by its name
PARTS = ('ue', 'sigcomp', 'ipsec', 'msrp', 're', 'mbedtls', 'z')
OTHERS = {'common': 'common', 'freertos': 'port', 'board': 'board', 'lwip': 'lwip',
          'kernel': 'kernel'}
# storage that the firmware declares for the stack
STORAGE = {'.bss.ue': 'ue'}
TASKS = re.compile(r'\.bss\.\w*_(stack|tcb)$')
SECTION = re.compile(r'^ ((?:\.text|\.rodata|\.vectors|\.data|\.bss|\.ARM\.exidx'
                     r'|COMMON)[\w.$-]*)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S+)$')
IMAGE = 'build/mps2-an385/firmware'
TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                     'firmware_table.json')
FLASH, RAM = range(0x400000), range(0x20000000, 0x20400000)


def part_of(section, path):
    archive = re.search(r'lib(\w+)\.a\(', path)
    name = archive.group(1) if archive else 'board'
    if section in STORAGE:
        return STORAGE[section]
    if TASKS.match(section):
        return 'stacks'
    if name in PARTS:
        return name
    return OTHERS.get(name, 'libc' if archive else 'board')


def measure(path):
    """{part: [flash, ram]} and the totals of the image."""
    with open(path, encoding='utf-8') as f:
        text = f.read()
    text = text[text.index('Linker script and memory map'):]
    # a long section name has its numbers on the next line
    text = re.sub(r'\n (\.[\w.$-]+)\n\s+0x', r'\n \1 0x', text)
    parts = {}
    for line in text.splitlines():
        m = SECTION.match(line)
        if not m:
            continue
        section, at, size = m.group(1), int(m.group(2), 16), \
            int(m.group(3), 16)
        part = part_of(section, m.group(4))
        flash = at in FLASH
        ram = at in RAM
        if not size or not (flash or ram):
            continue
        row = parts.setdefault(part, [0, 0])
        row[0] += size if flash or section.startswith('.data') else 0
        row[1] += size if ram else 0
    return parts


def limits():
    """{part or sum: [flash, ram]}: what is committed."""
    with open(TABLE, encoding='utf-8') as f:
        return json.load(f)


def rows_of(path):
    """All rows of an image, its sums last."""
    parts = measure(path)
    parts.setdefault('stacks', [0, 0])[1] += interrupt_stack()
    rows = {n: parts[n] for n in sorted(parts,
                                        key=lambda n: (n not in PARTS, n))}
    rows['stack proper'] = total(parts, PARTS)
    rows['the rest'] = total(parts, set(parts) - set(PARTS))
    rows['image'] = total(parts)
    return rows


def over_table(path):
    """What of an image is above the committed table, a line each."""
    table = limits()
    for name, row in rows_of(path).items():
        for what, n, limit in zip(('flash', 'RAM'), row,
                                  table.get(name, [0, 0])):
            if n > limit:
                yield ('%s has %d octets of %s, %d are in the table: make it '
                       'smaller, or raise the row and say why' % (
                           name, n, what, limit))


def total(parts, names=None):
    rows = [r for n, r in parts.items() if names is None or n in names]
    return [sum(r[i] for r in rows) for i in (0, 1)]


def interrupt_stack(folder='boards/mps2-an385'):
    with open(os.path.join(folder, 'firmware.ld'), encoding='utf-8') as f:
        return int(re.search(r'board_stack_size = (\w+)', f.read()).group(1),
                   16)


def main():
    rows, table = rows_of(sys.argv[1]), limits()
    print('\n%-14s %8s %8s %8s %8s' % ('firmware', 'flash', 'of', 'RAM',
                                       'of'))
    for name, row in rows.items():
        limit = table.get(name, [0, 0])
        print('%-14s %8d %8d %8d %8d' % (name, row[0], limit[0], row[1],
                                         limit[1]))
    with open(os.path.join(os.path.dirname(sys.argv[1]),
                           'firmware_size.json'), 'w',
              encoding='utf-8') as f:
        json.dump(rows, f, indent=1)


if __name__ == '__main__':
    main()
