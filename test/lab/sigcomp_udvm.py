"""The Universal Decompressor Virtual Machine (RFC 3320 sections 7 to 9 with
the corrections of RFC 4896), written from the specifications.

`Udvm(...).run(message)` gives a Result or raises Failed with the reason of
RFC 4077 section 3.2.  State is looked up through a function handed in; what
the message wants created or freed comes back in the Result, because only the
application decides about it (RFC 3320 section 4.3).
"""
import hashlib
from collections import namedtuple

REASONS = ('', 'STATE_NOT_FOUND', 'CYCLES_EXHAUSTED', 'USER_REQUESTED',
           'SEGFAULT', 'TOO_MANY_STATE_REQUESTS', 'INVALID_STATE_ID_LENGTH',
           'INVALID_STATE_PRIORITY', 'OUTPUT_OVERFLOW', 'STACK_UNDERFLOW',
           'BAD_INPUT_BITORDER', 'DIV_BY_ZERO', 'SWITCH_VALUE_TOO_HIGH',
           'TOO_MANY_BITS_REQUESTED', 'INVALID_OPERAND', 'HUFFMAN_NO_MATCH',
           'MESSAGE_TOO_SHORT', 'INVALID_CODE_LOCATION',
           'BYTECODES_TOO_LARGE', 'INVALID_OPCODE', 'INVALID_STATE_PROBE',
           'ID_NOT_UNIQUE', 'MULTILOAD_OVERWRITTEN', 'STATE_TOO_SHORT',
           'INTERNAL_ERROR', 'FRAMING_ERROR')
# RFC 3320 figure 11: name and operand types; '*' marks what comes n times
INSTRUCTIONS = (
    ('DECOMPRESSION-FAILURE', ''), ('AND', '$%'), ('OR', '$%'), ('NOT', '$'),
    ('LSHIFT', '$%'), ('RSHIFT', '$%'), ('ADD', '$%'), ('SUBTRACT', '$%'),
    ('MULTIPLY', '$%'), ('DIVIDE', '$%'), ('REMAINDER', '$%'),
    ('SORT-ASCENDING', '%%%'), ('SORT-DESCENDING', '%%%'), ('SHA-1', '%%%'),
    ('LOAD', '%%'), ('MULTILOAD', '%#*%'), ('PUSH', '%'), ('POP', '%'),
    ('COPY', '%%%'), ('COPY-LITERAL', '%%$'), ('COPY-OFFSET', '%%$'),
    ('MEMSET', '%%%%'), ('JUMP', '@'), ('COMPARE', '%%@@@'), ('CALL', '@'),
    ('RETURN', ''), ('SWITCH', '#%*@'), ('CRC', '%%%@'),
    ('INPUT-BYTES', '%%@'), ('INPUT-BITS', '%%@'),
    ('INPUT-HUFFMAN', '%@#*%%%%'), ('STATE-ACCESS', '%%%%%%'),
    ('STATE-CREATE', '%%%%%'), ('STATE-FREE', '%%'), ('OUTPUT', '%%'),
    ('END-MESSAGE', '%%%%%%%'))
BYTE_COPY_LEFT, BYTE_COPY_RIGHT, BIT_ORDER, STACK = 64, 66, 68, 70
MAX_OUTPUT = 65536                      # RFC 3320 s9.4.8
MAX_REQUESTS = 4                        # RFC 3320 s9.4.6, s9.4.7

State = namedtuple('State', 'id address instruction least value')
Request = namedtuple('Request', 'kind state priority id')
Feedback = namedtuple('Feedback', 'q s i item')
Parameters = namedtuple('Parameters', 'cpb dms sms version ids')
Header = namedtuple('Header', 'item id code destination nack size')
Result = namedtuple('Result', 'output cycles requests feedback parameters '
                    'header')


class Failed(Exception):
    """A decompression failure; opcode and pc are those of RFC 4077 s3.1."""

    def __init__(self, reason, details=b''):
        super().__init__(reason)
        self.reason, self.details = reason, details
        self.opcode = self.pc = 0


def make_state(address, instruction, least, value):
    """RFC 3320 s9.4.9: the identifier is a hash over all of the item."""
    words = (len(value) & 0xffff, address, instruction, least)
    head = b''.join(w.to_bytes(2, 'big') for w in words)
    return State(hashlib.sha1(head + value).digest(), address, instruction,
                 least, value)


def item_length(data, pos):
    """RFC 3320 s7.1: octets of a feedback item, 0 when there is no room."""
    if pos >= len(data):
        return 0
    size = 1 + (data[pos] & 0x7f) if data[pos] & 0x80 else 1
    return size if size <= len(data) - pos else 0


def parse_header(message):
    """RFC 3320 s7 figure 3, RFC 4077 s3.1."""
    if not message:
        raise Failed('MESSAGE_TOO_SHORT')
    if message[0] & 0xf8 != 0xf8:
        raise Failed('INTERNAL_ERROR')
    pos, item = 1, None
    if message[0] & 4:
        size = item_length(message, pos)
        if not size:
            raise Failed('MESSAGE_TOO_SHORT')
        item = bytes(message[pos:pos + size])
        pos += size
    length = (0, 6, 9, 12)[message[0] & 3]
    if length:
        if len(message) - pos < length:
            raise Failed('MESSAGE_TOO_SHORT')
        return Header(item, bytes(message[pos:pos + length]), b'', 0, 0,
                      pos + length)
    if len(message) - pos < 2:
        raise Failed('MESSAGE_TOO_SHORT')
    code_len = message[pos] << 4 | message[pos + 1] >> 4
    destination = message[pos + 1] & 15
    pos += 2
    if not code_len and destination:
        # before RFC 4077 it is a message without bytecode
        return Header(item, b'', b'', 64 * (destination + 1), destination,
                      pos)
    if not destination:
        raise Failed('INVALID_CODE_LOCATION')
    if len(message) - pos < code_len:
        raise Failed('MESSAGE_TOO_SHORT')
    return Header(item, b'', bytes(message[pos:pos + code_len]),
                  64 * (destination + 1), 0, pos + code_len)


def _fcs_table():
    """RFC 1662 appendix C.2."""
    table = []
    for b in range(256):
        for _ in range(8):
            b = b >> 1 ^ 0x8408 if b & 1 else b >> 1
        table.append(b)
    return table


FCS = _fcs_table()


def crc(data):
    """RFC 3320 s9.3.5: the FCS of RFC 1662, not complemented: that is what
    RFC 4465 s2.9 expects."""
    value = 0xffff
    for octet in data:
        value = value >> 8 ^ FCS[(value ^ octet) & 0xff]
    return value


def multitype_size(first):
    """RFC 3320 figure 10: octets of a multitype, 0 for no such operand."""
    if first < 0x80 or first >= 0xe0 or 0x86 <= first < 0x90:
        return 1
    if first >= 0x90:
        return 2
    return 3 if first < 0x82 else 0


class Udvm:
    """find(partial identifier) lists the matching State items."""

    def __init__(self, find, dms=8192, cpb=16, version=2, stream=False):
        self.find, self.dms, self.cpb = find, dms, cpb
        self.version, self.stream = version, stream

    # set-up

    def run(self, message):
        self.pc = self.opcode = 0
        try:
            self.start(message)
            while not self.ended:
                self.step()
        except Failed as failed:
            failed.opcode, failed.pc = self.opcode, self.pc
            raise
        return Result(bytes(self.output) if self.outputs else None,
                      self.cycles, self.requests, self.feedback,
                      self.parameters, self.header)

    def start(self, message):
        self.header = head = parse_header(message)
        # RFC 3320 s7
        self.size = min(65536, self.dms // 2 if self.stream else
                        max(0, self.dms - len(message)))
        self.memory = bytearray(self.size)
        self.data, self.pos, self.used = message, head.size, 0
        self.order = 0
        self.output, self.outputs, self.ended = bytearray(), 0, False
        self.requests, self.counts = [], {'create': 0, 'free': 0}
        self.feedback = self.parameters = None
        self.cycles = 0
        self.left = (1000 + 8 * head.size) * self.cpb   # RFC 3320 s8.6
        words = [self.size & 0xffff, self.cpb, self.version, 0, 0]
        if head.id:
            state = self.lookup(head.id)
            if len(state.value) > self.size - state.address:
                raise Failed('SEGFAULT')
            self.memory[state.address:state.address +
                        len(state.value)] = state.value
            words[3:] = [len(head.id), len(state.value) & 0xffff]
            self.next = state.instruction
        else:
            if len(head.code) > self.size - head.destination:
                raise Failed('BYTECODES_TOO_LARGE',
                             (self.dms & 0xffff).to_bytes(2, 'big'))
            self.memory[head.destination:head.destination +
                        len(head.code)] = head.code
            self.next = head.destination
        values = b''.join(w.to_bytes(2, 'big') for w in words) + bytes(22)
        self.memory[:32] = values[:self.size]

    def lookup(self, partial):
        """RFC 3320 s7.2: exactly one, and enough of its identifier."""
        found = self.find(partial)
        if len(found) > 1:
            raise Failed('ID_NOT_UNIQUE', partial)
        if not found or found[0].least > len(partial):
            raise Failed('STATE_NOT_FOUND', partial)
        return found[0]

    # one instruction

    def step(self):
        self.pc, self.opcode = self.next, 0
        if self.pc >= self.size:
            raise Failed('SEGFAULT')
        self.opcode = self.memory[self.pc]
        if self.opcode >= len(INSTRUCTIONS):
            raise Failed('INVALID_OPCODE')
        self.next = self.pc + 1
        method, types = EXECUTE[self.opcode]
        if method in (Udvm.do_multiload, Udvm.do_switch,
                      Udvm.do_input_huffman):
            return method(self)
        method(self, *[self.operand(t) for t in types])

    def spend(self, cycles):
        """RFC 3320 s8.6: before the instruction has any effect."""
        if cycles > self.left:
            raise Failed('CYCLES_EXHAUSTED', bytes([self.cpb & 0xff]))
        self.left -= cycles
        self.cycles += cycles

    def word(self, address):
        if address + 1 >= self.size:
            raise Failed('SEGFAULT')
        return self.memory[address] << 8 | self.memory[address + 1]

    def set_word(self, address, value):
        if address + 1 >= self.size:
            raise Failed('SEGFAULT')
        self.memory[address] = value >> 8
        self.memory[address + 1] = value & 0xff

    def fetch(self, count):
        """The next octets of the instruction as a number."""
        if self.next + count > self.size:
            raise Failed('SEGFAULT')
        value = int.from_bytes(self.memory[self.next:self.next + count],
                               'big')
        self.next += count
        return value

    def operand(self, kind):
        """RFC 3320 s8.5; a reference comes back as its address, which must
        be one that can be read."""
        if kind == '%':
            return self.multitype()
        if kind == '@':
            return (self.pc + self.multitype()) & 0xffff
        first = self.fetch(1)
        if first < 0x80:
            value, unit = first, 2
        elif first < 0xc0:
            value, unit = (first & 0x3f) << 8 | self.fetch(1), 2
        elif first == 0xc0:
            value, unit = self.fetch(2), 1
        else:
            raise Failed('INVALID_OPERAND')
        if kind == '$':
            value *= unit
            self.word(value)
        return value

    def multitype(self):
        """RFC 3320 figure 10."""
        first = self.fetch(1)
        if first < 0x40:
            return first
        if first < 0x80:
            return self.word(2 * (first & 0x3f))
        if first >= 0xe0:
            return 65504 + (first & 0x1f)
        if first >= 0xc0:
            return self.word((first & 0x1f) << 8 | self.fetch(1))
        if first >= 0xa0:
            return (first & 0x1f) << 8 | self.fetch(1)
        if first >= 0x90:
            return 61440 + ((first & 0x0f) << 8 | self.fetch(1))
        if first >= 0x88:
            return 1 << (first & 7) + 8
        if first >= 0x86:
            return 1 << (first & 1) + 6
        if first >= 0x82:
            raise Failed('INVALID_OPERAND')
        value = self.fetch(2)
        return value if first == 0x80 else self.word(value)

    # byte copying (RFC 3320 s8.4, RFC 4896 s4)

    def spans(self, address, length):
        """[(start, end)] in the order of copying, and the next address."""
        left, right = self.word(BYTE_COPY_LEFT), self.word(BYTE_COPY_RIGHT)
        found = []
        while length:
            end = right if right > address else 65536
            step = min(length, end - address)
            if address + step > self.size:
                raise Failed('SEGFAULT')
            found.append((address, address + step))
            length -= step
            address += step
            if address & 0xffff == right:
                address = left
            address &= 0xffff
        return found, address

    def read(self, address, length):
        spans, _ = self.spans(address, length)
        return b''.join(self.memory[a:b] for a, b in spans)

    def write(self, address, data):
        """Gives the address after the last octet."""
        spans, after = self.spans(address, len(data))
        pos = 0
        for a, b in spans:
            self.memory[a:b] = data[pos:pos + b - a]
            pos += b - a
        return after

    def copy(self, position, length, destination):
        source, _ = self.spans(position, length)
        target, after = self.spans(destination, length)
        if not any(a < d and c < b for a, b in source for c, d in target):
            data = b''.join(self.memory[a:b] for a, b in source)
            pos = 0
            for a, b in target:
                self.memory[a:b] = data[pos:pos + b - a]
                pos += b - a
            return after
        reader = (i for a, b in source for i in range(a, b))
        for a, b in target:
            for i in range(a, b):
                self.memory[i] = self.memory[next(reader)]
        return after

    def backwards(self, address, offset):
        """RFC 3320 s9.2.6, RFC 4896 s4: counting to the left."""
        left, right = self.word(BYTE_COPY_LEFT), self.word(BYTE_COPY_RIGHT)
        while offset:
            room = address - left if address >= left else address
            if offset <= room:
                return address - offset
            offset -= room + 1
            address = (right - 1) & 0xffff if address >= left else 0xffff
        return address

    # mathematics (RFC 3320 s9.1)

    def do_failure(self):
        self.spend(1)
        raise Failed('USER_REQUESTED')

    def arithmetic(self, address, operand, func):
        value = self.word(address)
        self.spend(1)
        self.set_word(address, func(value, operand) & 0xffff)

    def do_and(self, a, n):
        self.arithmetic(a, n, lambda m, n: m & n)

    def do_or(self, a, n):
        self.arithmetic(a, n, lambda m, n: m | n)

    def do_not(self, a):
        self.arithmetic(a, 0, lambda m, n: ~m)

    def do_lshift(self, a, n):
        self.arithmetic(a, n, lambda m, n: m << n if n < 16 else 0)

    def do_rshift(self, a, n):
        self.arithmetic(a, n, lambda m, n: m >> n)

    def do_add(self, a, n):
        self.arithmetic(a, n, lambda m, n: m + n)

    def do_subtract(self, a, n):
        self.arithmetic(a, n, lambda m, n: m - n)

    def do_multiply(self, a, n):
        self.arithmetic(a, n, lambda m, n: m * n)

    def divisor(self, n):
        if not n:
            self.spend(1)
            raise Failed('DIV_BY_ZERO')

    def do_divide(self, a, n):
        self.divisor(n)
        self.arithmetic(a, n, lambda m, n: m // n)

    def do_remainder(self, a, n):
        self.divisor(n)
        self.arithmetic(a, n, lambda m, n: m % n)

    def sort(self, start, n, k, descending):
        """RFC 3320 s9.1.3; equal words keep their order."""
        self.spend(1 + k * ((k - 1).bit_length() + n if k else 0))
        if n * k == 0:
            return
        if start + 2 * n * k > self.size:
            raise Failed('SEGFAULT')
        keys = [self.word(start + 2 * i) for i in range(k)]
        by = sorted(range(k), key=lambda i: -keys[i] if descending
                    else keys[i])
        for one in range(start, start + 2 * n * k, 2 * k):
            old = bytes(self.memory[one:one + 2 * k])
            self.memory[one:one + 2 * k] = b''.join(
                old[2 * i:2 * i + 2] for i in by)

    def do_sort_ascending(self, start, n, k):
        self.sort(start, n, k, False)

    def do_sort_descending(self, start, n, k):
        self.sort(start, n, k, True)

    def do_sha_1(self, position, length, destination):
        self.spend(1 + length)
        self.write(destination,
                   hashlib.sha1(self.read(position, length)).digest())

    # memory (RFC 3320 s9.2)

    def do_load(self, address, value):
        self.spend(1)
        self.set_word(address, value)

    def do_multiload(self):
        """RFC 4896 s3.2: step by step, never over itself."""
        address, n = self.operand('%'), self.operand('#')
        self.spend(1 + n)
        begin, end = self.next, self.next
        for _ in range(n):
            if end >= self.size:
                raise Failed('SEGFAULT')
            size = multitype_size(self.memory[end])
            if not size:
                raise Failed('INVALID_OPERAND')
            end += size
        if n and address < end and self.pc < address + 2 * n:
            raise Failed('MULTILOAD_OVERWRITTEN')
        self.next = begin
        for i in range(n):
            self.set_word(address + 2 * i, self.multitype())

    def push(self, value):
        """RFC 3320 s8.3, RFC 4896 s3.4."""
        stack = self.word(STACK)
        fill = self.word(stack)
        self.set_word((stack + 2 * fill + 2) & 0xffff, value)
        self.set_word(stack, (fill + 1) & 0xffff)

    def pop(self):
        stack = self.word(STACK)
        fill = self.word(stack)
        if not fill:
            raise Failed('STACK_UNDERFLOW')
        self.set_word(stack, fill - 1)
        return self.word((stack + 2 * fill) & 0xffff)

    def do_push(self, value):
        self.spend(1)
        self.push(value)

    def do_pop(self, address):
        self.spend(1)
        self.set_word(address, self.pop())

    def do_copy(self, position, length, destination):
        self.spend(1 + length)
        self.copy(position, length, destination)

    def do_copy_literal(self, position, length, reference):
        destination = self.word(reference)
        self.spend(1 + length)
        after = self.copy(position, length, destination)
        if length:
            self.set_word(reference, after)

    def do_copy_offset(self, offset, length, reference):
        self.do_copy_literal(self.backwards(self.word(reference), offset),
                             length, reference)

    def do_memset(self, address, length, start, offset):
        self.spend(1 + length)
        self.write(address, bytes(
            (start + n * offset) & 0xff for n in range(length)))

    # program flow (RFC 3320 s9.3)

    def do_jump(self, address):
        self.spend(1)
        self.next = address

    def do_compare(self, one, two, less, equal, more):
        self.spend(1)
        self.next = less if one < two else equal if one == two else more

    def do_call(self, address):
        self.spend(1)
        self.push(self.next)
        self.next = address

    def do_return(self):
        self.spend(1)
        self.next = self.pop()

    def do_switch(self):
        n, j = self.operand('#'), self.operand('%')
        where = [self.operand('@') for _ in range(n)]
        self.spend(1 + n)
        if j >= n:
            raise Failed('SWITCH_VALUE_TOO_HIGH')
        self.next = where[j]

    def do_crc(self, value, position, length, address):
        self.spend(1 + length)
        if crc(self.read(position, length)) != value:
            self.next = address

    # input (RFC 3320 s8.2, s9.4; RFC 4896 s3.1)

    def flush(self):
        """The rest of an octet that bits were taken from is lost."""
        if self.used:
            self.pos, self.used = self.pos + 1, 0

    def do_input_bytes(self, length, destination, address):
        self.spend(1 + length)
        self.flush()
        if length > len(self.data) - self.pos:
            self.next = address
            return
        self.write(destination, self.data[self.pos:self.pos + length])
        self.pos += length
        self.left += 8 * length * self.cpb

    def bit_order(self):
        """The F, H and P bits; RFC 3320 s8.2."""
        order = self.word(BIT_ORDER)
        if order > 7:
            raise Failed('BAD_INPUT_BITORDER')
        if (order ^ self.order) & 1:
            self.flush()
        self.order = order
        return order

    def bits(self, count, reverse):
        """An integer of count bits, None when there are not so many."""
        if count > 8 * (len(self.data) - self.pos) - self.used:
            return None
        # P = 0 numbers the bits of an octet from the MSB, P = 1 the LSB
        some = self.data[self.pos:self.pos + 3].ljust(3, b'\0')
        mask = (1 << count) - 1
        if self.order & 1:
            value = int.from_bytes(some, 'little') >> self.used & mask
        else:
            value = int.from_bytes(some, 'big') >> (
                24 - self.used - count) & mask
        at = self.used + count
        self.pos, self.used = self.pos + (at >> 3), at & 7
        # so far the first bit is the LSB with P = 1, the MSB with P = 0
        if bool(reverse) != bool(self.order & 1) and count:
            value = int(format(value, '0%db' % count)[::-1], 2)
        return value

    def do_input_bits(self, length, destination, address):
        self.spend(1)
        order = self.bit_order()
        if length > 16:
            raise Failed('TOO_MANY_BITS_REQUESTED')
        value = self.bits(length, order & 4)
        if value is None:
            self.next = address
            return
        self.set_word(destination, value)
        self.left += length * self.cpb

    def do_input_huffman(self):
        destination = self.operand('%')
        address, n = self.operand('@'), self.operand('#')
        sets = [[self.multitype() for _ in range(4)] for _ in range(n)]
        self.spend(1 + n)
        order = self.bit_order()
        if sum(s[0] for s in sets) > 16:
            raise Failed('TOO_MANY_BITS_REQUESTED')
        if not n:
            return
        code = total = 0
        for count, lower, upper, plain in sets:
            value = self.bits(count, order & 2)
            if value is None:
                self.next = address
                return
            code, total = code << count | value, total + count
            if lower <= code <= upper:
                self.set_word(destination, (code + plain - lower) & 0xffff)
                self.left += total * self.cpb
                return
        raise Failed('HUFFMAN_NO_MATCH')

    # state and output (RFC 3320 s9.4)

    def id_length(self, length):
        if not 6 <= length <= 20:
            raise Failed('INVALID_STATE_ID_LENGTH')

    def do_state_access(self, start, id_len, begin, length, address,
                        instruction):
        self.spend(1)
        self.id_length(id_len)
        partial = self.read(start, id_len)
        state = self.lookup(partial)
        if not length:
            if begin:
                raise Failed('INVALID_STATE_PROBE')
            length = len(state.value)
        self.spend(length)
        if begin + length > len(state.value):
            raise Failed('STATE_TOO_SHORT', partial)
        self.write(address or state.address,
                   state.value[begin:begin + length])
        self.next = instruction or state.instruction or self.next

    def request(self, kind, *operands):
        if self.counts[kind] == MAX_REQUESTS:
            raise Failed('TOO_MANY_STATE_REQUESTS')
        self.counts[kind] += 1
        self.requests.append((kind, operands))

    def do_state_create(self, length, address, instruction, least, priority):
        self.spend(1 + length)
        self.id_length(least)
        if priority == 65535:
            raise Failed('INVALID_STATE_PRIORITY')
        self.request('create', length, address, instruction, least, priority)

    def do_state_free(self, start, length):
        self.spend(1)
        self.id_length(length)
        self.request('free', start, length)

    def do_output(self, start, length):
        self.spend(1 + length)
        if len(self.output) + length > MAX_OUTPUT:
            raise Failed('OUTPUT_OVERFLOW')
        self.output += self.read(start, length)
        self.outputs += 1

    def do_end_message(self, feedback, parameters, length, address,
                       instruction, least, priority):
        self.spend(1 + length)
        if 6 <= least <= 20 and priority != 65535:
            self.request('create', length, address, instruction, least,
                         priority)
        found = []
        for kind, operands in self.requests:
            if kind == 'free':
                found.append(Request(kind, None, 0, self.read(*operands)))
                continue
            length, address, instruction, least, priority = operands
            state = make_state(address, instruction, least,
                               self.read(address, length))
            found.append(Request(kind, state, priority, state.id))
        self.requests = found
        if feedback:
            self.feedback = self.get_feedback(feedback)
        if parameters:
            self.parameters = self.get_parameters(parameters)
        self.ended = True

    def get_feedback(self, at):
        """RFC 3320 figure 12; no byte copying rules (RFC 4896 s4.1)."""
        if at >= self.size:
            raise Failed('SEGFAULT')
        flags, item = self.memory[at], None
        if flags & 4:
            size = item_length(self.memory, at + 1)
            if not size:
                raise Failed('SEGFAULT')
            item = bytes(self.memory[at + 1:at + 1 + size])
        return Feedback(bool(flags & 4), bool(flags & 2), bool(flags & 1),
                        item)

    def get_parameters(self, at):
        """RFC 3320 figure 13 and s3.3.1; 0 where a value is not given."""
        first = self.word(at)
        octet, version = first >> 8, first & 0xff
        sizes = (0, 2048, 4096, 8192, 16384, 32768, 65536, 131072)
        ids, at = [], at + 2
        while True:
            if at >= self.size:
                raise Failed('SEGFAULT')
            length = self.memory[at]
            if not 6 <= length <= 20:
                break
            if length >= self.size - at:
                raise Failed('SEGFAULT')
            ids.append(bytes(self.memory[at + 1:at + 1 + length]))
            at += 1 + length
        if not octet:
            return Parameters(0, 0, None, version, ids)
        return Parameters(16 << (octet >> 6), sizes[octet >> 3 & 7],
                          sizes[octet & 7], version, ids)


EXECUTE = [(getattr(Udvm, 'do_' + (name.lower().replace('-', '_') if i
                                   else 'failure')), types)
           for i, (name, types) in enumerate(INSTRUCTIONS)]
