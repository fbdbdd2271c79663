"""Security agreement at the P-CSCF (RFC 3329; TS 33.203 clauses 6 and 7;
TS 24.229 s5.2.2, s5.2.5): what it offers, which associations come of it,
which message goes over which of them, and what the UE got wrong.
"""
import asyncio

from . import esp, security, sip
from .esp_device import Selector
from .scscf import asked_expires
from .secagree_sets import CLOSING, CURRENT, OLD, TEMPORARY, Set, Sets

# RFC 3329 table 1
WITHOUT_VERIFY = ('ACK', 'CANCEL')
HEADERS = ('Security-Client', 'Security-Verify', 'Security-Server')


def secret_free(req):
    """TS 24.229 s5.2.2: the core does not see the agreement."""
    for name in HEADERS:
        req.remove(name)
    for name in ('Require', 'Proxy-Require'):
        left = [v for v in req.values(name) if v.lower() != 'sec-agree']
        req.remove(name)
        if left:
            req.add(name, ', '.join(left))


class Agreement:
    """The security half of one P-CSCF; without a wire it is never on."""

    def __init__(self, node):
        self.node, self.options = node, node.options
        self.checker, self.sets = node.checker, None
        self.drops, self.pending = {}, {}
        if node.box.wire:
            self.sets = Sets(node.host, node.box.wire, 'esp%d' % node.index,
                             node.received, self.dropped)

    @property
    def port(self):
        """port_ps"""
        return self.sets.port_ps if self.sets else 0

    @property
    def on(self):
        return bool(self.sets) and self.options.sec == 'on'

    async def start(self):
        self.drops.clear()
        if self.sets:
            await self.sets.start()

    def stop(self):
        if self.sets:
            self.sets.stop()

    def status(self):
        if not self.sets:
            return {}
        return {'sets': [s.status() for s in self.sets.all],
                'port_ps': self.sets.port_ps, 'drops': dict(self.drops),
                'packets': dict(self.sets.device.packets)}

    @property
    def guarded(self):
        """All protected ports."""
        if not self.on:
            return set()
        return {self.port} | {s.port_pc for s in self.sets.all}

    def need(self, good, msg, rule, text):
        return self.checker.need(good, msg, rule, text)

    # packets that ESP did not let through

    def dropped(self, way, reason, owner, data=b''):
        if way == 'down':
            return                      # a connection that outlived its set
        self.drops[reason] = self.drops.get(reason, 0) + 1
        if owner and owner.doubt:
            return
        spi = int.from_bytes(data[:4], 'big')
        if reason == 'unknown SPI':
            self.need(spi in self.sets.spis, None, 'TS 33.203 s7.1',
                      'ESP with an SPI that was never given: %d' % spi)
        elif reason in ('ICV', 'padding', 'selector') and (
                pair := self._taken(owner, data)) != owner.pair:
            # one packet in 256 of another algorithm has padding by chance
            self.need(False, None, 'RFC 3329 s2.3.1',
                      'it uses %s %s, not %s %s' % (pair + owner.pair)
                      if pair else
                      'a packet that is wrong under every algorithm')
        else:
            rules = {'replay': 'RFC 4303 s3.3.3',
                     'selector': 'TS 33.203 s7.1'}
            self.need(False, None, rules.get(reason, 'RFC 4303 s2'),
                      'a packet over %s associations: %s' % (
                          owner.state if owner else 'no', reason))

    def _taken(self, owner, data):
        """The algorithms under which the packet is UDP or TCP; None: none."""
        for pair in esp.PAIRS:
            try:
                protocol = esp.Association(0, esp.transform(
                    *pair, *owner.keys)).open(data)[0]
            except esp.Drop:
                continue
            if protocol in (esp.UDP, esp.TCP):
                return pair
        return None

    def in_the_clear(self, ue, port):
        """A packet outside ESP that came to a protected port."""
        self.need(False, None, 'TS 33.203 s7.1', 'an unprotected packet from '
                  '%s to the protected port %d' % (ue, port))

    # from the UE

    def admit(self, msg, flow):
        """TS 33.203 s7.1: outside ESP nothing but REGISTER is looked at."""
        if not self.on or flow.set:
            return True
        flow.protected = False
        return self.need(msg.method == 'REGISTER', msg, 'TS 33.203 s7.1',
                         'unprotected %s' % msg.name)

    def judge(self, msg, flow):
        """Called for every message in place of Checker.no_security."""
        one = flow.set
        self.checker.access_network(msg)
        if one:
            self._number(msg, flow)
            one.heard = one.heard or msg.method != 'REGISTER'
        if not msg.is_request:
            return
        if one:
            self._ports(msg, flow, one)
        if msg.method in WITHOUT_VERIFY:
            return
        for name in ('Require', 'Proxy-Require'):
            self.need('sec-agree' in msg.tokens(name), msg,
                      'RFC 3329 s2.3.1', '%s without sec-agree' % name)
        verify = msg.values('Security-Verify')
        if one:
            self.need(one.altered or verify == one.verify, msg,
                      'RFC 3329 s2.3.1',
                      'Security-Verify is not Security-Server: %s' % verify)
        else:
            self.need(not verify, msg, 'TS 24.229 s5.1.1.2.2',
                      'Security-Verify before an agreement')

    def _number(self, msg, flow):
        """TS 33.203 s7.1: over UDP all of the UE's messages leave from
        port_uc; over TCP its requests do, and answers take the connection
        that the request came on."""
        want = 4 if flow.transport == 'tcp' and not msg.is_request else 1
        self.need(flow.number == want, msg, 'TS 33.203 s7.1',
                  'over association %d, not %d' % (flow.number, want))

    def _ports(self, req, flow, one):
        if flow.transport == 'udp':
            via = sip.Via.parse(req.get('Via'))
            self.need(via.port == one.port_us, req, 'TS 24.229 s5.1.1.2.2',
                      'Via names port %s, not port_us %d' % (
                          via.port, one.port_us))
        if req.method == 'REGISTER':
            for value in [v for v in req.values('Contact') if v != '*']:
                port = sip.NameAddr.parse(value).uri.port
                self.need(port == one.port_us, req, 'TS 24.229 s5.1.1.2.2',
                          'Contact names port %s, not port_us %d' % (
                              port, one.port_us))
        elif one.state == OLD:
            now = asyncio.get_running_loop().time()
            self.need(now < one.replaced_at + 1, req,
                      'TS 24.229 s5.1.1.5.1', 'a request over the old set')
        else:
            self.need(one.state != TEMPORARY, req, 'TS 33.203 s7.4',
                      'a request over the temporary set')

    def answer_came(self, resp, flow, client):
        """TS 24.229 s5.1.1.5.1: over the set of the request."""
        if self.on:
            self.need(flow.set is client.flow.set, resp,
                      'TS 24.229 s5.1.1.5.1', 'not over the set of the '
                      'request')

    def doubt(self, flow):
        """The network does not answer: the UE may give the set up."""
        if flow.set:
            flow.set.doubt = True

    def refuse(self, req, ctx, trans):
        """An answer instead of the registrar's, or None."""
        if not self.on or req.method != 'REGISTER':
            return None
        if trans.action.name == 'agreement-required':
            return self._required(req, 494)
        one = trans.flow.set
        offer = req.values('Security-Client')
        if not ctx.account or ctx.sub.password:
            return None                 # no AKA, no keys
        self._offer(req, ctx, one, offer)
        if one and one.state == TEMPORARY:
            return self._echo(req, one, offer)
        self.need(ctx.kind != 'answer', req, 'TS 24.229 s5.1.1.5.1',
                  'a challenge answered outside its associations')
        if ctx.kind == 'answer' and not one:
            return req.answer(403, 'Not protected', 'sec')
        if not one:
            old = self.sets.find(ctx.sub.impi, CURRENT)
            self.need(not old or old.doubt, req, 'TS 24.229 s5.1.1.4',
                      'an unprotected REGISTER while associations live')
        if not self._choice(offer):
            # RFC 3329 s2.3.1: no common mechanism
            return self._required(req, 494)
        return None

    def _offer(self, req, ctx, one, offer):
        """Security-Client as such, and what has to be new in it."""
        try:
            for rule, text in security.client_faults(offer):
                self.need(False, req, rule, text)
            mine = security.Mechanism.parse(offer[0]) if offer else None
        except sip.SipError as err:
            return self.checker.complain(req, 'RFC 3329 s2.2', str(err))
        if not mine or (one and one.state == TEMPORARY):
            return None
        rule = 'TS 24.229 s5.1.1.4'
        key = ctx.sub.impi
        known = [s for s in self.sets.all if s.impi == key and
                 s.state in (CURRENT, OLD)]
        for old in known:
            self.need(not set(mine.spis) & {old.spi_uc, old.spi_us}, req,
                      rule, 'SPIs that are in use')
            self.need(mine.ports[0] != old.port_uc, req, rule,
                      'port_uc of a living set')
        if one:
            self.need(mine.ports[1] == one.port_us, req, rule,
                      'port_us has changed')
        # TS 24.229 s5.1.1.5.3: after a bad challenge all but port_us is new
        last = ctx.account.last_offer
        if ctx.kind in ('mac-failure', 'sync-failure') and last:
            self.need(not set(mine.spis) & set(last.spis) and
                      mine.ports[0] != last.ports[0] and
                      mine.ports[1] == last.ports[1], req,
                      'TS 24.229 s5.1.1.5.3',
                      'spi-c, spi-s, port-c have to be new, port-s not')
        ctx.account.last_offer = mine
        return None

    def _echo(self, req, one, offer):
        """RFC 3329 s2.3.1, TS 33.203 s7.2: what was first said."""
        verify = req.values('Security-Verify')
        good = offer == one.client and verify == one.verify
        if good:
            return None
        self.need(one.altered or offer == one.client, req,
                  'TS 24.229 s5.1.1.5.1', 'Security-Client has changed')
        return self._required(req, 494)

    def _required(self, req, status):
        resp = req.answer(status, tag='sec')
        for pair, q in security.parse_list(self.options.sec_algs):
            resp.add('Security-Server', 'ipsec-3gpp;q=%s;alg=%s;ealg=%s' % (
                (q,) + pair))
        return resp

    def _choice(self, offer):
        offered = [m.pair for m in map(security.Mechanism.parse, offer)
                   if m.usable]
        return security.choose(security.parse_list(self.options.sec_algs),
                               offered)

    # answers to REGISTER

    def answered(self, trans, resp):
        """The answer to a REGISTER on its way to the UE."""
        req, ctx, flow = trans.req, trans.ctx, trans.flow
        if not self.on or not ctx or not ctx.account:
            return
        one = flow.set
        if resp.status == 401:
            if ctx.account.challenge and ctx.account.challenge.vector:
                self._challenge(trans, resp)
        elif resp.status == 200 and one:
            self._registered(one, ctx, req)
        elif resp.status >= 300:
            for temp in [s for s in self.sets.all
                         if s.impi == ctx.sub.impi and s.state == TEMPORARY]:
                # after the answer has gone over it
                self.sets.ends(temp, 64 * self.node.box.t1)
                temp.state = CLOSING
            if one and resp.status != 423:
                one.doubt = True

    def _challenge(self, trans, resp):
        """TS 33.203 s7.2: SM6, and the temporary set that waits for SM7."""
        ctx, offer = trans.ctx, trans.req.values('Security-Client')
        pair = self._choice(offer)
        if not pair:
            return
        impi, keys = ctx.sub.impi, ctx.account.challenge.vector.keys
        for temp in [s for s in self.sets.all
                     if s.impi == impi and s.state == TEMPORARY]:
            self.sets.delete(temp)
        one = Set(impi, trans.flow.peer[0], security.Mechanism.parse(offer[0]),
                  pair, offer)
        ck, ik = keys.ck[:16], keys.ik[:16]
        name, args = trans.action
        one.doubt = name in ('wrong-ik', 'no-security-server',
                             'security-server', 'weaken-server')
        if name == 'wrong-ik':
            ik = bytes(b ^ 0xff for b in ik)
        self.sets.add(one, ck, ik)
        self.node.box.tap.learn(one, self.node.host)
        self.sets.ends(one, self.options.sec_temporary)
        entries = [self._entry(one, p, q) for p, q in security.parse_list(
            self.options.sec_algs)]
        one.verify = list(entries)
        if name == 'no-security-server':
            return
        if name == 'security-server':
            entries = [self._fill(one, text) for text in args]
            one.verify = list(entries)
        if name == 'weaken-server':     # on the way, behind the P-CSCF
            entries = [self._entry(one, tuple(args[0].split('/')), '0.9')]
            one.altered = True
        if name == 'alter-client':      # on the way to the P-CSCF
            one.client, one.altered = offer[1:], True
        for value in entries:
            resp.add('Security-Server', value)

    def _entry(self, one, pair, q):
        return security.server_entry(
            pair, q, (one.spi_pc, one.spi_ps),
            (one.port_pc, self.sets.port_ps), self.options.sec_padded)

    def _fill(self, one, text):
        for name, value in (('{spi-c}', one.spi_pc), ('{spi-s}', one.spi_ps),
                            ('{port-c}', one.port_pc),
                            ('{port-s}', self.sets.port_ps),
                            ('{ue-spi}', one.spi_uc)):
            text = text.replace(name, str(value))
        return text

    def _registered(self, one, ctx, req):
        """TS 24.229 s5.2.2: temporary becomes current, current old."""
        impi, sets = ctx.sub.impi, self.sets
        seconds = ctx.account.binding.left() if ctx.account.binding else 0
        if one.state == TEMPORARY:
            older, old = sets.find(impi, OLD), sets.find(impi, CURRENT)
            if older:
                sets.delete(older)
            if old:
                old.state = OLD
                old.replaced_at = asyncio.get_running_loop().time()
                one.ends_at = max(one.ends_at, old.ends_at)
                # its transactions end first
                sets.ends(old, 64 * self.node.box.t1)
            one.state = CURRENT
        if asked_expires(req) == 0:
            self.registration_over(impi)
        else:
            sets.lives(one, seconds + 30)

    def registration_over(self, impi):
        """TS 24.229 s5.2.5: gone when the last transactions are."""
        if self.sets:
            for one in self.sets.all:
                if one.impi == impi and one.state != CLOSING:
                    one.state, one.doubt = CLOSING, True
                    self.sets.ends(one, 64 * self.node.box.t1)

    def act(self, what, impi, state=None):
        """pardon: the UE may begin anew in the clear; drop: this network
        has lost a set."""
        for one in [s for s in self.sets.all if s.impi == impi]:
            if what == 'pardon':
                one.doubt = True
            elif one.state == state:
                self.sets.delete(one)

    # towards the UE

    def answers(self, flow):
        """TS 33.203 s7.1: over UDP from port_pc to the port_us that the Via
        names, over TCP on the connection of the request."""
        one = flow.set
        if not one or flow.transport == 'tcp':
            return flow
        out = self.sets.datagrams(one)
        out.compartment = getattr(flow, 'compartment', None)
        return out

    def elsewhere(self, trans):
        """For an answer where it does not belong."""
        one = trans.flow.set
        if trans.action.name == 'association-2':
            return self.sets.datagrams(one, 2)
        return self.node.udp.flow((one.ue, one.port_us))

    def target(self, binding):
        """The set for a request to a UE, None without one."""
        if not self.on:
            return None
        impi, sets = binding.impi, self.sets
        one = sets.find(impi, CURRENT) or sets.find(impi, CLOSING)
        old = sets.find(impi, OLD)
        if self.options.sec_linger and old and not one.heard:
            return old
        return one

    def owner(self, flow, accounts):
        """Whose associations these are."""
        for account in accounts:
            if account.sub.impi == flow.set.impi and account.binding:
                return account
        return None

    # what it took

    def measure(self, entry, flow):
        """Note in a trace entry that it went in ESP, and the octets of its
        IP packets as soon as they are known."""
        one = flow.set
        if not one:
            return
        entry.pair = one.pair
        ends = Selector(flow.peer[0], flow.local[1], flow.peer[1])
        if entry.way == 'up':
            entry.octets = self.sets.device.taken('up', ends, flow.transport)
            return
        self.settle((ends, flow.transport))
        self.pending[ends, flow.transport] = entry

    def settle(self, *keys):
        self.sets.device.pump()
        for key in keys or list(self.pending):
            entry = self.pending.pop(key, None)
            sent = self.sets.device.taken('down', *key)
            if entry:
                entry.octets += sent
