"""Kamailio's IMS core with ims_ipsec_pcscf in the guest: ESP by its kernel.

Says READY when the P-CSCF answers on 10.77.0.2:5060 and [fd77::2]:5060. One
command a datagram on port 9999, each with an answer:

    state                the kernel's associations, as `ip xfrm` lists them
    terminate IMPI       the network ends a registration
    assigned             private identities that the HSS has assigned
    set NAME VALUE       an option of the conference server
    complaints           of the conference server behind the S-CSCF
    logs                 what the conference server has sent and received,
                         the kernel's counters, the ends of Kamailio's logs
    run LINE             run a command line; its exit status and output
    end
"""

import asyncio
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', '..')]

from interop import kamailio  # noqa: E402
from lab import sip, transaction  # noqa: E402
from lab.app_server import AppServer  # noqa: E402

ADDRESS, ADDRESS6 = '10.77.0.2', 'fd77::2'
CONTROL = 9999


async def run(line):
    """Exit status and output of a command line."""
    proc = await asyncio.create_subprocess_shell(
        line, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT)
    out, _ = await proc.communicate()
    return '%d\n%s' % (proc.returncode, out.decode('utf-8', 'replace'))


async def obey(core, server, line):
    """One command."""
    word, _, rest = line.partition(' ')
    if word == 'state':
        return await run('ip xfrm state')
    if word == 'terminate':
        core.terminate(rest)
        return ''
    if word == 'assigned':
        return ' '.join(core.cx.assigned)
    if word == 'set':
        server.options.set(*rest.split())
        return ''
    if word == 'complaints':
        return '\n'.join('%s in %s: %s' % (c.rule, c.message, c.text)
                         for c in server.complaints)
    if word == 'logs':
        return '\n'.join(
            ['== conference server'] +
            ['%s %s, %s' % (way, msg.name, msg.get('CSeq'))
             for way, msg in server.trace[-16:]] +
            ['== dropped by the kernel', await run(
                "grep -v '[^0-9]0$' /proc/net/xfrm_stat"), core.logs(16)])
    if word == 'run':
        return await run(rest)
    return 'no such command'


class Control(asyncio.DatagramProtocol):
    """Commands, one after the other; repeated ones get the same answer."""

    def __init__(self, core, server):
        self.core, self.server = core, server
        self.ended = asyncio.Event()
        self.done, self.last, self.task = {}, None, None

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, peer):
        if data == b'end':
            self.ended.set()
        elif data in self.done:
            self.transport.sendto(self.done[data], peer)
        elif data != self.last:
            self.last = data
            self.task = asyncio.ensure_future(self.answer(data, peer))

    async def answer(self, data, peer):
        """`NUMBER command`: the number makes it different from others."""
        text = await obey(self.core, self.server,
                          data.decode().partition(' ')[2])
        # an empty datagram would not be sent
        self.done[data] = text.encode()[-60000:] + b'\n'
        self.transport.sendto(self.done[data], peer)


class Answers(asyncio.DatagramProtocol):
    """The first final answer."""

    def __init__(self):
        self.final = asyncio.Event()

    def datagram_received(self, data, peer):
        if not data.startswith(b'SIP/2.0 1'):
            self.final.set()


async def warm_up(core):
    """One REGISTER to its challenge: the first takes seconds here."""
    sub = core.hss.find('001010000000006')
    transport, answers = await asyncio.get_running_loop() \
        .create_datagram_endpoint(Answers, (ADDRESS, 0))
    me = '%s:%d' % transport.get_extra_info('sockname')
    req = sip.Message('REGISTER', 'sip:' + sub.home)
    for name, value in (
            ('Via', 'SIP/2.0/UDP %s;branch=%s' % (me, transaction.branch())),
            ('Max-Forwards', 10), ('From', '<%s>;tag=w' % sub.temporary),
            ('To', '<%s>' % sub.temporary), ('Call-ID', transaction.branch()),
            ('CSeq', '1 REGISTER'), ('Contact', '<sip:%s>' % me),
            ('Authorization', 'Digest username="%s",realm="%s",nonce="",'
             'uri="sip:%s",response=""' % (sub.impi, sub.home, sub.home))):
        req.add(name, value)
    for _ in range(20):
        transport.sendto(req.to_bytes(), (ADDRESS, 5060))
        try:
            await asyncio.wait_for(answers.final.wait(), 2)
            break
        except asyncio.TimeoutError:
            pass
    transport.close()


async def main():
    """Until the word `end`."""
    async with kamailio.Core(['IPSEC=1'], ADDRESS, ADDRESS6) as core, \
            AppServer(core.hss, through=(ADDRESS, '127.0.0.3')) as server:
        await warm_up(core)
        loop = asyncio.get_running_loop()
        _, control = await loop.create_datagram_endpoint(
            lambda: Control(core, server), (ADDRESS, CONTROL))
        print('READY', flush=True)
        await asyncio.wait_for(control.ended.wait(), 300)


if __name__ == '__main__':
    asyncio.run(main())
