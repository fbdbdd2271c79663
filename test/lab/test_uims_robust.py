#!/usr/bin/python3
# class: test
"""What uims makes of garbage, of requests it does not support and of wrong
settings; keep-alives (RFC 3261 s8.2, RFC 5626, RFC 6223)."""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import transport, uims                             # noqa: E402
from lab.scene import scene                                 # noqa: E402
from lab.testing import Failure, Tests, check, equal        # noqa: E402

tests = Tests(60)


# ---- requests

def final_answer(s, method):
    return [e for e in s.box.trace if e.way == 'up' and e.msg and
            e.msg.status >= 200 and
            e.msg.get('CSeq', '').endswith(' ' + method)]


async def request(words, method, status, header, value, network='udp'):
    async with scene(transport=network) as s:
        await s.registered()
        before = len(final_answer(s, method))
        s.box.do('send %s %s' % (s.sub.imsi, words))
        await s.until(lambda: len(final_answer(s, method)) > before,
                      'an answer')
        resp = final_answer(s, method)[-1].msg
        equal(resp.status, status, 'status')
        if header:
            check(value.lower() in resp.tokens(header), '%s: %s', header,
                  resp.values(header))
        await s.deregister()


for _words, _method, _status, _header, _value, _why in (
        ('INFO', 'INFO', 405, 'Allow', 'NOTIFY',
         's8.2.1: a method that is not allowed'),
        ('BREAKDANCE', 'BREAKDANCE', 501, 'Allow', 'NOTIFY',
         's21.5.2: unknown method'),
        ('OPTIONS', 'OPTIONS', 200, 'Allow', 'NOTIFY', 's11.2'),
        ('OPTIONS Require=teleport', 'OPTIONS', 420, 'Unsupported',
         'teleport', 's8.2.2.3: unknown extension'),
        ('NOTIFY Event=reg Subscription-State=active '
         '"To=<sip:a@b>;tag=none"', 'NOTIFY', 481, None, '',
         's12.2.2: no such dialog'),
        ('NOTIFY Event=presence Subscription-State=active', 'NOTIFY',
         481, None, '', 's12.2.2, RFC 6665 s4.1.3: no such subscription'),
        ('BYE "To=<sip:a@b>;tag=none"', 'BYE', 481, None, '',
         's15.1.2: no such dialog'),
        ('OPTIONS Request-URI=sip:somebody@nowhere.example', 'OPTIONS',
         200, 'Allow', 'NOTIFY', 's8.2.2.1: any Request-URI is taken')):
    tests.add('RFC 3261 %s: %s' % (_why, _words), _words, _method, _status,
              _header, _value)(request)
tests.add('RFC 3261 s16.3: Max-Forwards stops proxies; what has arrived is '
          'answered', 'OPTIONS Max-Forwards=0', 'OPTIONS', 200, None,
          '')(request)
tests.add('RFC 3261 s21.5.2: unknown method over TCP', 'BREAKDANCE',
          'BREAKDANCE', 501, 'Allow', 'NOTIFY', 'tcp')(request)


@tests.add('RFC 3261 s18.3: garbage datagrams are dropped')
async def garbage():
    async with scene() as s:
        await s.registered()
        for _ in range(3):
            s.box.do('garbage %s' % s.sub.imsi)
        await s.ue.command('reregister')
        await s.event('reregistered')
        await s.deregister()
        await s.quit()


def failed(s):
    return s.ue.named('flow-failed')


async def empty_lines(octets):
    """One CRLF is the answer to a ping, two are the ping of a server that
    does not know better; of neither anything becomes but, perhaps, a pong."""
    async with scene(transport='tcp') as s:
        await s.registered()
        node = s.box.pcscfs[0]
        flow, = node.tcp.flows
        before = len(s.box.trace)
        flow.send(octets)
        # what follows on the connection is read
        await s.ue.command('reregister')
        await s.event('reregistered')
        equal(failed(s), [], 'events')
        check(flow.alive and list(node.tcp.flows) == [flow],
              'another connection')
        equal([str(e) for e in s.box.trace[before:] if not e.msg and
               e.name != 'keep-alive'], [], 'answers')
        await s.deregister()
        await s.quit()


tests.add('RFC 5626 s4.4.1: an empty line over TCP is no message',
          b'\r\n')(empty_lines)
tests.add('RFC 3261 s7.5: empty lines before a start line are no message',
          b'\r\n\r\n')(empty_lines)


@tests.add('RFC 3261 s18.3: garbage over TCP: reported, a new connection '
           'serves')
async def garbage_tcp():
    async with scene(transport='tcp') as s:
        await s.registered()
        s.box.do('garbage %s' % s.sub.imsi)
        await s.ue.command('reregister')
        await s.event('reregistered', 'registered')
        check(s.ue.proc.returncode is None, 'it died')


# ---- keep-alives

async def keepalive(network, name):
    async with scene('set keep 1', transport=network) as s:
        await s.registered()
        await s.until(lambda: len(s.box.seen(name, 'up')) >= 2,
                      'keep-alives')
        await s.deregister()


tests.add('RFC 6223 s4.3: CRLF keep-alives over TCP', 'tcp',
          'keep-alive')(keepalive)
tests.add('RFC 6223 s4.3: STUN keep-alives over UDP', 'udp',
          'STUN')(keepalive)


# ---- settings

def run(*words, text=None):
    if not uims.exists():
        raise Failure('%s is not built' % uims.PROGRAM)
    with tempfile.TemporaryDirectory(prefix='uims-test-') as folder:
        if text is not None:
            with open(os.path.join(folder, 'settings'), 'w') as file:
                file.write(text)
            words = ('-c', 'settings') + words
        done = subprocess.run([uims.PROGRAM] + list(words), cwd=folder,
                              stdin=subprocess.DEVNULL, timeout=20,
                              capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


GOOD = '''# a comment
impi 001010000000001@ims.mnc001.mcc001.3gppnetwork.org
impu sip:001010000000001@ims.mnc001.mcc001.3gppnetwork.org
home ims.mnc001.mcc001.3gppnetwork.org
pcscf 127.0.0.1:5999
local 127.0.0.1
usim soft
k 465b5ce8b199b49faa5f0a2ee238a6bc
opc cd63cb71954a9f4e48a5994e37a02baf
'''


@tests.add('settings: a good file is taken')
async def good_file():
    code, out = run('-e', 'status', text=GOOD)
    equal(code, 0, out)


async def bad_file(text, key):
    line = len(text.splitlines())
    code, out = run('-e', 'status', text=text)
    equal(code, 2, 'exit status; ' + out)
    check(key in out, 'the key is not named: %s', out)
    check(str(line) in out, 'line %d is not named: %s' % (line, out))


for _line, _key in (('nosuchkey 1', 'nosuchkey'), ('expires soon', 'expires'),
                    ('k 123', 'k'), ('transport carrier-pigeon',
                                     'transport'),
                    ('local 1.2.3.400', 'local'), ('timers slow', 'timers'),
                    ('home', 'home')):
    tests.add('settings: a wrong line is named: ' + _line,
              GOOD + _line + '\n', _key)(bad_file)


async def bad_word(words, key):
    code, out = run(*words, '-e', 'status')
    equal(code, 2, 'exit status; ' + out)
    check(key in out, 'not named: %s', out)


tests.add('settings: a wrong -s is named', ('-s', 'expires=soon'),
          'expires')(bad_word)
tests.add('settings: -s without a value', ('-s', 'expires'),
          'expires')(bad_word)
tests.add('settings: a file that is not there', ('-c', 'nowhere'),
          'nowhere')(bad_word)
tests.add('settings: a UE without P-CSCF', (
    '-s', 'impi=a@b', '-s', 'impu=sip:a@b', '-s', 'home=b', '-s',
    'password=x'), 'pcscf')(bad_word)


@tests.add('settings: the key of the subscriber is never printed')
async def secret():
    bad = GOOD.replace('k 465b', 'k x65b')
    _, out = run('-e', 'status', text=bad)
    check('65b5ce8b199' not in out, 'the key is in the message')
    async with scene(args=('-v',)) as s:
        await s.registered()
        await s.deregister()
        await s.quit()
        text = s.ue.stderr + str(s.ue.events)
        check(s.ue.settings['k'] not in text.lower() and
              s.ue.settings['opc'] not in text.lower(), 'it is in the log')


@tests.add('-v: what a stranger sends is not taken for a line of the program')
async def shown():
    said = []
    async with scene(args=('-v',)) as s:
        await s.registered()
        host, port = s.ue.named('message')[0]['local'].rsplit(':', 1)
        udp = transport.UdpPort(lambda flow, data: None)
        await udp.open('127.0.0.1', 0)
        try:
            udp.flow((host, int(port))).send(
                b'GARBAGE sip:a SIP/2.0\r\nuims: error: forged\n'
                b'\x1b[2Jcursor\rmoved\xc2\x9b\xff \xc3\xa9\0z\r\n\r\n')
            await s.until(lambda: 'moved' in s.ue.stderr, 'seen')
        finally:
            udp.close()
        await s.deregister()
        await s.quit()
        said = s.ue.stderr.split('\n')
    equal([n for n in said if 'forged' in n], ['| uims: error: forged'],
          'what was a line')
    equal([n for n in said if 'cursor' in n],
          ['| ?[2Jcursor?moved?? \xe9?z'], 'control characters')
    check('| REGISTER sip:' in s.ue.stderr, 'our own are shown, too')
    equal([n for n in said if n and not n.startswith(('| ', 'uims: '))], [],
          'other lines')


@tests.add('secrets: no other user, nor a core file, has the keys of the '
           'subscriber')
async def hidden():
    if not uims.exists():
        raise Failure('%s is not built' % uims.PROGRAM)
    with tempfile.TemporaryDirectory(prefix='uims-test-') as folder:
        # root may look at everything: as somebody else
        os.chmod(folder, 0o755)
        program = shutil.copy(uims.PROGRAM, folder)
        words = [w for line in GOOD.splitlines()[1:]
                 for w in ('-s', line.replace(' ', '=', 1))]
        with subprocess.Popen(
                [program, *words], cwd=folder, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, text=True,
                user=os.getuid() or 65534) as proc:
            proc.stdin.write('nosuchcommand\n')
            proc.stdin.flush()
            check('nosuchcommand' in proc.stdout.readline(), 'no answer')
            with open('/proc/%d/cmdline' % proc.pid,
                      encoding='ascii') as file:
                line = file.read()
            owner = os.stat('/proc/%d/mem' % proc.pid).st_uid
            proc.communicate('quit\n')
    check('home=' in line, line)
    check('465b5ce8' not in line and 'cd63cb71' not in line,
          'keys in the list of processes: %s', line)
    # prctl(2), PR_SET_DUMPABLE
    equal(owner, 0, 'owner of what others may look at')


@tests.add('commands: a failed command ends -e with status 1')
async def failed_command():
    code, out = run('-e', 'nosuchcommand; status', text=GOOD)
    equal(code, 1, out)


@tests.add('commands: usage errors end with status 2')
async def usage():
    code, out = run('--nonsense')
    equal(code, 2, out)


if __name__ == '__main__':
    sys.exit(tests.main())
