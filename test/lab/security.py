"""Security-Client, Security-Server and Security-Verify: the grammar of
RFC 3329 s2.2 and the parameters of TS 33.203 annex H."""
import re

from . import esp, sip

NUMBER = re.compile(r'\d{1,10}\Z')


class Mechanism:
    """One entry: name and parameters."""

    def __init__(self, name, params):
        self.name, self.params = name, params

    @classmethod
    def parse(cls, text):
        name, semi, rest = text.partition(';')
        if not sip.TOKEN.match(name.strip()):
            raise sip.SipError('bad mechanism: %s' % text)
        return cls(name.strip().lower(), sip.parse_params(semi + rest))

    def _number(self, name, top):
        value = self.params.get(name) or ''
        if not NUMBER.match(value) or int(value) > top:
            raise sip.SipError('bad %s: %s' % (name, value))
        return int(value)

    @property
    def pair(self):
        """annex H: without ealg nothing is encrypted"""
        return (self.params.get('alg') or '').lower(), \
            (self.params.get('ealg') or 'null').lower()

    @property
    def spis(self):
        """spi-c and spi-s"""
        return tuple(self._number(n, 0xffffffff) for n in ('spi-c', 'spi-s'))

    @property
    def ports(self):
        """port-c and port-s"""
        return tuple(self._number(n, 65535) for n in ('port-c', 'port-s'))

    @property
    def q(self):
        value = self.params.get('q', '1')
        if not re.match(r'(0(\.\d{0,3})?|1(\.0{0,3})?)\Z', value):
            raise sip.SipError('bad q: %s' % value)
        return float(value)

    @property
    def usable(self):
        """ESP in transport mode with a pair of annex H"""
        return self.name == 'ipsec-3gpp' and self.pair in esp.PAIRS and \
            (self.params.get('prot') or 'esp').lower() == 'esp' and \
            (self.params.get('mod') or 'trans').lower() == 'trans'


def client_faults(values):
    """What is wrong with a UE's Security-Client, as (rule, text)."""
    faults, seen, first = [], set(), None
    for text in values:
        one = Mechanism.parse(text)
        if one.name != 'ipsec-3gpp':
            continue
        ends = one.spis + one.ports
        spi_c, spi_s, port_c, port_s = ends
        annex = 'TS 33.203 annex H'
        if not one.usable:
            faults.append((annex, 'no such combination: %s' % text))
        if one.pair in seen:
            faults.append((annex, 'twice: %s %s' % one.pair))
        if 'q' in one.params:
            faults.append(('RFC 3329 s2.3.1', 'q in Security-Client'))
        if spi_c == spi_s or min(spi_c, spi_s) < 256:
            faults.append(('TS 33.203 s7.1', 'SPIs %d and %d' % ends[:2]))
        if port_c == port_s or {port_c, port_s} & {0, 5060, 5061}:
            faults.append(('TS 33.203 s7.1', 'ports %d and %d' % ends[2:]))
        if first not in (None, ends):
            faults.append((annex, 'entries with different SPIs or ports'))
        seen.add(one.pair)
        first = ends
    if first is None:
        faults.append(('TS 33.203 annex H', 'no ipsec-3gpp offered'))
    return faults


def server_entry(pair, q, spis, ports, padded=True):
    """One value of Security-Server."""
    number = '%010d' if padded else '%d'
    return 'ipsec-3gpp;q=%s;alg=%s;ealg=%s;prot=esp;mod=trans;spi-c=%s;' \
        'spi-s=%s;port-c=%d;port-s=%d' % ((q,) + pair + tuple(
            number % s for s in spis) + ports)


def parse_list(text):
    """'hmac-sha-1-96/aes-cbc=0.9 null/aes-gcm=0.5': [(pair, q)]."""
    found = []
    for word in text.split():
        pair, _, q = word.partition('=')
        alg, _, ealg = pair.partition('/')
        if (alg, ealg) not in esp.PAIRS:
            raise ValueError('no such algorithms: %s' % pair)
        found.append(((alg, ealg), q or '0.5'))
    return found


def choose(server, offered):
    """RFC 3329 s2.3.1: the server's entry of the highest q among those that
    the client can do; of equal ones the first."""
    common = [(float(q), -i, pair) for i, (pair, q) in enumerate(server)
              if pair in offered]
    return max(common)[2] if common else None
