"""The control socket: one command a line, one JSON answer a line.

Tests in the same process call Box.do() with the same lines.  README.md
documents every command.
"""
import asyncio
import json
import shlex

from . import hss, misbehave, regevent, sip, transaction


class Commands:
    def __init__(self, box):
        self.box, self.stopped = box, asyncio.Event()
        self.more = []                  # further tables of commands

    def run(self, line):
        """Returns something JSON can hold; raises ValueError."""
        words = line.split(None, 1)
        for table in [self] + self.more if words else ():
            func = getattr(table, 'do_' + words[0].replace('-', '_'), None)
            if func:
                return func(words[1] if len(words) > 1 else '')
        raise ValueError('no such command: %s' % line)

    # helpers

    def _account(self, impi):
        account = self.box.scscf.account(impi)
        if not account:
            raise ValueError('no subscriber %s' % impi)
        return account

    def _bound(self, impi):
        account = self._account(impi)
        if not account.binding:
            raise ValueError('%s is not registered' % impi)
        return account

    def _node(self, text):
        index = int(text or 0)
        if index >= len(self.box.pcscfs):
            raise ValueError('no P-CSCF %d' % index)
        return self.box.pcscfs[index]

    # rules and options

    def do_at(self, text):
        self.box.rules.add(text)

    def do_rules(self, text):
        if text == 'clear':
            self.box.rules.clear()
        return [r.text for r in self.box.rules.rules]

    def do_set(self, text):
        name, _, value = text.partition(' ')
        if name == 'sec' and value == 'on' and not self.box.wire:
            raise ValueError('sec needs a Box with a Wire')
        self.box.options.set(name, value.strip())

    def do_subscriber(self, text):
        """subscriber NAME PASSWORD: one more, without AKA"""
        name, password = text.split(None, 1)
        home = self.box.hss.home
        if self.box.hss.find(name):
            raise ValueError('subscriber %s is there' % name)
        self.box.hss.add(hss.Subscriber(
            name, '+1555001%04d' % len(self.box.hss.subs), None, home,
            barred=False, password=password.encode()))

    # the network acts

    def do_dereg(self, text):
        """dereg IMPI EVENT [FORM] [retry-after=N] [substate=active]"""
        words = shlex.split(text)
        account = self._bound(words[0])
        if words[1] not in regevent.ENDING:
            raise ValueError('no such event: %s' % words[1])
        args = {'form': 'with'}
        for word in words[2:]:
            name, eq, value = word.partition('=')
            if not eq:
                args['form'] = name
            elif name == 'retry-after':
                args['retry_after'] = int(value)
            elif name == 'substate':
                args['substate'] = value
            else:
                raise ValueError('unknown: %s' % word)
        if args['form'] not in ('with', 'without', 'contact-only'):
            raise ValueError('no such form: %s' % args['form'])
        self.box.scscf.unbind(account, words[1], **args)

    def do_shorten(self, text):
        impi, seconds = text.split()
        self.box.scscf.notifier.shorten(self._bound(impi), int(seconds))

    def do_notify(self, text):
        """notify IMPI full|partial|gap|repeat|empty|broken"""
        impi, what = text.split()
        account = self._bound(impi)
        notifier = self.box.scscf.notifier
        for sub in list(account.subscriptions):
            if what == 'gap':
                sub.version += 1
            if what == 'repeat':
                sub.version -= 1
            doc = notifier.document(sub, what == 'full', 'refreshed')
            if what == 'empty':
                doc = b''
            if what == 'broken':
                doc = doc[:len(doc) // 2]
            notifier.send(sub, doc)

    def do_foreign(self, text):
        """Documents also show another device, or no longer do."""
        self.box.scscf.notifier.foreign = text == 'on'

    def do_end_subscription(self, text):
        words = text.split()
        account = self._account(words[0])
        for sub in list(account.subscriptions):
            self.box.scscf.notifier.end(
                sub, words[1], int(words[2]) if len(words) > 2 else None)

    def do_forget_subscription(self, text):
        """The network loses its dialogs: the next refresh gets 481."""
        account = self._account(text)
        for sub in list(account.subscriptions):
            self.box.scscf.notifier.drop(sub)

    def do_send(self, text):
        """send IMPI METHOD [Header=Value]...; the answer is in the trace"""
        words = shlex.split(text)
        binding = self._bound(words[0]).binding
        req = sip.Message(words[1], str(binding.contact.uri))
        fields = {'Max-Forwards': '70',
                  'From': '<sip:lab@%s>;tag=lab' % self.box.hss.home,
                  'To': '<%s>' % binding.impu,
                  'Call-ID': transaction.branch() + '@lab',
                  'CSeq': '1 ' + words[1]}
        body = ''
        for word in words[2:]:
            name, _, value = word.partition('=')
            if name == 'Body':
                body = value
            elif name == 'Request-URI':
                req.uri = value
            else:
                fields[name] = value
        for name, value in fields.items():
            req.add(name, value)
        req.body = body.encode()
        binding.pcscf.send_down(req, binding, lambda resp: None)

    def do_garbage(self, text):
        """garbage IMPI [N]: octets that are no SIP towards the UE"""
        words = text.split()
        binding = self._bound(words[0]).binding
        every = misbehave.GARBAGE
        for i in range(int(words[1]) if len(words) > 1 else len(every)):
            binding.pcscf.throw(binding.flow, every[i % len(every)])

    def do_kill(self, text):
        self._node(text).stop()

    def do_restart(self, text):
        node = self._node(text)
        node.stop()
        self.box.restart_soon(node)

    def do_close(self, text):
        """Every TCP connection of a P-CSCF."""
        self.box.checker.broken = True
        for flow in list(self._node(text).tcp.flows):
            flow.close()

    def do_sigcomp(self, text):
        """sigcomp [clear | forget [I] | spoil N [I] | skip N [I] |
        nack IMPI [REASON]]; alone: what each P-CSCF counted"""
        words = text.split()
        if not words:
            return [n.link.status() for n in self.box.pcscfs]
        what, args = words[0], words[1:]
        if what == 'clear':
            for node in self.box.pcscfs:
                node.link.reset_counts()
        elif what == 'forget':
            self._node(args[0] if args else 0).link.start()
        elif what in ('spoil', 'skip'):
            link = self._node(args[1] if len(args) > 1 else 0).link
            setattr(link, what, int(args[0]))
        elif what == 'nack':
            binding = self._bound(args[0]).binding
            binding.pcscf.link.throw_nack(binding, *args[1:2])
        else:
            raise ValueError('no such thing: sigcomp %s' % what)

    def do_sec(self, text):
        """sec [pardon IMPI | spoil N [I] | repeat N [I] | drop IMPI STATE |
        pcap FILE]; alone: sets, packets, drops of each P-CSCF"""
        words = text.split()
        if not words:
            return [n.security.status() for n in self.box.pcscfs]
        what, args = words[0], words[1:]
        if what == 'pcap':
            self.box.tap.save(args[0])
            return list(self.box.tap.keys)
        if what in ('spoil', 'repeat'):
            device = self._node(args[1] if len(args) > 1 else 0)
            setattr(device.security.sets.device, what, int(args[0]))
        elif what in ('pardon', 'drop'):
            impi = self._account(args[0]).sub.impi
            for node in self.box.pcscfs:
                node.security.act(what, impi, *args[1:])
        else:
            raise ValueError('no such thing: sec %s' % what)
        return None

    # looking

    def do_status(self, text):
        return [{'impi': a.sub.impi, 'impu': a.binding.impu,
                 'contact': str(a.binding.contact.uri),
                 'expires': a.binding.left(),
                 'subscriptions': len(a.subscriptions)}
                for a in self.box.scscf.accounts.values() if a.binding]

    def do_complaints(self, text):
        found = [c._asdict() for c in self.box.complaints]
        if text == 'clear':
            self.box.complaints.clear()
        return found

    def do_log(self, text):
        return [str(e) for e in self.box.trace]

    def do_quit(self, text):
        self.stopped.set()


async def serve(box, port):
    async def client(reader, writer):
        try:
            while True:
                line = (await reader.readline()).decode('utf-8', 'replace')
                if not line:
                    break
                try:
                    answer = {'ok': True, 'result': box.do(line.strip())}
                except (ValueError, IndexError, TypeError) as err:
                    answer = {'ok': False, 'error': str(err)}
                writer.write(json.dumps(answer).encode() + b'\n')
                await writer.drain()
        except asyncio.CancelledError:
            pass                        # the box ends before its client
        writer.close()

    return await asyncio.start_server(client, '127.0.0.1', port)
