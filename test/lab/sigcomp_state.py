"""State handler and compartments (RFC 3320 section 6, RFC 4896 sections 5
to 9): what a SigComp endpoint remembers between messages."""
from . import sigcomp_udvm as udvm

COST = 64                               # RFC 3320 s6.2, octets a state item
DICTIONARY = ('fbe507dfe5e6aa5af2abb914ceaa05f9'    # RFC 3485 s5
              '9ce61ba5')


class Kept:
    """One entry of a compartment's list of states."""

    def __init__(self, state, priority, age):
        self.state, self.priority, self.age = state, priority, age

    @property
    def cost(self):
        return len(self.state.value) + COST

    def order(self):
        """Freed first is lowest: 65535 < 0 < 1 < ... (RFC 4896 s5.1)."""
        return (0 if self.priority == 65535 else self.priority + 1, self.age)


class Compartment:
    """Holds the states a peer created, and what it told our compressor."""

    def __init__(self, name, sms):
        self.name, self.offered, self.sms = name, sms, sms
        self.kept, self.clock = {}, 0
        self.item = None        # to be returned with every message
        self.returned = None    # the last item returned to us
        self.peer = None        # the peer's parameters, as far as known
        self.compressor = None

    @property
    def used(self):
        return sum(k.cost for k in self.kept.values())

    def create(self, state, priority, existing):
        """RFC 3320 s6.2; existing: the item of that identifier or None."""
        if not self.sms:
            return
        room = self.sms - COST
        if len(state.value) > room:
            state = udvm.make_state(state.address, state.instruction,
                                    state.least, state.value[:room])
            existing = existing(state.id)
        else:
            existing = existing(state.id)
        if existing and existing != state:
            return              # RFC 4896 s7
        self.clock += 1
        kept = self.kept.pop(state.id, None)
        # RFC 4896 s5.2, s6: again is a new priority and a new age
        kept = Kept(state, priority, self.clock)
        while self.kept and self.used + kept.cost > self.sms:
            del self.kept[min(self.kept.values(),
                              key=Kept.order).state.id]
        self.kept[state.id] = kept

    def free(self, partial):
        """RFC 3320 s9.4.9, RFC 4896 s3.3: only here, only when unique."""
        found = [i for i in self.kept if i.startswith(partial)]
        if len(found) == 1:
            del self.kept[found[0]]

    def hear(self, result):
        """RFC 3320 s6.3: feedback that came with an accepted message."""
        if result.header.item is not None:
            self.returned = result.header.item
        if result.feedback:
            # RFC 4896 s9.2
            self.item = result.feedback.item
            if result.feedback.s:
                self.kept.clear()
            self.sms = 0 if result.feedback.s else self.offered
        new = result.parameters
        if new:
            old = self.peer or udvm.Parameters(0, 0, None, 0, [])
            self.peer = udvm.Parameters(
                new.cpb or old.cpb, new.dms or old.dms,
                old.sms if new.sms is None else new.sms,
                new.version or old.version, new.ids)


class States:
    """Every state of an endpoint: local items and all compartments'."""

    def __init__(self, local=()):
        self.local = list(local)
        self.compartments = {}

    def every(self):
        """Identical items of several compartments are one item."""
        found = {s.id: s for s in self.local}
        for compartment in self.compartments.values():
            for kept in compartment.kept.values():
                found[kept.state.id] = kept.state
        return found

    def find(self, partial):
        return [s for i, s in self.every().items() if i.startswith(partial)]

    def accept(self, compartment, result):
        """RFC 3320 s4.3: the application has named the compartment."""
        compartment.hear(result)
        for request in result.requests:
            if request.kind == 'free':
                compartment.free(request.id)
            else:
                compartment.create(request.state, request.priority,
                                   lambda i: self.every().get(i))
