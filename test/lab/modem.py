"""A modem on a pseudo-terminal with a card in it (TS 27.007): ATE, +CMEE,
+CPIN, +CSIM, +CCHO, +CGLA, +CCHC. It answers in pieces, with echo, with
unsolicited lines between, with errors or not at all, as it is told."""
import asyncio
import os
import tty

UNSOLICITED = ('+CREG: 1,"00D6","0017DB12",7', '+CSQ: 23,99', 'RING',
               '^HCSQ: "LTE",57,50,141,28')


class Modem:
    """async with Modem(card) as m: m.device

    logical: it has +CCHO. noise: unsolicited lines inside answers. piece:
    octets written at a time. quotes: around what the card says.
    script: line beginnings -> list of answers in place of the right one; an
    answer '' is silence, None lets one pass. log: the command lines.
    """

    def __init__(self, card, logical=True, noise=False, piece=7, echo=True,
                 quotes=True, bare=False):
        self.card, self.logical, self.noise = card, logical, noise
        self.piece, self.echo, self.quotes = piece, echo, quotes
        self.bare = bare            # +CCHO answers the number alone
        self.script, self.log, self.line = {}, [], b''
        self.inserted, self.cmee, self.count = True, False, 0
        self.tasks, self.queue = [], asyncio.Queue()

    async def __aenter__(self):
        self.fd, slave = os.openpty()
        tty.setraw(slave)
        self.device, self.slave = os.ttyname(slave), slave
        os.set_blocking(self.fd, False)
        asyncio.get_running_loop().add_reader(self.fd, self._read)
        self.tasks.append(asyncio.ensure_future(self._write()))
        return self

    async def __aexit__(self, *exc):
        self.unplug()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def unplug(self):
        """The device disappears."""
        if self.fd >= 0:
            asyncio.get_running_loop().remove_reader(self.fd)
            os.close(self.fd)
            os.close(self.slave)
            self.fd = -1

    def tell(self, line):
        """An unsolicited line."""
        self.queue.put_nowait(('\r\n%s\r\n' % line).encode())

    def remove(self, told=None):
        """Take the card out; told: the modem says so by this line."""
        self.inserted = False
        if told:
            self.tell(told)

    async def _write(self):
        while True:
            data = await self.queue.get()
            for i in range(0, len(data), self.piece):
                if self.fd < 0:
                    return
                os.write(self.fd, data[i:i + self.piece])
                await asyncio.sleep(0.001)

    def _read(self):
        try:
            data = os.read(self.fd, 4096)
        except OSError:
            return
        if self.echo:
            self.queue.put_nowait(data.replace(b'\r', b'\r\r\n'))
        for octet in data:
            if octet not in b'\r\n':
                self.line += bytes([octet])
            elif self.line:
                line, self.line = self.line.decode('latin-1'), b''
                self._command(line)

    def _command(self, line):
        self.log.append(line)
        answer = None
        for start, answers in self.script.items():
            if line.startswith(start) and answers:
                answer = answers.pop(0)
                break
        if answer is None:
            answer = self.answer(line)
        for one in answer.split('\n') if answer else ():
            if self.noise:
                self.tell(UNSOLICITED[self.count % len(UNSOLICITED)])
                self.count += 1
            self.tell(one)

    def _error(self, number):
        return '+CME ERROR: %d' % number if self.cmee else 'ERROR'

    def _octets(self, name, answer):
        quote = '"' if self.quotes else ''
        return '%s: %d,%s%s%s\nOK' % (name, 2 * len(answer), quote,
                                      answer.hex().upper(), quote)

    def answer(self, line):
        if line.startswith('ATE'):
            self.echo = line == 'ATE1'
            return 'OK'
        if line.startswith('AT+CMEE='):
            self.cmee = line.endswith('1')
            return 'OK'
        name, _, args = line[2:].partition('=')
        if name not in ('+CPIN?', '+CSIM', '+CCHO', '+CGLA', '+CCHC'):
            return self._error(4)
        if name in ('+CCHO', '+CGLA', '+CCHC') and not self.logical:
            return self._error(4)
        if args == '?':
            return 'OK'
        if not self.inserted:
            return self._error(10)
        return getattr(self, '_' + name[1:].rstrip('?').lower())(
            [a.strip('"') for a in args.split(',')])

    def _cpin(self, _):
        return '+CPIN: READY\nOK'

    def _csim(self, args):
        command = bytes.fromhex(args[1])
        if int(args[0]) != len(args[1]):
            return self._error(24)
        return self._octets('+CSIM', self.card.apdu(command))

    def _ccho(self, args):
        channel = self.card.open_channel()
        if channel is None:
            return self._error(20)
        if not self.card.select_app(channel, bytes.fromhex(args[0])):
            self.card.close_channel(channel)
            return self._error(22)
        return '%s%d\nOK' % ('' if self.bare else '+CCHO: ', channel)

    def _cgla(self, args):
        channel, command = int(args[0]), bytearray.fromhex(args[2])
        if int(args[1]) != len(args[2]):
            return self._error(24)
        command[0] |= channel
        return self._octets('+CGLA', self.card.apdu(bytes(command)))

    def _cchc(self, args):
        return 'OK' if self.card.close_channel(int(args[0])) \
            else self._error(20)
