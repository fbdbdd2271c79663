#!/usr/bin/python3
"""Code and data of each library: size.py TARGET FOLDER MODULE...

Prints a table and writes FOLDER/size.json. Sums of the objects before the
linker drops what is not used, so an upper bound. Where the compiler left
call graphs (mps2-an385) also the largest frame and the deepest path of
direct calls, in octets of stack.
"""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import stack  # noqa: E402

TOOLS = {'mps2-an385': 'arm-none-eabi-size',
         'linux-armhf': 'arm-linux-gnueabihf-size'}
STRUCTS = (('struct ue', 'ue/ue.h'), ('struct sip_dialog', 'ue/sip/dialog.h'),
           ('struct sigcomp', 'sigcomp/sigcomp.h'),
           ('struct sigcomp_compartment', 'sigcomp/sigcomp.h'),
           ('struct ipsec', 'ipsec/ipsec.h'))


def measure(tool, path):
    """Octets of code with constants, data and bss of a library."""
    out = subprocess.run([tool, '-B', '-t', path], check=True, text=True,
                         stdout=subprocess.PIPE).stdout.splitlines()
    text, data, bss = (int(n) for n in out[-1].split()[:3])
    return {'text': text, 'data': data, 'bss': bss}


def stack_use(folder):
    """Largest frame and deepest path, empty without call graphs."""
    graph = stack.CallGraph(folder)
    if not graph.frame:
        return {}
    row = {'frame': max(graph.frame.values())}
    if not graph.recursion():
        row['path'] = graph.deepest()[0]
    return row


def structs(folder):
    """sizeof of what an application declares, asked of the compiler."""
    flags = subprocess.run(['make', '-s', 'print-flags', 'TARGET=mps2-an385'],
                           check=True, text=True,
                           stdout=subprocess.PIPE).stdout
    code = ''.join('#include "%s"\n' % h for _, h in STRUCTS
                   if os.path.exists(h))
    code += ''.join('char s%d[sizeof(%s)];\n' % (i, s)
                    for i, (s, h) in enumerate(STRUCTS)
                    if os.path.exists(h))
    out = os.path.join(folder, 'sizeof.o')
    subprocess.run('arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb %s -w -c -x c '
                   '- -o %s' % (flags.strip(), out), shell=True, check=True,
                   text=True, input=code)
    rows = subprocess.run(['arm-none-eabi-nm', '-S', out], check=True,
                          text=True, stdout=subprocess.PIPE).stdout
    sizes = {}
    for row in rows.splitlines():
        f = row.split()
        sizes[STRUCTS[int(f[3][1:])][0]] = int(f[1], 16)
    return sizes


def main():
    target, folder, modules = sys.argv[1], sys.argv[2], sys.argv[3:]
    tool = TOOLS.get(target, 'size')
    table = {}
    print('%-12s %9s %7s %7s %7s %7s' % (target, 'text', 'data', 'bss',
                                         'frame', 'path'))
    for m in modules:
        row = measure(tool, os.path.join(folder, 'lib%s.a' % m))
        row.update(stack_use(os.path.join(folder, 'obj', 'ports', m)))
        row.update(stack_use(os.path.join(folder, 'obj', m)))
        table[m] = row
        print('%-12s %9d %7d %7d %7s %7s' % (
            m, row['text'], row['data'], row['bss'],
            row.get('frame', '-'), row.get('path', '-')))
    if target == 'mps2-an385':
        table['sizeof'] = structs(folder)
        print()
        for name, size in table['sizeof'].items():
            print('sizeof %-28s %7d' % (name, size))
    with open(os.path.join(folder, 'size.json'), 'w',
              encoding='utf-8') as f:
        json.dump(table, f, indent=1)


main()
