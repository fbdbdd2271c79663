#!/usr/bin/python3
# class: test
"""The lab's SigComp peer: RFC 4465, the messages of two other
implementations, round trips with itself under loss and corruption, and the
P-CSCF that speaks it with a small UE."""
import glob
import json
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import sigcomp_codec as codec                      # noqa: E402
from lab import sigcomp_peer as peer                        # noqa: E402
from lab import sigcomp_udvm as udvm                        # noqa: E402
from lab import sip                                         # noqa: E402
from lab.box import Box                                     # noqa: E402
from lab.sigcomp_state import DICTIONARY, Compartment, States   # noqa: E402
from lab.testing import (Failure, Tests, check, equal,      # noqa: E402
                         no_complaints)
from lab.tinyue import TinyUe                               # noqa: E402

VECTORS = os.path.join(HERE, '..', 'vectors')
tests = Tests(60)


def read(*path):
    with open(os.path.join(VECTORS, *path), 'rb') as file:
        return file.read()


SIP_DICTIONARY = peer.load_dictionary(
    os.path.join(VECTORS, 'rfc3485-dictionary.bin'))
FLOW = sorted(os.path.basename(f) for f in
              glob.glob(os.path.join(VECTORS, 'sip-flow', '*.sip')))


# ---- the virtual machine

class Torture:
    """One RFC 4465 section at one memory size and version."""

    def __init__(self, test, dms, version):
        self.test, self.dms, self.version = test, dms, version
        self.stream = test['transport'] == 'stream'
        self.states = States([SIP_DICTIONARY])

    def outcome(self, message, number):
        states, names = self.states, self.states.compartments
        compartment = names.setdefault(number, Compartment(number, 2048))
        machine = udvm.Udvm(states.find, self.dms, 16, self.version,
                            self.stream)
        try:
            result = machine.run(message)
        except udvm.Failed as failed:
            return {'result': 'decompression-failure',
                    'reason': failed.reason}
        states.accept(compartment, result)
        found = {'result': 'ok', 'output': (result.output or b'').hex(),
                 'has_output': result.output is not None,
                 'cycles': result.cycles}
        if result.feedback and result.feedback.item:
            found['requested_feedback_item'] = result.feedback.item.hex()
            equal(compartment.item, result.feedback.item, 'item kept')
        if result.parameters:
            p = result.parameters
            found['returned_parameters'] = {
                'cycles_per_bit': p.cpb, 'decompression_memory_size': p.dms,
                'state_memory_size': p.sms, 'sigcomp_version': p.version,
                'partial_state_ids': [i.hex() for i in p.ids]}
        return found

    def compare(self, number, want, got):
        for name, value in want.items():
            if name in ('note', 'message', 'bytecode_message', 'input',
                        'compartment', 'step', 'stream', 'messages',
                        'states_in_compartment_after',
                        'states_present_after',
                        'next_message_in_reverse_direction_starts_with') or \
                    value is None:
                continue
            if name == 'output':
                value = value.replace('@DMS16', '%04x' % (self.dms & 0xffff))
            if name == 'returned_parameters':
                value = {k: v for k, v in value.items()
                         if k != 'cpb_dms_sms_byte'}
            equal(got.get(name), value, 'step %d: %s' % (number, name))

    def states_after(self, number, step):
        kept = self.states.compartments[step.get('compartment', 0)].kept
        if 'states_in_compartment_after' in step:
            equal(len(kept), step['states_in_compartment_after'],
                  'step %d: states' % number)
        if 'states_present_after' in step:
            ids = self.test['expected_state_ids_prefix']
            equal(sorted(n for n, i in ids.items() if any(
                k.hex().startswith(i) for k in kept)),
                sorted(step['states_present_after']),
                'step %d: states' % number)

    def run(self, steps):
        for number, step in enumerate(steps, 1):
            if self.stream:
                messages = peer.Framer().feed(bytes.fromhex(step['stream']))
                wants = step['messages']
            else:
                messages = [bytes.fromhex(step['message'])]
                wants = [step]
            equal(len(messages), len(wants), 'step %d: messages' % number)
            for message, want in zip(messages, wants):
                self.compare(number, want, self.outcome(
                    message, step.get('compartment', 0)))
            self.states_after(number, step)


def torture_files():
    return sorted(glob.glob(os.path.join(VECTORS, 'rfc4465', '*.json')))


for PATH in torture_files():
    with open(PATH) as FILE:
        TEST = json.load(FILE)

    @tests.add('RFC 4465 %s: %s, at 2048, 8192 and 65536' % (
        TEST['section'], TEST['name']), TEST)
    async def torture(test):
        check(len(torture_files()) == 26, 'sections are missing')
        variant = test.get('version2_variant')
        for dms in (2048, 8192, 65536):
            Torture(test, dms, 1).run(test['steps'])
            if variant:
                Torture(test, dms, 2).run(variant['steps'])
            elif test['section'] not in ('A.3.1',):
                Torture(test, dms, 2).run(test['steps'])


@tests.add('RFC 3485 s5: the dictionary is the registered one')
async def dictionary():
    equal(SIP_DICTIONARY.id.hex(), DICTIONARY, 'identifier')


@tests.add('RFC 3320 s7.2: a state must fit, a short identifier must do')
async def access():
    def run(value, least=6):
        state = udvm.make_state(128, 128, least, value)
        machine = udvm.Udvm(lambda i: [state], 2048)
        try:
            return machine.run(b'\xf9' + state.id[:6]).output
        except udvm.Failed as failed:
            return failed.reason
    equal(run(b'\x22\x20\x00\x23' + bytes(7)), b'', 'fits')
    equal(run(bytes(2000)), 'SEGFAULT', 'too long')
    equal(run(b'\x23' + bytes(7), 7), 'STATE_NOT_FOUND', 'too short')


@tests.add('RFC 3320 s8.5: reserved operands and instructions')
async def reserved():
    def reason(code):
        try:
            udvm.Udvm(lambda i: [], 2048).run(codec.header(
                None, b'', bytes.fromhex(code)))
        except udvm.Failed as failed:
            return failed.reason, failed.pc, failed.opcode
    equal(reason('16820000'), ('INVALID_OPERAND', 128, 0x16), 'multitype')
    equal(reason('06c1'), ('INVALID_OPERAND', 128, 6), 'reference')
    equal(reason('0f00ff'), ('INVALID_OPERAND', 128, 15), 'literal')
    equal(reason('24'), ('INVALID_OPCODE', 128, 36), 'instruction')
    equal(reason('16880000'), ('USER_REQUESTED', 384, 0), 'jump')
    equal(reason('169f00'), ('SEGFAULT', 65408, 0), 'beyond memory')


# ---- messages of others

def sets():
    return sorted(glob.glob(os.path.join(
        VECTORS, 'sigcomp-peers', '*', '*', 'manifest.json')))


for PATH in sets():
    @tests.add('peer %s: every message, every cycle' % '/'.join(
        PATH.split(os.sep)[-3:-1]), PATH)
    async def peers(path):
        with open(path) as file:
            manifest = json.load(file)
        check(manifest['messages'], 'no messages')
        stream = manifest['transport'] == 'stream'
        ends = {way: peer.Endpoint(SIP_DICTIONARY, sms=manifest['endpoint'][
            'state_memory_size']) for way in ('up', 'down')}
        for m in manifest['messages']:
            end = ends[m['direction']]
            with open(os.path.join(os.path.dirname(path), '%03d.sigcomp' %
                                   m['n']), 'rb') as file:
                data = file.read()
            if stream:
                data, = peer.Framer().feed(data)
            got = end.receive(data, stream)
            equal(got.reason, '', 'message %d' % m['n'])
            check(got.text == read('sip-flow', m['from_corpus']),
                  'message %d: wrong text', m['n'])
            equal(got.result.cycles, m['udvm_cycles'], 'cycles')
            end.accept(got, 'ue')


# ---- streams and NACKs

@tests.add('RFC 3320 s4.2.2: record marking, octet by octet')
async def marking():
    rnd = random.Random(1)
    for _ in range(200):
        data = bytes(rnd.choice((0, 0x7f, 0x80, 0xff, 0xff))
                     for _ in range(rnd.randrange(1, 400)))
        framed = peer.frame(data)
        check(len(framed) <= len(data) + 4 + len(data) // 64,
              '%d octets for %d', len(framed), len(data))
        framer, found = peer.Framer(), []
        for octet in b'\xff\xff' + framed:
            found += framer.feed(bytes([octet]))
        equal(found, [data], 'message')
    for bad in (0x80, 0xfe):
        try:
            peer.Framer().feed(bytes([0xf8, 0xff, bad]))
            check(False, 'FF %02x taken', bad)
        except peer.Framer.FramingError:
            pass


@tests.add('RFC 4077 s3.1: what a NACK holds, and none for a NACK')
async def nacks():
    end = peer.Endpoint(SIP_DICTIONARY)
    bad = bytes.fromhex('f9010203040506') + b'data'
    got = end.receive(bad)
    equal(got.reason, 'STATE_NOT_FOUND', 'reason')
    header = udvm.parse_header(got.reply)
    nack = peer.parse_nack(got.reply, header)
    equal(nack[:3], ('STATE_NOT_FOUND', 0, 0), 'reason, opcode, pc')
    equal(nack.details.hex(), '010203040506', 'details')
    equal(nack.hash, udvm.hashlib.sha1(bad).digest(), 'hash')
    again = end.receive(got.reply)
    check(again.nack and not again.reply and not again.known, 'answered')
    for cut in range(1, len(got.reply)):
        check(not end.receive(got.reply[:cut]).known, 'a short NACK')
    check(not peer.Endpoint(SIP_DICTIONARY, version=1).receive(bad).reply,
          'version 1 sends none')


# ---- the compressor with itself

class Pair:
    """Two endpoints with one compartment each."""

    def __init__(self, stream=False, sms=4096, nack=False):
        self.stream, self.nack = stream, nack
        self.ends = {way: peer.Endpoint(SIP_DICTIONARY, sms=sms)
                     for way in ('up', 'down')}
        for end in self.ends.values():
            end.open('x')
        self.wire = self.failed = self.nacked = self.wrong = 0
        self.sizes, self.share = [], 0

    def send(self, name, lose=False, spoil=None):
        """True when the text arrived."""
        way = 'up' if '-up-' in name else 'down'
        text = read('sip-flow', name)
        sender = self.ends[way]
        receiver = self.ends['down' if way == 'up' else 'up']
        octets = sender.compress('x', text, self.stream)
        self.wire += len(octets)
        self.sizes.append(len(octets))
        if lose:
            return False
        if spoil:
            octets = spoil(octets)
        got = receiver.receive(octets, self.stream)
        if got.text is None:
            self.failed += 1
            if self.nack:
                self.nacked += sender.receive(got.reply).known
            return False
        check(spoil or got.text == text, '%s: wrong text', name)
        self.wrong += got.text != text
        self.share = max(self.share, got.result.cycles /
                         (16 * (8 * len(octets) + 1000)))
        if got.text == text:
            receiver.accept(got, 'x')
        return got.text == text

    def flow(self, chance=0.0, seed=0):
        """Everything gets there in the end, as SIP repeats it."""
        rnd = random.Random(seed)
        for name in FLOW:
            while not self.send(name, rnd.random() < chance):
                pass
        return self


PLAIN = sum(len(read('sip-flow', name)) for name in FLOW)

for STREAM, SMS in ((False, 4096), (True, 4096), (False, 2048),
                    (False, 8192)):
    @tests.add('round trips: sip-flow over %s, state memory %d' % (
        'TCP' if STREAM else 'UDP', SMS), STREAM, SMS)
    async def trips(stream, sms):
        pair = Pair(stream, sms).flow()
        equal(len(pair.sizes), 56, 'messages')
        equal(pair.failed, 0, 'failures')
        check(pair.wire < PLAIN // 2, '%d octets of %d', pair.wire, PLAIN)
        check(pair.sizes[0] < len(read('sip-flow', FLOW[0])),
              'the first message grew to %d', pair.sizes[0])
        check(pair.share < 1, 'cycles')

for CHANCE in (0.05, 0.2, 0.5):
    @tests.add('loss of %d %%, no NACK: nothing becomes undecodable' %
               (CHANCE * 100), CHANCE)
    async def loss(chance):
        seen = 0
        for seed in range(2):
            pair = Pair().flow(chance, seed)
            equal(pair.failed, 0, 'failures with seed %d' % seed)
            seen += len(pair.sizes) - 56
        check(seen, 'nothing was lost')


@tests.add('no acknowledgement ever: each message stands alone')
async def deaf():
    sender, receiver = (peer.Endpoint(SIP_DICTIONARY) for _ in range(2))
    sender.open('x')
    for name in FLOW[:30]:
        if '-up-' in name:
            text = read('sip-flow', name)
            octets = sender.compress('x', text)
            equal(octets[0] & 3, 0, 'refers to state: len')
            got = receiver.receive(octets)
            equal(got.text, text, name)
            receiver.accept(got, 'x')


@tests.add('acknowledgements lost for long: the base outlives it')
async def one_way():
    """Only the first feedback comes back; then 40 messages, half lost."""
    pair, rnd = Pair(), random.Random(5)
    for name in FLOW[:4]:
        pair.send(name)
    sender, receiver = pair.ends['up'], pair.ends['down']
    check(sender.states.compartments['x'].compressor.base, 'no base')
    referred = 0
    for i in range(40):
        text = read('sip-flow', FLOW[4 + i % 40])
        octets = sender.compress('x', text)
        referred += octets[0] & 3
        if rnd.random() < 0.5:
            continue
        got = receiver.receive(octets)
        equal((i, got.reason), (i, ''), 'failure')
        equal(got.text, text, 'text')
        receiver.accept(got, 'x')
    check(referred > 10, 'state was given up at once')


@tests.add('a peer that forgot: NACK, then a message that stands alone')
async def forgot():
    pair = Pair(nack=True)
    for name in FLOW[:20]:
        pair.send(name)
    pair.ends['down'].forget()
    pair.ends['down'].open('x')
    for name in FLOW[20:]:
        tries = 0
        while not pair.send(name):
            tries += 1
            check(tries < 3, 'no way back')
    equal((pair.failed, pair.nacked), (1, 1), 'failures and NACKs')
    check(pair.sizes[-1] < 200, 'no state any more')


@tests.add('RFC 3320 s5.1: what one stream carries overtakes the other')
async def overtakes():
    ends = Pair(True).ends
    texts = [read('sip-flow', name) for name in FLOW[:3]]
    octets = [ends['up'].compress('x', t, s) for t, s in zip(texts, 'aab')]
    check(len(octets[1]) < len(texts[1]) // 2, 'in order: no state is used')
    for i in (2, 0, 1):
        got = ends['down'].receive(octets[i], True)
        equal(got.text, texts[i], got.reason)
        ends['down'].accept(got, 'x')


@tests.add('a decoder that refuses everything: step by step to plain text')
async def refuses():
    end = peer.Endpoint(SIP_DICTIONARY)
    end.open('x')
    text, seen = read('sip-flow', FLOW[0]), []
    for _ in range(3):
        octets = end.compress('x', text)
        seen.append((octets.startswith(codec.PLAIN_PREFIX),
                     SIP_DICTIONARY.id[:6] in octets))
        check(end.receive(peer.make_nack('SEGFAULT', 1, 2, octets)).known,
              'unknown')
        check(not end.receive(peer.make_nack('SEGFAULT', 1, 2,
                                             octets)).known, 'twice')
    equal(seen, [(False, True), (False, False), (True, False)], 'steps')
    got = peer.Endpoint(SIP_DICTIONARY).receive(octets)
    equal(got.text, text, 'plain')


@tests.add('corrupted messages: refused, and no harm to good ones')
async def corrupted():
    """Without NACKs, damage behind the header: decoder, CRC, bits."""
    rnd, pair, tries = random.Random(2), Pair(), 0

    def spoil(octets):
        low = udvm.parse_header(octets).size
        at = rnd.randrange(low, len(octets))
        return octets[:at] + bytes([octets[at] ^ 1 << rnd.randrange(8)]) + \
            octets[at + 1:]

    for name in FLOW:
        for _ in range(3):
            tries += 1
            pair.send(name, spoil=spoil)
        failed = pair.failed
        check(pair.send(name) and pair.failed == failed,
              '%s: not understood after damage', name)
    # what gets through has only lost padding
    check(pair.failed > 0.95 * tries, 'only %d of %d were refused',
          pair.failed, tries)
    equal(pair.wrong, 0, 'wrong texts')


@tests.add('damage anywhere, with NACKs: always a way back')
async def damaged():
    rnd, pair = random.Random(3), Pair(nack=True)

    def spoil(octets):
        at = rnd.randrange(len(octets))
        return octets[:at] + bytes([octets[at] ^ 1 << rnd.randrange(8)]) + \
            octets[at + 1:]

    for name in FLOW:
        pair.send(name, spoil=spoil)
        check(any(pair.send(name) for _ in range(3)), '%s: no way', name)


@tests.add('a peer with less state memory than assumed')
async def small():
    big, small = peer.Endpoint(SIP_DICTIONARY), peer.Endpoint(
        SIP_DICTIONARY, sms=2048)
    big.open('x')
    small.open('x')
    for name in FLOW:
        sender, receiver = (big, small) if '-up-' in name else (small, big)
        got = receiver.receive(sender.compress('x', read('sip-flow', name)))
        equal(got.text, read('sip-flow', name), name)
        receiver.accept(got, 'x')
    compartment = big.states.compartments['x']
    equal(compartment.compressor.sms, 2048, 'learnt')
    check(small.states.compartments['x'].used <= 2048, 'too much')


@tests.add('RFC 4896 s9: feedback comes back until there is newer')
async def feedback():
    end = peer.Endpoint(SIP_DICTIONARY, sms=0)
    # END-MESSAGE (10, 0, 0, 0, 0, 0, 0) finds zeros at 10: Q = 0
    got = end.receive(codec.header(None, b'', bytes.fromhex(
        '230a000000000000')))
    end.accept(got, 'x')
    equal(end.open('x').item, None, 'item')
    code = '0e2a80044123' '2a000000000000'      # LOAD (42, 0x0441)
    got = end.receive(codec.header(None, b'', bytes.fromhex(code)))
    equal(got.result.feedback.item, b'\x41', 'requested')
    end.accept(got, 'x')
    for _ in range(2):
        octets = end.compress('x', b'text')
        equal(octets[0] & 4 and octets[1], 0x41, 'returned')
    got = end.receive(codec.header(None, b'', bytes.fromhex(
        '2300000000000000')))
    end.accept(got, 'x')
    equal(end.open('x').item, b'\x41', 'location 0 leaves it')


# ---- with the project's own SigComp

PROGRAM = os.environ.get('SIGCOMP') or os.path.join(
    HERE, '..', '..', os.environ.get('BUILD', 'build'), 'host', 'sigcomp')


def program(out, *args):
    """The reports of `sigcomp`, a dict a line."""
    if not os.access(PROGRAM, os.X_OK):
        raise Failure('%s is not built' % PROGRAM)
    ran = subprocess.run((PROGRAM,) + args[:1] + (
        '-d', '8192', '-s', '4096', '-c', '16', '-o', out) + args[1:],
        stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in ran.stdout.splitlines()]


def decompress(folder, messages, *options):
    """What `sigcomp decompress` says of messages in one compartment."""
    paths = []
    for i, message in enumerate(messages):
        paths.append(os.path.join(folder, '%05d' % i))
        with open(paths[-1], 'wb') as file:
            file.write(message)
    os.mkdir(os.path.join(folder, 'out'))
    return program(os.path.join(folder, 'out'), 'decompress', *options,
                   *paths)


for STREAM in (False, True):
    @tests.add('ours to `sigcomp decompress`, %s' % (
        'TCP' if STREAM else 'UDP'), STREAM)
    async def to_program(stream):
        ends = {way: peer.Endpoint(SIP_DICTIONARY) for way in ('up', 'down')}
        sent = {'up': [], 'down': []}
        for end in ends.values():
            end.open('x')
        for name in FLOW:
            way = 'up' if '-up-' in name else 'down'
            text = read('sip-flow', name)
            octets = ends[way].compress('x', text, stream)
            other = ends['down' if way == 'up' else 'up']
            got = other.receive(octets, stream)
            other.accept(got, 'x')
            sent[way].append((octets, text, got.result.cycles))
        for way, messages in sent.items():
            with tempfile.TemporaryDirectory() as folder:
                reports = decompress(
                    folder, [peer.frame(m[0]) if stream else m[0]
                             for m in messages],
                    *['--stream'] if stream else [])
                equal(len(reports), len(messages), 'reports')
                for i, (m, r) in enumerate(zip(messages, reports)):
                    equal((r['reason'], r['cycles']), ('', m[2]),
                          '%s %d' % (way, i))
                    with open(os.path.join(folder, 'out', '%05d' % i),
                              'rb') as file:
                        check(file.read() == m[1], '%s %d: text', way, i)


@tests.add('`sigcomp flow` to ours')
async def from_program():
    with tempfile.TemporaryDirectory() as folder:
        program(folder, 'flow', os.path.join(VECTORS, 'sip-flow'))
        ends = {way: peer.Endpoint(SIP_DICTIONARY) for way in ('up', 'down')}
        for i, name in enumerate(FLOW, 1):
            end = ends['up' if '-up-' in name else 'down']
            with open(os.path.join(folder, '%03d.sigcomp' % i),
                      'rb') as file:
                got = end.receive(file.read())
            equal(got.reason, '', name)
            check(got.text == read('sip-flow', name), '%s: text', name)
            end.accept(got, 'x')


def pool():
    """Messages worth damaging."""
    found = []
    for path in torture_files():
        with open(path) as file:
            test = json.load(file)
        if test['transport'] == 'message':
            found += [bytes.fromhex(s['message']) for s in test['steps']]
    pair = [peer.Endpoint(SIP_DICTIONARY) for _ in range(2)]
    pair[0].open('x')
    for name in FLOW[:4]:
        found.append(pair[0].compress('x', read('sip-flow', name)))
        pair[1].accept(pair[1].receive(found[-1]), 'x')
    return found


def mutate(rnd, octets):
    octets = bytearray(octets)
    for _ in range(rnd.choice((0, 1, 1, 1, 2, 3, 8))):
        at, how = rnd.randrange(len(octets)), rnd.randrange(5)
        if how == 0:
            octets[at] ^= 1 << rnd.randrange(8)
        elif how == 1:
            octets[at] = rnd.randrange(256)
        elif how == 2:
            octets[at] = rnd.randrange(36)
        elif how == 3 and len(octets) > 8:
            del octets[at:at + rnd.randrange(1, 5)]
        else:
            octets[at:at] = bytes(rnd.randrange(256)
                                  for _ in range(rnd.randrange(1, 5)))
    octets[0] |= 0xf8
    return bytes(octets)


@tests.add('1500 damaged messages: `sigcomp decompress` agrees')
async def agrees():
    """Same verdict, length and cycles; the reason may be another one where
    two rules are broken at once."""
    rnd, base, other = random.Random(4), pool(), 0
    messages = [mutate(rnd, rnd.choice(base)) for _ in range(1500)]
    with tempfile.TemporaryDirectory() as folder:
        reports = decompress(folder, messages)
    equal(len(reports), len(messages), 'reports')
    end, good = peer.Endpoint(SIP_DICTIONARY), 0
    for i, (message, r) in enumerate(zip(messages, reports)):
        got = end.receive(message)
        if not (got.reason or got.result):      # a NACK
            continue
        equal(not got.reason, r['ok'], 'message %d %s: ok' % (
            i, message.hex()))
        if got.reason:
            other += got.reason != r['reason']
            continue
        good += 1
        end.accept(got, 'x')
        equal((r['len'], r['cycles']),
              (len(got.text or b''), got.result.cycles), 'message %d' % i)
    check(good > 150, 'only %d were good', good)
    check(other <= 15, '%d other reasons', other)


# ---- the P-CSCF

async def life(ue):
    """Register, subscribe, refresh, de-register."""
    resp = await ue.register()
    equal(resp and resp.status, 200, 'REGISTER')
    resp = await ue.subscribe()
    equal(resp and resp.status, 200, 'SUBSCRIBE')
    check(await ue.notified(1), 'no NOTIFY')
    resp = await ue.register()
    equal(resp and resp.status, 200, 'second REGISTER')
    resp = await ue.register(0)
    equal(resp and resp.status, 200, 'de-registration')
    check(await ue.notified(2), 'no last NOTIFY')


def small_ue(box, network='udp', **kw):
    return TinyUe(box.hss.find('001010000000001'),
                  (box.pcscfs[0].host, box.pcscfs[0].port),
                  network=network, **kw)


for NETWORK in ('udp', 'tcp'):
    @tests.add('P-CSCF: a compressed life over %s' % NETWORK.upper(),
               NETWORK)
    async def compressed(network):
        async with Box() as box:
            box.do('set sigcomp on')
            async with small_ue(box, network, sigcomp=True) as ue:
                await life(ue)
                await box.until(lambda: len(box.seen('200', 'up')) >= 2, 3)
            no_complaints(box)
            status, = box.do('sigcomp')
            for way in ('up', 'down'):
                count = status[way]
                equal(count['compressed'], count['messages'],
                      way + ' messages compressed')
                check(count['messages'] >= 6 and
                      count['wire'] < 0.6 * count['plain'],
                      '%s: %s', way, count)
            equal((status['reasons'], status['nacks_sent'],
                   status['nacks_received']), ([], 0, 0), 'failures')

    @tests.add('P-CSCF: a UE without SigComp is served plainly, %s' %
               NETWORK.upper(), NETWORK)
    async def plainly(network):
        async with Box() as box:
            box.do('set sigcomp on')
            async with small_ue(box, network) as ue:
                await life(ue)
                check(not any('sigcomp' in e.data.decode()
                              for e in box.trace if e.msg), 'comp=sigcomp')
            no_complaints(box)
            status, = box.do('sigcomp')
            equal(status['down']['compressed'], 0, 'compressed')
            check(status['down']['messages'] >= 6, 'not counted')


@tests.add('P-CSCF: RFC 3486, RFC 5049: what its headers say')
async def headers():
    async with Box() as box:
        box.do('set sigcomp on')
        node = box.pcscfs[0]
        box.do('set service_route sip:%s;lr sip:orig@scscf.home;lr' %
               node.address)
        async with small_ue(box, sigcomp=True) as ue:
            resp = await ue.register()
            equal(resp.status, 200, 'REGISTER')
            for name in ('Path', 'Service-Route'):
                params = sip.NameAddr.parse(resp.values(name)[0]).uri.params
                equal((params['comp'], params['sigcomp-id']),
                      ('sigcomp', node.link.id), name)
            check('comp' not in resp.values('Service-Route')[1], 'S-CSCF')
            resp = await ue.subscribe()
            params = resp.addr('Record-Route').uri.params
            equal(params['sigcomp-id'], node.link.id, 'Record-Route')
            notify = await ue.notified(1)
            via = sip.Via.parse(notify.get('Via')).params
            equal((via['comp'], via['sigcomp-id']),
                  ('sigcomp', '"%s"' % node.link.id), 'Via')
            params = notify.addr('Record-Route').uri.params
            equal(params['comp'], 'sigcomp', 'Record-Route of NOTIFY')
        no_complaints(box)


@tests.add('P-CSCF: state dropped: NACK, and the retransmission stands alone')
async def dropped():
    async with Box() as box:
        box.do('set sigcomp on')
        async with small_ue(box, sigcomp=True, retransmit=True) as ue:
            await ue.register()
            await ue.subscribe()
            check(await ue.notified(1), 'no NOTIFY')
            box.do('sigcomp forget')
            resp = await ue.refresh_subscription(600000)
            equal(resp and resp.status, 200, 'after the loss')
            equal([n.nack.reason for n in ue.nacks], ['STATE_NOT_FOUND'],
                  'NACKs')
            check(ue.nacks[0].known, 'not by its hash')
        status, = box.do('sigcomp')
        equal((status['reasons'], status['nacks_sent']),
              (['STATE_NOT_FOUND'], 1), 'counted')
        no_complaints(box)


@tests.add('P-CSCF: a UE that forgot sends a NACK and is understood')
async def ue_forgot():
    async with Box(t1=0.1) as box:
        box.do('set sigcomp on')
        async with small_ue(box, sigcomp=True) as ue:
            await ue.register()
            await ue.subscribe()
            check(await ue.notified(1), 'no NOTIFY')
            ue.restart_sigcomp()
            box.do('notify 001010000000001 full')
            check(await ue.notified(2), 'no second NOTIFY')
            equal(ue.reasons, ['STATE_NOT_FOUND'], 'UE failures')
        status, = box.do('sigcomp')
        equal((status['nacks_received'], status['nacks_known']), (1, 1),
              'NACKs')
        no_complaints(box)


@tests.add('P-CSCF misbehaves: corrupt, uncompressed, NACK of nothing')
async def misbehaves():
    async with Box() as box:
        box.do('set sigcomp on')
        async with small_ue(box, sigcomp=True, retransmit=True) as ue:
            await ue.register()
            box.do('at SUBSCRIBE:1 corrupt')
            box.do('at SUBSCRIBE:2 uncompressed')
            resp = await ue.subscribe()
            equal(resp and resp.status, 200, 'corrupt once')
            check(len(ue.reasons) == 1, 'failures %s', ue.reasons)
            before = box.do('sigcomp')[0]['down']
            resp = await ue.refresh_subscription(600000)
            equal(resp and resp.status, 200, 'uncompressed')
            after = box.do('sigcomp')[0]['down']
            check(after['messages'] - after['compressed'] ==
                  before['messages'] - before['compressed'] + 1,
                  'all compressed')
            box.do('sigcomp nack 001010000000001')
            check(await box.until(lambda: ue.nacks, 2), 'no NACK')
            check(not ue.nacks[0].known, 'known')
            resp = await ue.refresh_subscription(600000)
            equal(resp and resp.status, 200, 'after the NACK')
        no_complaints(box)


@tests.add('P-CSCF judges: compressed without comp=sigcomp, and unasked')
async def judged():
    async with Box() as box:
        box.do('set sigcomp on')
        async with small_ue(box, sigcomp=True) as ue:
            ue.sigcomp_id = 'nobody'
            await ue.register()
            rules = {c.rule for c in box.complaints}
            check('RFC 5049 s9.1' in rules, 'sigcomp-id: %s', rules)
        box.do('complaints clear')
        box.do('set sigcomp off')
        async with small_ue(box, sigcomp=True) as ue:
            check(await ue.ask(ue.register_request(
                ue.empty(), 600000), 1) is None, 'answered')
            check(box.complaints, 'no complaint')


@tests.add('P-CSCF: framing errors close the connection (RFC 3320 s4.2.2)')
async def framing():
    async with Box() as box:
        box.do('set sigcomp on')
        async with small_ue(box, 'tcp', sigcomp=True) as ue:
            ue.flow.sock.write(b'\xf8\xff\x80')
            check(await box.until(lambda: ue.nacks, 2), 'no NACK')
            equal(ue.nacks[0].nack.reason, 'FRAMING_ERROR', 'reason')
            equal(ue.nacks[0].nack.hash, bytes(20), 'hash')
            check(await box.until(lambda: not ue.flow.alive, 2), 'open')


if __name__ == '__main__':
    sys.exit(tests.main())
