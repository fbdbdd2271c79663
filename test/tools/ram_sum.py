#!/usr/bin/python3
"""RAM of struct ue, member by member, and two sums beside their goals:
ram_sum.py [MAP]

Asks the compilers of the host and, where there is one, of the Cortex-M3.
Conferences: the SIP core with all that sessions, subscriptions, REFERs and
conferences keep at the default capacities. Stack proper: what the map of the
firmware has for ue, sigcomp, ipsec, msrp, libre and mbedTLS, where that was
built. Exit status 1: a goal is missed on the Cortex-M3.
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import firmware_size  # noqa: E402

CONFERENCES, STACK_PROPER = 24 * 1024, 72 * 1024
# two conferences, four subscriptions, six dialogs, with the SIP core
PARTS = ('sip', 'refers', 'sessions', 'mediav', 'confs',
         'subscriptions', 'reg.regevent.sub', 'reg.regevent.dlg')
# of the union `work` the largest of these: imdn is of messages
WORK = ('work.xml', 'work.reginfo', 'work.roster', 'work.fork',
        'work.routes', 'work.move', 'work.auth')
COMPILERS = {'host': 'gcc', 'Cortex-M3': 'arm-none-eabi-gcc -mcpu=cortex-m3 '
             '-mthumb'}
TARGETS = {'host': 'host', 'Cortex-M3': 'mps2-an385'}


def members():
    """Names of the members of struct ue, with SigComp and IPsec."""
    with open('ue/ue.h', encoding='utf-8') as f:
        body = re.search(r'\nstruct ue \{\n(.*?)\n\};', f.read(), re.S)
    text = re.sub(r'/\*.*?\*/', '', body.group(1), flags=re.S)
    return re.findall(r'(\w+)(?:\[\w+\])?;', text)


def sizes(machine, names):
    """{name: octets} of these members and of struct ue, from nm."""
    flags = subprocess.run(
        ['make', '-s', 'print-flags', 'TARGET=' + TARGETS[machine]],
        check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
    code = '#include "ue/ue.h"\nchar all[sizeof(struct ue)];\n' + ''.join(
        'char m%d[sizeof(((struct ue *)0)->%s)];\n' % (i, n)
        for i, n in enumerate(names))
    out = os.path.join('build', 'ram_sum.o')
    cc = COMPILERS[machine]
    subprocess.run('%s %s -w -c -x c - -o %s' % (cc, flags, out), shell=True,
                   check=True, text=True, input=code)
    tool = 'nm' if machine == 'host' else 'arm-none-eabi-nm'
    rows = subprocess.run([tool, '-S', out], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.split('\n')
    os.remove(out)
    found = {r.split()[3]: int(r.split()[1], 16) for r in rows if r}
    sized = {n: found['m%d' % i] for i, n in enumerate(names)}
    sized['struct ue'] = found['all']
    return sized


def has(command):
    return subprocess.run(['which', command.split()[0]], check=False,
                          stdout=subprocess.DEVNULL).returncode == 0


def main():
    names = members()
    machines = [m for m, cc in COMPILERS.items() if has(cc)]
    asked = names + [p for p in PARTS + WORK if p not in names]
    table = {m: sizes(m, asked) for m in machines}
    print('\n%-28s' % 'struct ue, octets' + ''.join(
        '%10s' % m for m in machines))
    for n in [*names, 'struct ue']:
        print('%-28s' % n + ''.join('%10d' % table[m][n] for m in machines))
    rows = {m: sum(table[m][p] for p in PARTS) +
            max(table[m][p] for p in WORK) for m in machines}
    print('\n%-28s' % 'conferences and SIP core' + ''.join(
        '%10d' % rows[m] for m in machines) + '  goal %d' % CONFERENCES)
    print('  = ' + ' + '.join(PARTS) + ' + the largest of ' +
          ', '.join(WORK))
    missed = rows.get('Cortex-M3', 0) > CONFERENCES
    if len(sys.argv) > 1 and os.path.exists(sys.argv[1]):
        ram = firmware_size.total(firmware_size.measure(sys.argv[1]),
                                  firmware_size.PARTS)[1]
        print('%-28s%20d  goal %d' % ('stack proper, Cortex-M3', ram,
                                      STACK_PROPER))
        missed = missed or ram > STACK_PROPER
    return 1 if missed else 0


if __name__ == '__main__':
    sys.exit(main())
