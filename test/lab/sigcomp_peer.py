"""A SigComp endpoint for SIP (RFC 3320, RFC 4077, RFC 4896, RFC 5049):
messages in, messages out.

    got = endpoint.receive(octets, stream)      # text, a NACK, or a failure
    endpoint.accept(got, name)                  # the application's decision
    octets = endpoint.compress(name, text, stream)

`name` is whatever tells one remote application from another.  The endpoint
does no input or output; NACKs to send are in `got.reply`.
"""
import hashlib
from collections import OrderedDict, namedtuple

from . import sigcomp_codec as codec
from . import sigcomp_udvm as udvm
from .sigcomp_state import Compartment, States

NACK_VERSION = 1                        # RFC 4077 s3.1
SENT = 64                               # hashes of sent messages kept
PATIENCE = 4            # messages before an unacknowledged state is given up
SIP_DMS, IMS_SMS = 8192, 4096           # RFC 5049 s4.1, TS 24.229 s8.1.1
Nack = namedtuple('Nack', 'reason opcode pc hash details')


def is_sigcomp(data):
    """RFC 5049 s5."""
    return bool(data) and data[0] & 0xf8 == 0xf8


# ---- streams (RFC 3320 s4.2.2)

def frame(message):
    """A message with its delimiter; quoting never covers an FF twice."""
    out, i = bytearray(), 0
    while i < len(message):
        out.append(message[i])
        if message[i] == 0xff:
            # the octets up to the last FF of the next 127 go as they are
            quoted = message[i + 1:i + 128].rfind(b'\xff') + 1
            out.append(quoted)
            out += message[i + 1:i + 1 + quoted]
            i += quoted
        i += 1
    return bytes(out) + b'\xff\xff'


class Framer:
    """Cuts a stream into messages; FramingError ends it."""

    class FramingError(Exception):
        pass

    def __init__(self, longest=65536):
        self.message, self.quoted, self.escape = bytearray(), 0, False
        self.longest = longest

    def feed(self, data):
        """The messages that became complete."""
        done = []
        for octet in data:
            if self.quoted:
                self.quoted -= 1
                self.message.append(octet)
            elif self.escape:
                self.escape = False
                if octet == 0xff:
                    # nothing between two delimiters is no message
                    if self.message:
                        done.append(bytes(self.message))
                    self.message.clear()
                elif octet > 0x7f:
                    raise self.FramingError
                else:
                    self.message.append(0xff)
                    self.quoted = octet
            elif octet == 0xff:
                self.escape = True
            else:
                self.message.append(octet)
            if len(self.message) > self.longest:
                raise self.FramingError
        return done


# ---- NACK (RFC 4077)

def make_nack(reason, opcode=0, pc=0, message=None, details=b''):
    """message: the octets that failed; None is a hash of zeros."""
    code = udvm.REASONS.index(reason)
    sha = hashlib.sha1(message).digest() if message is not None \
        else bytes(20)
    return bytes([0xf8, 0, NACK_VERSION, code, opcode]) + \
        pc.to_bytes(2, 'big') + sha + details


def parse_nack(data, header):
    """None when it is not one that RFC 4077 s3.1 describes."""
    body = data[header.size:]
    if header.nack != NACK_VERSION or len(body) < 24:
        return None
    reason = udvm.REASONS[body[0]] if body[0] < len(udvm.REASONS) else ''
    return Nack(reason or 'reason %d' % body[0], body[1],
                int.from_bytes(body[2:4], 'big'), body[4:24], body[24:])


# ---- the compressor's view of one compartment

class Sent:
    """One state that our messages may have created at the peer."""

    def __init__(self, plan, state, seq):
        self.plan, self.state, self.seq = plan, state, seq
        self.waited, self.known = 0, False


class Compressor:
    """What the peer is known to hold (RFC 3320 s5.1), and the way back.

    At most two of our states fit into the peer's state memory: the one that
    is acknowledged and referred to, and its successor.  level counts the
    steps back after NACKs: 0 refers to state, 1 is self-contained, 2 also
    does without the dictionary, 3 sends the text as it is."""

    def __init__(self, endpoint, sms):
        self.endpoint, self.sms, self.level = endpoint, sms, 0
        self.seq, self.base, self.there, self.lost = 0, None, [], []
        self.plans, self.stream, self.mixed = {}, None, False

    def reset(self):
        self.base, self.there, self.lost = None, [], []

    def plan(self, memory):
        key = (memory, self.sms, self.level > 1)
        if key not in self.plans:
            self.plans[key] = codec.Plan(
                memory, self.sms // 2,
                None if self.level > 1 else self.endpoint.dictionary,
                self.endpoint.octet, self.endpoint.version)
        return self.plans[key]

    def acknowledge(self, item):
        """A returned feedback item: ours are 81 SEQ."""
        if not item or len(item) != 2 or item[0] != 0x81:
            return
        for i, sent in enumerate(self.there):
            if sent.seq == item[1]:
                sent.known = True
            if sent.seq == item[1] and sent is not self.base:
                self.base, self.there = sent, self.there[i:]
                self.lost = []

    def parameters(self, peer):
        """Never more than the peer advertises (RFC 4896 s10.2)."""
        sms = min(self.sms, peer.sms if peer.sms is not None else self.sms)
        if sms != self.sms:
            self.sms = sms
            self.reset()

    def nacked(self, kind):
        """A step back, at least behind what the failed message did."""
        self.reset()
        self.level = max(self.level, kind + 1 if kind else 0)

    def room(self):
        """May a state be created, and which must be freed for it?"""
        if len(self.there) < 2 or self.there[0] is not self.base and \
                self.base in self.there:
            return True, []
        for sent in self.there:
            sent.waited += sent is not self.base
        last = self.there[-1]
        if last.waited < PATIENCE:
            return False, []
        if self.base is not self.there[0]:
            return True, []             # the oldest goes by itself
        if len(self.lost) == 3:
            self.reset()                # nothing is sure any more
            return True, []
        # RFC 3320 s6.2: without this the base would be the one to go
        self.lost.append(self.there.pop())
        return True, self.lost

    def goes(self, stream):
        """One stream keeps the order of its messages (RFC 3320 s5.1), what
        goes over two of them may overtake."""
        if self.stream not in (None, stream):
            self.mixed = True
            if self.base and not self.base.known:
                self.base = next((s for s in reversed(self.there)
                                  if s.known), None)
        self.stream = stream

    def make(self, item, text, stream):
        """(octets, kind) or None; kind 0 refers to state, else the level
        that the message stands for.  stream: which one, or False."""
        self.goes(stream)
        memory = SIP_DMS // 2 if stream else SIP_DMS - 1408
        if self.level > 2:
            return self.plain(text)
        may, frees = self.room()
        base = self.base if self.level == 0 else None
        if base and base.plan.memory != memory:
            base = None
        try:
            plan = base.plan if base else self.plan(memory)
        except ValueError:
            return self.plain(text)
        if len(text) > plan.circle:
            return self.plain(text)
        create = may and self.sms and len(text) <= plan.capacity
        seq = self.seq % 127 + 1 if create else 0
        state = base.state if base else None
        data = codec.message_data(plan, plan.history(state), text, seq,
                                  [s.state.id for s in frees])
        octets = codec.header(
            item, state.id[:6] if state else b'', plan.code) + data
        result = self.check(octets, text, state, stream)
        if result is None:
            return self.plain(text)
        if create:
            self.seq = seq
            new = Sent(plan, result.requests[-1].state, seq)
            self.there = (self.there + [new])[-2:]
            if stream and not self.mixed:
                self.base = new         # it will arrive
        return octets, 0 if state else max(self.level, 1)

    @staticmethod
    def plain(text):
        return codec.PLAIN_PREFIX + text, 3

    def check(self, octets, text, state, stream):
        """RFC 3320 s5: the peer must be able to decompress it."""
        local = [s for s in (state, self.endpoint.dictionary) if s]
        machine = udvm.Udvm(
            lambda i: [s for s in local if s.id.startswith(i)],
            SIP_DMS, 16, 2, bool(stream))
        try:
            result = machine.run(octets)
        except udvm.Failed:
            return None
        return result if result.output == text else None


# ---- the endpoint

class Received:
    """What became of some octets: text, or reason, or nack."""

    def __init__(self, size):
        self.size, self.text, self.result = size, None, None
        self.reason, self.reply, self.nack, self.known = '', b'', None, False


class Endpoint:
    """dictionary: the RFC 3485 State or None; sms: state memory offered to
    each compartment; peer_sms: what is assumed of the peer."""

    def __init__(self, dictionary=None, dms=SIP_DMS, sms=IMS_SMS, cpb=16,
                 version=2, peer_sms=IMS_SMS):
        self.dictionary = dictionary
        self.dms, self.sms, self.cpb, self.version = dms, sms, cpb, version
        self.peer_sms = peer_sms
        self.states = States([dictionary] if dictionary else [])
        self.sent = OrderedDict()

    @property
    def octet(self):
        """RFC 3320 s3.3.1: cycles_per_bit, and the two sizes."""
        return (self.cpb.bit_length() - 5) << 6 | \
            (self.dms.bit_length() - 11) << 3 | \
            (self.sms.bit_length() - 11 if self.sms else 0)

    # compartments

    def open(self, name):
        found = self.states.compartments.get(name)
        if not found:
            found = Compartment(name, self.sms)
            found.compressor = Compressor(self, self.peer_sms)
            self.states.compartments[name] = found
        return found

    def close(self, name):
        """RFC 5049 s9.3."""
        self.states.compartments.pop(name, None)

    def has(self, name):
        return name in self.states.compartments

    def forget(self):
        """A restart: no state, no compartment, no memory of what was
        sent."""
        self.states.compartments.clear()
        self.sent.clear()

    # in

    def receive(self, data, stream=False):
        got = Received(len(data))
        try:
            header = udvm.parse_header(data)
            if header.nack and self.version > 1:
                self.hear_nack(got, parse_nack(data, header))
                return got
            if header.nack:
                raise udvm.Failed('USER_REQUESTED')
            machine = udvm.Udvm(self.states.find, self.dms, self.cpb,
                                self.version, stream)
            got.result = machine.run(data)
            got.text = got.result.output
        except udvm.Failed as failed:
            got.reason = failed.reason
            if self.version > 1:        # RFC 4077 s2.4
                got.reply = make_nack(failed.reason, failed.opcode,
                                      failed.pc, data, failed.details)
        return got

    def hear_nack(self, got, nack):
        """RFC 4077 s2.3: by its hash, or not at all."""
        got.nack = nack
        if nack is None or nack.hash not in self.sent:
            return
        got.known = True
        name, kind = self.sent.pop(nack.hash)
        compartment = self.states.compartments.get(name)
        if compartment:
            compartment.compressor.nacked(kind)

    def accept(self, got, name):
        """RFC 3320 s4.3: the application names the compartment."""
        compartment = self.open(name)
        self.states.accept(compartment, got.result)
        compressor = compartment.compressor
        if compartment.peer:
            compressor.parameters(compartment.peer)
        compressor.acknowledge(got.result.header.item)

    # out

    def compress(self, name, text, stream=False):
        """One SigComp message; the compartment must be open.  stream: False,
        or the stream it goes over."""
        compartment = self.states.compartments[name]
        octets, kind = compartment.compressor.make(
            compartment.item, text, stream)
        self.sent[hashlib.sha1(octets).digest()] = (name, kind)
        while len(self.sent) > SENT:
            self.sent.popitem(last=False)
        return octets

    def damaged(self, octets, now):
        """What was just compressed goes out in another form."""
        self.sent[hashlib.sha1(now).digest()] = self.sent.pop(
            hashlib.sha1(octets).digest())


def load_dictionary(path):
    """The SIP/SDP dictionary as a State (RFC 3485 s5)."""
    with open(path, 'rb') as file:
        return udvm.make_state(0, 0, 6, file.read())
