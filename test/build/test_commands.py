#!/usr/bin/python3
# class: test
# needs: iproute2 gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm
# needs: sip-tester
"""Every command that README.md, docs/*.md and test/lab/README.md show is run
here as it is printed, or it is shown which test or step of .ci/run runs it. A
command that COMMANDS does not know has failed."""
import asyncio
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import hss, netns                                  # noqa: E402
from lab.box import Box                                     # noqa: E402
from lab.testing import Tests, check, equal, no_complaints  # noqa: E402
from lab.uims import ROOT                                   # noqa: E402

tests = Tests(300)
DOCS = ['README.md', 'test/lab/README.md'] + sorted(
    os.path.relpath(p, ROOT) for p in glob.glob(ROOT + '/docs/*.md'))
# a command in running text is a program with what it is told
INLINE = re.compile(r'(make |sh |uims -|unit -|build/\S*/\w+( |$)|'
                    r'test/\S+\.(py|sh) ).*', re.S)
INDENTED = re.compile(r'^    ((?:make |test/).*?)(?: +#.*)?$', re.M)
FENCE = re.compile(r'^```(\w*)\n(.*?)^```$', re.S | re.M)


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as f:
        return f.read()


def commands(text):
    """The commands of a page. A block with a program in the background is
    one, any other block has one a line."""
    for kind, lines in FENCE.findall(text):
        if kind == 'sh':
            yield from [lines] if '&\n' in lines else lines.splitlines()
    text = FENCE.sub('', text)
    yield from INDENTED.findall(text)
    for span in re.findall(r'`([^`]+)`', text):
        if INLINE.fullmatch(span):
            yield ' '.join(span.split())


def shown():
    """{command: page that has it}"""
    found = {}
    for path in DOCS:
        for command in commands(read(path)):
            found.setdefault(command, path)
    return found


# ---- running

class Scratch:
    """A folder that looks like the source tree, with objects and documents
    of its own, and the README's program."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix='uims-commands-')
        for name in os.listdir(ROOT):
            if name not in ('.git', 'build', 'docs'):
                os.symlink(os.path.join(ROOT, name),
                           os.path.join(self.path, name))
        os.mkdir(os.path.join(self.path, 'build'))
        for name in ('deps', 'mps2-an385'):
            os.symlink(os.path.join(ROOT, 'build', name),
                       os.path.join(self.path, 'build', name))
        shutil.copytree(os.path.join(ROOT, 'build/host'),
                        os.path.join(self.path, 'build/host'),
                        copy_function=shutil.copy2)
        shutil.copytree(os.path.join(ROOT, 'docs'),
                        os.path.join(self.path, 'docs'))
        self.write('hello.c', re.search(r'```c\n(.*?)```', read('README.md'),
                                        re.S).group(1))

    def write(self, name, text):
        with open(os.path.join(self.path, name), 'w',
                  encoding='utf-8') as f:
            f.write(text)

    def octets(self, name):
        with open(os.path.join(self.path, name), 'rb') as f:
            return f.read()

    def read(self, name):
        return self.octets(name).decode()

    def remove(self, *names):
        for name in names:
            os.remove(os.path.join(self.path, name))

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        shutil.rmtree(self.path)


async def sh(command, cwd=ROOT, want=0, seconds=240):
    """Run it in a shell; its output. Nothing of it stays."""
    proc = await asyncio.create_subprocess_exec(
        'sh', '-ec', command, cwd=cwd, start_new_session=True,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT)
    try:
        out = (await asyncio.wait_for(proc.communicate(), seconds))[0]
    finally:
        try:
            os.killpg(proc.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    out = out.decode('utf-8', 'replace')
    equal(proc.returncode, want, '%s: exit status; %s' % (command,
                                                          out[-1500:]))
    return out


async def runs(command, *texts):
    """It ends well and prints these."""
    out = await sh(command)
    for text in texts:
        check(text in out, 'no %s in %s', text, out[-1500:])


async def runs_filtered(command, part, *texts):
    """The same command for a part of its tests."""
    await runs('%s FILTER=%s' % (command, part), *texts)


async def help_lists_goals(command):
    goals = re.findall(r'^([a-z]+):.*## ', read('Makefile'), re.M)
    await runs(command, *('make ' + g for g in set(goals)))


async def for_mps2(command):
    await runs(command.replace('<name>', 'mps2-an385'))


async def for_host(command):
    """The programs of build/<target>."""
    await runs(re.sub('<.*?>', 'host', command) + ' -l', 'sip')


async def mentioned(command):
    """An option of the program."""
    out = await sh('build/host/uims --help')
    check('[%s ' % command.split()[1] in out, 'no such option: %s', out)


async def block(command, *texts):
    """With the README's program beside it."""
    with Scratch() as scratch:
        out = await sh(command, scratch.path)
        for text in texts:
            check(text in out, 'no %s in %s', text, out[-1500:])


async def box_by_hand(command):
    """It says that it is ready, and takes control lines."""
    words = command.replace('ADDRESS', '127.0.0.1').split()
    proc = await asyncio.create_subprocess_exec(
        *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        ready = json.loads(await proc.stdout.readline())
        equal(ready['pcscf'], ['127.0.0.1:5060'], 'pcscf')
        if '--control' in words:
            equal(ready['control'], 5099, 'control')
        reader, writer = await asyncio.open_connection('127.0.0.1',
                                                       ready['control'])
        writer.write(b'quit\n')
        equal(json.loads(await reader.readline())['ok'], True, 'quit')
        writer.close()
        equal(await proc.wait(), 0, 'exit status')
    finally:
        if proc.returncode is None:
            proc.kill()
            await proc.wait()


# ---- building in another way

async def program_without(command, library, setting):
    """uims is linked without a library and refuses the setting."""
    with Scratch() as scratch:
        scratch.remove('build/host/uims', 'build/host/liblinux.a')
        await sh(command + ' build/host/uims', scratch.path)
        out = await sh('ldd build/host/uims', scratch.path)
        check(not library or library not in out, '%s is there', library)
        if setting:
            out = await sh('build/host/uims -s pcscf=127.0.0.1 -s usim=%s '
                           '-e status' % setting, scratch.path, want=2)
            check('built without' in out, 'it says %s', out)


async def own_config(command):
    with Scratch() as scratch:
        scratch.write('my_config.h', '#define UE_FLOWS_MAX 7\n')
        await sh(command + ' build/host/obj/ue/ue.o', scratch.path)
        check('my_config.h' in scratch.read('build/host/obj/ue/ue.d'),
              'my_config.h was not read')


async def other_sources(command):
    """The trees are unpacked where they are named."""
    with Scratch() as scratch:
        for name in ('libre', 'mbedtls', 'zlib'):
            os.symlink(os.path.join(ROOT, 'build/deps', name),
                       os.path.join(scratch.path, 'my-' + name))
            command = command.replace('%s=...' % name.upper(), '%s=my-%s' % (
                name.upper(), name))
        await sh(command + ' build/host/libz.a build/host/obj/ue/ue.o',
                 scratch.path)
        for path, name in (('ue/ue', 'libre'), ('ue/ue', 'mbedtls'),
                           ('deps/z/deflate', 'zlib')):
            check('my-%s/' % name in scratch.read(
                'build/host/obj/%s.d' % path), '%s was not used', name)


async def clean(command):
    with Scratch() as scratch:
        await sh(command, scratch.path)
        check(not os.path.exists(os.path.join(scratch.path, 'build/host')),
              'the objects are there')


async def docs(command):
    """They are the ones of the tree."""
    with Scratch() as scratch:
        await sh(command, scratch.path)
        for name in ('docs/conformance.md', 'docs/flows.md'):
            equal(scratch.read(name) == read(name), True,
                  name + ' is what sources and tests say')
        for name in re.findall(r'\((flows/\w+\.svg)\)',
                               read('docs/flows.md')):
            check('200 OK' in scratch.read('docs/' + name), '%s', name)


async def drawn(command):
    """A run with this option writes the file."""
    with Scratch() as scratch:
        async with Box(ports=[5060]):
            await sh('build/host/%s -s pcscf=127.0.0.1 '
                     '-s imsi=001010000000001 -s mnc_len=2 -s k=%s -s opc=%s '
                     "-e 'register; deregister'" % (
                         command, hss.SET1_K.hex(), hss.SET1_OPC.hex()),
                     scratch.path)
        check(b'REGISTER' in scratch.octets(command.split()[-1]),
              'nothing is in the file')


# ---- shown to be run by others

async def ci(command):
    """.ci/run has it."""
    check(re.search(r'^\s*%s\b' % re.escape(command), read('.ci/run'), re.M),
          'no %s in .ci/run', command)


async def in_file(command, path):
    """The test in this file runs it."""
    text = read(path).replace("', '", ' ').replace('"${B:-build/host}/unit"',
                                                   'build/host/unit')
    check(re.search(r'%s(?!\w)' % re.escape(command), text), 'no %s in %s',
          command, path)


async def a_test(command, pattern='test/*/test_*'):
    """What FILTER= names is there."""
    part = command.split('FILTER=')[1]
    names = [os.path.relpath(p, ROOT)
             for p in glob.glob(os.path.join(ROOT, pattern))]
    check(any(part in name for name in names), 'no file has %s in its name',
          part)


async def a_lab_test(command):
    """run_tests.py runs it."""
    check('# class: ' in read(command), '%s is no test', command)


DEMO = 'test/interop/test_demo.py'
NEWCOMER = 'test/build/test_newcomer.py'
# pattern, what shows that it works, arguments
COMMANDS = (
    (r'make help', help_lists_goals),
    (r'make mem', runs, 'struct ue', 'UE_CTRANS_MAX'),
    (r'make size', runs, 'sigcomp', 'msrp'),
    (r'make docs', docs),
    (r'make lint', ci), (r'make test', ci), (r'make soak', ci),
    (r'make fuzz( SECONDS=60)?', ci),
    (r'make check', in_file, NEWCOMER),
    (r'make interop', runs_filtered, 'sipp_session',
     ' passed, 0 failed'),
    (r'make proof', runs_filtered, 'stun', ' passed, 0 failed'),
    (r'make bench', runs_filtered, 'sip_parse', 'instructions'),
    (r'make test FILTER=\w+', a_test),
    (r'make bench FILTER=\w+', a_test, 'test/bench/bench_*'),
    (r'make demo( NET=kamailio)?', in_file, DEMO),
    (r'make demo TARGET=mps2-an385', in_file, 'test/board/test_demo.py'),
    (r'make TARGET=linux-armhf', in_file, 'test/build/test_targets.sh'),
    (r'make (size )?TARGET=(mps2-an385|<name>)( unit)?', for_mps2),
    (r'make USIM=', program_without, 'libpcsclite', 'at:/dev/null'),
    (r'make USIM=at', program_without, 'libpcsclite', 'pcsc'),
    (r'make USIM=pcsc', program_without, '', 'at:/dev/null'),
    (r'make NETTLE=', program_without, 'libnettle', ''),
    (r'make CFLAGS=.*my_config.h.*', own_config),
    (r'make LIBRE=... MBEDTLS=... ZLIB=...', other_sources),
    (r'make clean', clean),
    (r'build/host/uims --help', runs, 'register', 'mnc_len'),
    (r'build/host/unit -l', runs, 'RFC 3261 s10.2'),
    (r'build/host/unit \w+', runs, ' passed, 0 failed'),
    (r'build/host/unit -a faults:', in_file, 'test/sim/test_faults_soak.sh'),
    (r'build/<(target|name)>/unit', for_host),
    (r'unit -q', in_file, 'test/tools/run_tests.py'),
    (r'build/host/lives', runs, '2000 lives'),
    (r'make libs\ngcc .*build/hello\n.*', block, 'event 3 status 0',
     'event 7 status 0'),
    (r'make\ntest/lab/box.py .*build/host/uims.*', block, 'registered',
     'deregistered'),
    (r'uims (--flow FILE.svg|--pcap FILE)', drawn),
    (r'uims -e', mentioned),
    (r'test/lab/box.py .*', box_by_hand),
    (r'test/lab/test_lab.py', a_lab_test),
    (r'test/tools/stack_bound.py -v', runs, 'idle'),
    (r'sh test/tools/qemu_mps2.sh build/mps2-an385/unit .*', runs,
     ' passed, 0 failed'),
    (r'unshare -rn sh .*qemu_mps2.sh build/mps2-an385/firmware .*', block,
     '"registered"', '"deregistered"', '\n0 complaints'),
)


def known(command):
    return next((row for row in COMMANDS
                 if re.fullmatch(row[0], command, re.S)), None)


@tests.add('no row of COMMANDS is without a command')
async def rows():
    for pattern, *_ in COMMANDS:
        check(any(known(c) and known(c)[0] == pattern for c in shown()),
              'no page has %s', pattern)


@tests.add('README: the program registers and deregisters, to the lab\'s '
           'satisfaction')
async def program():
    with Scratch() as scratch:
        await sh('gcc -o build/hello hello.c $(make -s print-program)',
                 scratch.path)
        async with Box(ports=[5060], home='example.com') as box:
            box.do('subscriber alice secret')
            await sh('build/hello', scratch.path)
            equal(box.do('status'), [], 'registrations')
            equal(len([e for e in box.seen('200', 'down') if
                       e.msg.cseq()[1] == 'REGISTER']), 2, 'answers')
            no_complaints(box)
        async with Box(ports=[5060], home='example.com') as box:
            await sh('build/hello', scratch.path, want=1)


async def nothing(command, path):
    check(False, 'no row of COMMANDS has it')


for _command, _path in shown().items():
    _row = known(_command)
    tests.add('%s: %s' % (_path, ' '.join(_command.split())), _command,
              *(_row[2:] if _row else [_path]))(_row[1] if _row else nothing)

if __name__ == '__main__':
    os.chdir(ROOT)
    sys.exit(netns.main(tests))
