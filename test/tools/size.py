#!/usr/bin/python3
"""Code and data of each library: size.py TARGET FOLDER MODULE...

Prints a table and writes FOLDER/size.json. Sums of the objects before the
linker drops what is not used, so an upper bound.
"""

import json
import os
import subprocess
import sys

TOOLS = {'mps2-an385': 'arm-none-eabi-size',
         'linux-armhf': 'arm-linux-gnueabihf-size'}


def measure(tool, path):
    out = subprocess.run([tool, '-B', '-t', path], check=True, text=True,
                         stdout=subprocess.PIPE).stdout.splitlines()
    text, data, bss = (int(n) for n in out[-1].split()[:3])
    return {'text': text, 'data': data, 'bss': bss}


def main():
    target, folder, modules = sys.argv[1], sys.argv[2], sys.argv[3:]
    tool = TOOLS.get(target, 'size')
    table = {}
    print('%-12s %9s %7s %7s' % (target, 'text', 'data', 'bss'))
    for m in modules:
        row = measure(tool, os.path.join(folder, 'lib%s.a' % m))
        table[m] = row
        print('%-12s %9d %7d %7d' % (m, row['text'], row['data'],
                                     row['bss']))
    with open(os.path.join(folder, 'size.json'), 'w',
              encoding='utf-8') as f:
        json.dump(table, f, indent=1)


main()
