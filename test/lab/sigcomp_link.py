"""SigComp between a P-CSCF and its UEs (RFC 3486, RFC 5049, TS 24.229
clause 8.2): what arrives compressed is decompressed, what goes to a UE that
asks for it with comp=sigcomp is compressed, and both are counted."""
import collections
import copy
import hashlib
import os
import secrets
import uuid

from . import sigcomp_codec, sigcomp_peer, sip
from . import sigcomp_udvm as udvm

DICTIONARY = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..',
                          'vectors', 'rfc3485-dictionary.bin')


def wants(params):
    """RFC 3486 s8 on the parameters of a Via or a URI."""
    return (params.get('comp') or '').lower() == 'sigcomp'


def identifier(params):
    """RFC 5049 s9.1: quoted in a Via, not quoted in a URI."""
    return sip.unquote(params.get('sigcomp-id'))


def address_name(flow):
    """RFC 5049 s9.1, peers without an identifier."""
    if flow.transport == 'tcp':
        return flow
    return '%s:%d' % flow.peer


class Outward:
    """A flow towards a UE; each send compresses anew (RFC 5049 s8)."""

    def __init__(self, link, flow, name, wanted):
        self.link, self.flow = link, flow
        self.name, self.wanted = name, wanted

    def __getattr__(self, name):
        return getattr(self.flow, name)

    def send(self, data):
        self.link.send(self, data)

    def __str__(self):
        return str(self.flow)


class Link:
    """The SigComp half of one P-CSCF."""

    def __init__(self, node):
        self.node, self.options = node, node.options
        self.checker = node.checker
        self.id = 'urn:uuid:%s' % uuid.uuid4()
        self.dictionary = sigcomp_peer.load_dictionary(DICTIONARY)
        self.spoil = self.skip = 0      # messages down yet to be damaged
        self.reset_counts()
        self.start()

    def start(self):
        """A P-CSCF that comes back knows nothing (RFC 4077 s1.1.2)."""
        self.endpoint = sigcomp_peer.Endpoint(
            self.dictionary, sms=self.options.sigcomp_sms,
            version=2 if self.options.sigcomp_nack else 1)
        self.ended = set()
        self.streamed = collections.OrderedDict()   # hash: what, and where

    def reset_counts(self):
        self.count = {way: {'messages': 0, 'compressed': 0, 'plain': 0,
                            'wire': 0} for way in ('up', 'down')}
        self.count.update(nacks_sent=0, nacks_received=0, nacks_known=0,
                          referring=0)
        self.reasons = []

    @property
    def on(self):
        return self.options.sigcomp

    def tally(self, way, plain, wire, compressed):
        count = self.count[way]
        count['messages'] += 1
        count['compressed'] += compressed
        count['plain'] += plain
        count['wire'] += wire

    def status(self):
        """What the control socket shows."""
        return dict(copy.deepcopy(self.count), id=self.id,
                    reasons=list(self.reasons),
                    compartments=[
                        {'name': str(name), 'states': len(c.kept),
                         'used': c.used, 'level': c.compressor.level,
                         'acknowledged': bool(c.compressor.base)}
                        for name, c in
                        self.endpoint.states.compartments.items()])

    # from the UE

    def receive(self, flow, data):
        """Received with text, or None when there is nothing for SIP."""
        got = self.endpoint.receive(data, flow.transport == 'tcp')
        if flow.transport == 'tcp' and flow.mixed:
            self.checker.complain(None, 'RFC 5049 s5', 'SIP and SigComp '
                                  'on one connection')
        if got.nack:
            return self.nacked(flow, got)
        if got.reason:
            self.reasons.append(got.reason)
            self.node.box.note(self.node, 'up', flow, data,
                               'SigComp: ' + got.reason)
            if got.reply:
                self.count['nacks_sent'] += 1
                self.node.box.note(self.node, 'down', flow, got.reply,
                                   'NACK')
                flow.send(got.reply)    # RFC 4077 s2.2
            return None
        if got.text is None:
            self.checker.complain(None, 'RFC 3320 s5',
                                  'a SigComp message without a text')
            return None
        self.count['referring'] += bool(got.result.header.id)
        return got

    def nacked(self, flow, got):
        self.count['nacks_received'] += 1
        self.count['nacks_known'] += got.known
        self.node.box.note(self.node, 'up', flow, b'', 'NACK %s' %
                           got.nack.reason)
        if got.nack.hash in self.streamed:
            # RFC 4077 s2.3.2; on the same connection: those of the UE are
            # the UE's to make
            self.send(*self.streamed.pop(got.nack.hash))
        elif not got.known:
            self.checker.complain(None, 'RFC 4077 s3.1', 'a NACK (%s) of a '
                                  'message never sent' % got.nack.reason)

    def allowed(self, flow):
        """TS 24.229 s8.1.1: not outside a security association where they
        are in use; a port without protection then says so."""
        return flow.protected

    def heard_request(self, req, flow, got):
        """Called for each well-formed request; RFC 3320 s4.3."""
        if not self.on:
            return
        via = sip.Via.parse(req.get('Via', ''))
        name = identifier(via.params) or address_name(flow)
        flow.compartment = name
        self.judge(req, via, got, flow)
        if not self.allowed(flow):
            return
        if req.method == 'REGISTER':
            if name in self.ended:
                self.ended.discard(name)
                self.endpoint.close(name)
            # RFC 5049 s9.3
            if got or wants(via.params):
                self.endpoint.open(name)
        if got and self.endpoint.has(name):
            self.endpoint.accept(got, name)

    def heard_response(self, resp, flow, got):
        if not self.on or not got:
            return
        name = getattr(flow, 'name', None)
        via = sip.Via.parse(resp.get('Via', ''))
        self.checker.need(wants(via.params), resp, 'RFC 3486 s5',
                          'compressed, without comp=sigcomp in our Via')
        if name is not None and self.endpoint.has(name) and \
                self.allowed(flow):
            self.endpoint.accept(got, name)

    def judge(self, req, via, got, flow):
        """What RFC 3486 and RFC 5049 ask of a UE's request."""
        need = self.checker.need
        need(not got or self.allowed(flow), req, 'TS 24.229 s8.1.1',
             'compressed outside a security association')
        need(not got or wants(via.params), req, 'RFC 3486 s4',
             'compressed, without comp=sigcomp in the Via')
        uris = [sip.NameAddr.parse(v).uri for v in req.values('Contact')
                if v != '*']
        for what, params in [('Via', via.params)] + [
                ('Contact', u.params) for u in uris]:
            if wants(params):
                need((identifier(params) or '').lower().startswith('urn:'),
                     req, 'RFC 5049 s9.1', '%s with comp=sigcomp, without '
                     'sigcomp-id' % what)
        raw = via.params.get('sigcomp-id')
        need(raw is None or raw[:1] == '"', req, 'RFC 5049 s9.1',
             'sigcomp-id of a Via is quoted')

    # towards the UE

    def answers(self, req, flow):
        """The flow for the answers to a request (RFC 3486 s5)."""
        if not self.on:
            return flow
        via = sip.Via.parse(req.get('Via', ''))
        return Outward(self, flow, getattr(flow, 'compartment', None),
                       wants(via.params) and self.allowed(flow))

    def requests(self, flow, binding):
        """The flow for a request to a contact (RFC 3486 s4)."""
        if not self.on:
            return flow
        params = binding.contact.uri.params
        name = identifier(params) or getattr(binding.flow, 'compartment',
                                             None)
        return Outward(self, flow, name, self.compresses(binding))

    def compresses(self, binding):
        return self.on and wants(binding.contact.uri.params) and \
            self.allowed(binding.flow)

    def send(self, out, data):
        flow, stream = out.flow, out.flow.transport == 'tcp'
        octets = data
        # RFC 5049 s5: a connection is the one or the other for ever
        if out.wanted and self.endpoint.has(out.name) and not (
                stream and flow.sigcomp is False):
            if self.skip:
                self.skip -= 1
            else:
                octets = self.endpoint.compress(out.name, data,
                                                stream and flow)
                if not stream and octets.startswith(
                        sigcomp_codec.PLAIN_PREFIX):
                    octets = data
        self.tally('down', len(data), len(octets), octets is not data)
        if self.spoil and octets is not data:
            self.spoil -= 1
            # behind the header is SEQ, then the CRC (sigcomp_codec.py): the
            # text comes out right, and is refused
            at = udvm.parse_header(octets).size + 1
            sound, octets = octets, octets[:at] + bytes(
                [octets[at] ^ 0x10]) + octets[at + 1:]
            self.endpoint.damaged(sound, octets)
        if stream and octets is not data:
            self.streamed[hashlib.sha1(octets).digest()] = out, data
            while len(self.streamed) > sigcomp_peer.SENT:
                self.streamed.popitem(last=False)
        flow.send(octets)

    def throw_nack(self, binding, reason='STATE_NOT_FOUND'):
        """A NACK of a message that the UE has never sent."""
        nack = sigcomp_peer.make_nack(
            reason, 31, 128, secrets.token_bytes(32), secrets.token_bytes(6))
        self.node.throw(binding.flow, nack)

    def registration_over(self, binding):
        """RFC 5049 s9.3; what is still on its way is read first."""
        name = getattr(binding.flow, 'compartment', None)
        if name is not None:
            self.ended.add(name)

    # headers

    def uri_of(self, uri):
        """This P-CSCF's URI with the parameters of RFC 5049 s9.1."""
        new = sip.Uri.parse(str(uri))
        new.params.update({'comp': 'sigcomp', 'sigcomp-id': self.id})
        return new

    def via_of(self, flow):
        return ';comp=sigcomp;sigcomp-id="%s"' % self.id \
            if getattr(flow, 'wanted', False) else ''

    def mark(self, resp, req, flow):
        """RFC 3486 s5: our own URIs in an answer, as the UE wants them."""
        if not getattr(flow, 'wanted', False):
            return
        contact = req.get('Contact')
        if contact and contact != '*' and not wants(
                sip.NameAddr.parse(contact).uri.params):
            return
        for i, (name, value) in enumerate(resp.headers):
            if name in ('Record-Route', 'Path', 'Service-Route'):
                resp.headers[i] = (name, ', '.join(
                    self.marked(v) for v in sip.split_outside(value, ',')))

    def marked(self, value):
        addr = sip.NameAddr.parse(value)
        if addr.uri.host == sip.host_text(self.node.host).lower() and \
                (addr.uri.port or 5060) in self.node.ports:
            addr.uri = self.uri_of(addr.uri)
        return str(addr)
