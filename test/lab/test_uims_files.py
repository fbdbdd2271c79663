#!/usr/bin/python3
# class: check
"""uims and files (RFC 5547): with the lab's file peer, which also lies, and
from UE to UE."""
import contextlib
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import uims                                        # noqa: E402
from lab.file_peer import FilePeer                          # noqa: E402
from lab.scene import Scene, scene                          # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

tests = Tests(60)
DATA = os.urandom(1000000)
SMALL = os.urandom(20000)


@contextlib.asynccontextmanager
async def one(**settings):
    """A registered UE with a folder for what comes in and one with what it
    has; the lab takes files of 16 MB."""
    with tempfile.TemporaryDirectory() as folder, \
            tempfile.TemporaryDirectory() as own:
        settings = dict({'folder': folder, 'share': own}, **settings)
        async with scene(settings=settings, transport='tcp') as s:
            s.box.msrp.max_size, s.box.msrp.accept_types = 1 << 24, '*'
            s.folder, s.own = folder, own
            s.uri = (await s.registered())['impu']
            s.account = s.box.scscf.account(s.sub.impi)
            yield s
            await s.ue.command('deregister')
            await s.event('deregistered')


def write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, 'wb') as f:
        f.write(data)
    return path


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def peers(s, **kw):
    """What the UE meets at sip:file@peer; the list grows with each call."""
    made = []

    def make(server, uri, account):
        one_ = FilePeer(server, account, **kw)
        if made:
            one_.got = made[-1].partial()
        made.append(one_)
        return one_
    s.box.peers.make = make
    return made


def target(s):
    return 'sip:file@' + s.box.peers.domain


async def push(s, content=SMALL, **kw):
    """The lab offers a file; its transfer."""
    return FilePeer(s.box.peers, s.account, content, **kw).call()


async def result(s, *names, seconds=20):
    return await s.event(*(names or ('file-received', 'file-failed')),
                         seconds=seconds)


def left(s):
    return sorted(os.listdir(s.folder))


@tests.add('s8.2.1: a file of 1 MB is sent; a bounded number of events')
async def send():
    async with one() as s:
        made = peers(s)
        path = write(s.own, 'My "cool" picture 100%.jpg', DATA)
        await s.ue.command('send %s to %s' % (path, target(s)))
        event = await result(s, 'file-sent', 'file-failed')
        equal((event['event'], event['bytes']), ('file-sent', len(DATA)),
              event)
        equal(made[0].want['name'], 'My "cool" picture 100%.jpg', 'name')
        check(made[0].got == DATA, 'other octets')
        check(2 <= len(s.ue.named('file-progress')) <= 10, 'progress: %d',
              len(s.ue.named('file-progress')))


@tests.add('s8.7: the peer wants CPIM')
async def send_cpim():
    async with one() as s:
        made = peers(s, accept_types='message/cpim')
        path = write(s.own, 'a.bin', SMALL)
        await s.ue.command('send %s to %s' % (path, target(s)))
        event = await result(s, 'file-sent', 'file-failed')
        equal(event['event'], 'file-sent', event)
        check(made[0].got == SMALL, 'other octets')


@tests.add('s8.3: the peer refuses by port 0, and as a whole')
async def send_refused():
    async with one() as s:
        path = write(s.own, 'a.bin', SMALL)
        peers(s, refuse=True)
        await s.ue.command('send %s to %s' % (path, target(s)))
        event = await result(s, 'file-sent', 'file-failed')
        equal(event['event'], 'file-failed', event)
        check(event['error'], event)
        await s.ue.command('send %s to sip:nobody@%s' % (
            path, s.box.hss.home))
        event = await result(s, 'file-sent', 'file-failed')
        equal(event['event'], 'file-failed', event)
        check(event['status'] >= 400, event)
        await s.ue.command('send /nowhere/at/all to ' + target(s))
        check((await s.event('error'))['reason'], 'no file')


@tests.add('s6: the connection is cut in mid-file; the rest is sent')
async def send_resumed():
    async with one() as s:
        made = peers(s)
        path = write(s.own, 'a.bin', DATA)
        s.box.do('msrp at SEND:3 close')
        await s.ue.command('send %s to %s' % (path, target(s)))
        event = await result(s, 'file-sent', 'file-failed')
        equal(event['event'], 'file-failed', event)
        equal(event['bytes'], len(made[0].partial()), 'octets confirmed')
        check(0 < event['bytes'] < len(DATA), event)
        s.box.do('msrp rules clear')
        await s.ue.command('resume-file')
        again = await result(s, 'file-sent', 'file-failed')
        equal((again['event'], again['bytes']), ('file-sent', len(DATA)),
              again)
        equal(made[1].first, event['bytes'], 'where it goes on')
        check(made[1].got == DATA, 'other octets')


@tests.add('s8.3.1: a file is received, whole, under its own name')
async def receive():
    async with one() as s:
        peer = await push(s, name='cool.jpg')
        event = await s.event('file-offered')
        equal((event['file'], event['bytes'], event['from']),
              ('cool.jpg', len(SMALL), peer.uri), event)
        event = await result(s)
        equal((event['event'], event.get('checked')),
              ('file-received', True), event)
        equal(left(s), ['cool.jpg'], 'files')
        check(read(event['file']) == SMALL, 'other octets')
        # another of that name does not take its place
        await push(s, DATA, name='cool.jpg')
        event = await result(s)
        equal(left(s), ['cool-1.jpg', 'cool.jpg'], 'files')
        check(read(os.path.join(s.folder, 'cool.jpg')) == SMALL, 'first')
        check(read(os.path.join(s.folder, 'cool-1.jpg')) == DATA, 'second')


for given, made_ in (('../../x', '_._.._x'), ('%2E%2e%2Fx', '_._x'),
                     ('/etc/passwd', '_etc_passwd'), ('.bashrc', '_bashrc'),
                     ('..', '__'), ('a%00b', 'a_b'), ('-rf', '_rf')):
    @tests.add('s10: a file called ' + given, given, made_)
    async def names(name, want):
        async with one() as s:
            above = os.path.join(s.folder, '..', 'x')
            before = os.path.exists(above)
            await push(s, name=name)
            event = await result(s)
            equal(event['event'], 'file-received', event)
            equal(left(s), [want], 'files')
            check(os.path.exists(above) == before, 'out of the folder')


@tests.add('s10: a link of that name is not followed')
async def link():
    async with one() as s:
        outside = write(s.own, 'outside', b'as it was')
        os.symlink(outside, os.path.join(s.folder, 'a.bin'))
        await push(s, name='a.bin')
        event = await result(s)
        equal(left(s), ['a-1.bin', 'a.bin'], event)
        equal(read(outside), b'as it was', 'what the link leads to')


for what, kw in (
        ('another SHA-1', {'digest': ':'.join(['00'] * 20)}),
        ('other octets', {'octets': SMALL[:-1] + b'x'}),
        ('fewer octets', {'octets': SMALL[:-100]}),
        ('more octets', {'octets': SMALL + b'more'}),
        ('a larger size', {'size': len(SMALL) + 1}),
        ('another type', {'ctype': 'text/html'})):
    @tests.add('s8.3.1: %s than described: nothing is kept' % what, kw)
    async def liar(lie):
        async with one() as s:
            await push(s, **lie)
            event = await result(s)
            equal(event['event'], 'file-failed', event)
            check(event['error'], event)
            equal(left(s), [], 'files')


for what, kw in (
        ('a range from 0', {'file_range': '0-20000'}),
        ('a negative range', {'file_range': '-1-20000'}),
        ('a range that is backwards', {'file_range': '5-4'}),
        ('a range behind the end', {'file_range': '1-20001'}),
        ('octets that we do not have', {'file_range': '100-20000'}),
        ('a negative size', {'size': -1}),
        ('no direction', {'dir_': 'sendrecv'}),
        ('a selector without selectors', {'selector': 'colour:red'}),
        ('an identifier that is too long', {'transfer_id': 'x' * 100})):
    @tests.add('s8.3: %s: refused' % what, kw)
    async def bad_offer(lie):
        async with one() as s:
            peer = await push(s, **lie)
            await s.until(lambda: peer.state not in ('new', 'early'),
                          'an answer')
            check(peer.state != 'established', peer.state)
            equal(left(s), [], 'files')


@tests.add('s6: what came before a cut is gone on with by the sender')
async def receive_resumed():
    async with one() as s:
        peer = await push(s, cut=7000)
        event = await result(s)
        equal((event['event'], event['bytes']), ('file-failed', 7000), event)
        equal(len(left(s)), 1, 'the part')
        check(left(s)[0].endswith('.part'), left(s))
        peer = await push(s, begin=6500, name=peer.name)
        event = await result(s)
        equal((event['event'], event.get('checked')),
              ('file-received', True), event)
        equal(left(s), ['file.bin'], 'files')
        check(read(event['file']) == SMALL, 'other octets')


@tests.add('s8.2.2: a file is fetched; the rest of it after a cut')
async def fetch():
    async with one() as s:
        made = peers(s, content=SMALL, cut=9000)
        await s.ue.command('fetch file.bin from ' + target(s))
        event = await result(s)
        equal((event['event'], event['bytes']), ('file-failed', 9000), event)
        made = peers(s, content=SMALL)
        await s.ue.command('resume-file')
        event = await result(s)
        equal((event['event'], event.get('checked')),
              ('file-received', True), event)
        equal(made[0].begin, 9000, 'where it goes on')
        equal(left(s), ['file.bin'], 'files')
        check(read(event['file']) == SMALL, 'other octets')
        # there is none, and one that is another
        peers(s)
        await s.ue.command('fetch other.bin from ' + target(s))
        equal((await result(s))['event'], 'file-failed', 'none')
        peers(s, content=SMALL, digest=':'.join(['AB'] * 20))
        await s.ue.command('fetch other.bin from ' + target(s))
        equal((await result(s))['event'], 'file-failed', 'another')
        equal(left(s), ['file.bin'], 'files')


@tests.add('s8.3.2: the peer fetches a file, a part, and what is not there')
async def give():
    async with one() as s:
        write(s.own, 'mine.bin', DATA)
        peer = await push(s, None, name='mine.bin', pull=True)
        await s.event('file-wanted')
        event = await result(s, 'file-sent', 'file-failed')
        equal(event['event'], 'file-sent', event)
        check(peer.got == DATA, 'other octets')
        peer = await push(s, None, name='mine.bin', pull=True, begin=900000)
        equal((await result(s, 'file-sent', 'file-failed'))['event'],
              'file-sent', 'the end')
        check(peer.got == DATA[900000:], 'other octets')
        for name in ('nothing.bin', '..%2F..%2Fetc%2Fpasswd'):
            peer = await push(s, None, name=name, pull=True)
            await result(s, 'file-failed')
            await s.until(lambda: peer.state not in ('new', 'early'), 'end')
            check(peer.state != 'established', peer.state)


@tests.add('s8.3: the user is asked')
async def ask():
    async with one(files='ask') as s:
        await push(s)
        await s.event('file-offered')
        await s.ue.command('refuse-file')
        equal((await result(s, 'file-failed'))['event'], 'file-failed', '')
        equal(left(s), [], 'files')
        await push(s)
        await s.event('file-offered')
        await s.ue.command('accept-file')
        equal((await result(s))['event'], 'file-received', 'accepted')
        equal(left(s), ['file.bin'], 'files')


@tests.add('s8.3.2: what the user gives is not what is wanted: refused')
async def ask_in_vain():
    async with one(files='ask') as s:
        write(s.own, 'mine.bin', SMALL)
        peer = await push(s, None, name='mine.bin', pull=True,
                          begin=2 * len(SMALL))
        await s.event('file-wanted')
        await s.ue.command('accept-file')
        equal((await result(s, 'file-failed'))['status'], 488, 'status')
        await s.until(lambda: peer.state not in ('new', 'early'), 'end')
        check(peer.state != 'established', peer.state)


@tests.add('s8.3: no file is taken without a folder, or with files=refuse')
async def refused():
    async with one(folder=None) as s:
        await push(s)
        await result(s, 'file-failed')
    async with one(files='refuse') as s:
        await push(s)
        equal((await result(s, 'file-failed'))['status'], 603, 'status')
        equal(left(s), [], 'files')


@tests.add('from UE to UE, 10 MB, and stopped')
async def ue_to_ue():
    async with one() as s:
        sub = s.box.hss.find('001010000000002')
        found = uims.settings_for(
            sub, [n.address for n in s.box.pcscfs], '127.0.0.1', 'tcp')
        found.update(timers='rfc3261', folder=s.own)
        async with uims.Uims(found) as ue:
            t = Scene(s.box, ue, sub)
            uri = (await t.registered())['impu']
            data = DATA * 10
            path = write(s.folder, 'large.bin', data)
            await s.ue.command('send %s to %s' % (path, uri))
            equal((await t.event('file-received', 'file-failed'))['event'],
                  'file-received', 'received')
            equal((await result(s, 'file-sent', 'file-failed'))['event'],
                  'file-sent', 'sent')
            check(read(os.path.join(s.own, 'large.bin')) == data, 'octets')
            await t.ue.command('deregister')
            await t.event('deregistered')


if __name__ == '__main__':
    sys.exit(tests.main())
