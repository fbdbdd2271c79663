#!/usr/bin/python3
# needs: kamailio kamailio-presence-modules kamailio-sqlite-modules
# class: test
"""uims subscribed to a conference at Kamailio's presence_conference (RFC
4575): documents are PUBLISHed, Kamailio runs the subscription."""
import asyncio
import contextlib
import os
import random
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from interop import kamailio                                # noqa: E402
from lab import uims                                        # noqa: E402
from lab.testing import Skip, Tests, check, equal           # noqa: E402

TABLES = '/usr/share/kamailio/db_sqlite/%s-create.sql'
CONF = 'sip:conf1@conf.test'
NS = 'urn:ietf:params:xml:ns:conference-info'
SETTINGS = {
    'impi': 'alice@conf.test', 'impu': 'sip:alice@conf.test',
    'home': 'conf.test', 'pcscf': '127.0.0.1:5080', 'local': '127.0.0.1',
    'transport': 'udp', 'sec': 'none', 'password': 'none',
    'reg_event': 'off', 'timers': 'rfc3261', 'imei': '351234012345670'}
tests = Tests(60)


def document(version, state, users):
    return '<?xml version="1.0" encoding="UTF-8"?>\n<conference-info ' \
        'xmlns="%s" entity="%s" state="%s" version="%d"><users state="%s">' \
        '%s</users></conference-info>' % (
            NS, CONF, state, version, state, ''.join(
                '<user entity="sip:%s@conf.test"><endpoint entity="%s">'
                '<status>%s</status></endpoint></user>' % (n, n, s)
                for n, s in users.items()))


class Publisher:
    """PUBLISH (RFC 3903) from a socket of our own."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(('127.0.0.1', 0))
        self.sock.setblocking(False)
        self.etag, self.cseq = None, 0

    async def publish(self, body):
        self.cseq += 1
        lines = ['PUBLISH %s SIP/2.0' % CONF,
                 'Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%x;rport' % (
                     self.sock.getsockname()[1], random.getrandbits(60)),
                 'Max-Forwards: 70', 'From: <%s>;tag=p' % CONF,
                 'To: <%s>' % CONF, 'Call-ID: publisher',
                 'CSeq: %d PUBLISH' % self.cseq, 'Event: conference',
                 'Expires: 600', 'Content-Type: application/conference-info'
                 '+xml']
        if self.etag:
            lines.append('SIP-If-Match: ' + self.etag)
        lines += ['Content-Length: %d' % len(body.encode()), '', body]
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self.sock, ('127.0.0.1', 5080))
        await loop.sock_sendall(self.sock, '\r\n'.join(lines).encode())
        answer = (await asyncio.wait_for(
            loop.sock_recv(self.sock, 65535), 5)).decode()
        found = re.search(r'(?im)^SIP-ETag:\s*(\S+)', answer)
        self.etag = found[1] if found else self.etag
        return int(answer.split()[1])


@contextlib.asynccontextmanager
async def notifier():
    """Kamailio with presence_conference; ready when it answers."""
    if not os.path.exists(kamailio.KAMAILIO) or \
            not os.path.exists(TABLES % 'presence'):
        raise Skip('kamailio-sqlite-modules is not installed')
    folder = tempfile.mkdtemp(prefix='uims-notifier-')
    proc = None
    try:
        base = sqlite3.connect(folder + '/pres.db')
        for name in ('standard', 'presence'):
            with open(TABLES % name) as file:
                base.executescript(file.read())
        base.commit()
        base.close()
        with open(os.path.join(HERE, 'notifier', 'notifier.cfg')) as file:
            text = file.read().replace('@DIR@', folder)
        with open(folder + '/run.cfg', 'w') as file:
            file.write(text)
        with open(folder + '/log', 'wb') as log:
            proc = subprocess.Popen(
                [kamailio.KAMAILIO, '-f', folder + '/run.cfg', '-P',
                 folder + '/pid', '-Y', folder, '-m', '64', '-M', '8', '-DD',
                 '-E'], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=folder, start_new_session=True)
        for _ in range(100):
            check(proc.poll() is None, 'Kamailio ended: %s',
                  open(folder + '/log').read()[-400:])
            with contextlib.suppress(OSError, asyncio.TimeoutError):
                pub = Publisher()
                equal(await pub.publish(document(1, 'full', {
                    'bob': 'connected'})), 200, 'PUBLISH')
                break
            await asyncio.sleep(0.1)
        yield pub
    finally:
        if proc:
            proc.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                proc.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def users(event):
    return dict(u.rsplit(' ', 1) for u in event['users'].split(', ') if u)


async def subscribed(ue):
    await ue.command('register')
    event = await ue.event('registered', 'registration-failed')
    check(event and event['event'] == 'registered', 'register: %s %s', event,
          ue.stderr[-200:])
    await ue.command('subscribe ' + CONF)
    check(await ue.event('conference-subscribed'), 'not subscribed: %s',
          ue.events[-4:])


@tests.add('RFC 4575: documents in full, partial, with odd versions, malformed')
async def documents():
    """Kamailio writes a document of its own for each NOTIFY: always full, with
    its own count, whatever version was published; what is inside stays."""
    async with notifier() as pub, uims.Uims(SETTINGS) as ue:
        await subscribed(ue)
        event = await ue.event('roster')
        equal(users(event), {'sip:bob@conf.test': 'connected'}, 'first')
        version = event['version']

        for number, state, names in (
                (2, 'partial', {'carol': 'alerting'}),
                (9, 'full', {'bob': 'on-hold', 'eve': 'connected'}),
                (3, 'full', {'dave': 'disconnected'}),
                (4, 'full', {})):
            equal(await pub.publish(document(number, state, names)), 200,
                  'PUBLISH')
            event = await ue.event('roster')
            equal(users(event), {'sip:%s@conf.test' % n: v
                                 for n, v in names.items()}, number)
            check(event['version'] > version, 'version %s after %s',
                  event['version'], version)
            version = event['version']

        # what is no document reaches nobody, or changes nothing
        await pub.publish(document(5, 'full', {'bob': 'connected'})[:-12])
        equal(await pub.publish(document(6, 'full', {'eve': 'connected'})),
              200, 'PUBLISH')
        event = await ue.event('roster')
        equal(users(event), {'sip:eve@conf.test': 'connected'}, 'last')

        await ue.command('unsubscribe')
        check(await ue.event('conference-ended'), 'not ended')
        await ue.command('quit')
        equal(await ue.wait(10), 0, 'exit status')


@tests.add('RFC 6665 4.1.2.3: unsubscribing: the NOTIFY terminated comes')
async def unsubscribe():
    async with notifier(), uims.Uims(SETTINGS) as ue:
        await subscribed(ue)
        check(await ue.event('roster'), 'no roster')
        await ue.command('unsubscribe')
        event = await ue.event('conference-ended')
        check(event and 'error' not in event, 'ended with %s', event)
        downs = [e for e in ue.named('message')
                 if e['name'] == 'NOTIFY' and e['dir'] == 'down']
        check(len(downs) >= 2, 'NOTIFYs: %s', len(downs))


if __name__ == '__main__':
    kamailio.enter_namespace()
    sys.exit(tests.main())
