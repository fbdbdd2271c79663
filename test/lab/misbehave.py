"""Scripted misbehaviour: rules of the form

    at METHOD[/KIND][:N|:N-M|:N+] ACTION [ARGUMENT...]

METHOD counts requests of the UE, each transaction once, from the moment the
rule is given.  KIND (REGISTER only) is initial, answer, mac-failure,
sync-failure, refresh or deregister.  README.md lists the actions.
"""
import re
import shlex
from collections import namedtuple

Action = namedtuple('Action', 'name args')

# name: least and most arguments
ACTIONS = {
    # carried out by the P-CSCF
    'ignore': (0, 0), 'lose': (0, 0), 'lose-answer': (0, 0),
    'delay': (1, 1), 'status': (1, 9), 'twice': (0, 0), 'kill': (0, 1),
    'close': (0, 0), 'garbage': (1, 1), 'trying': (1, 1),
    'corrupt': (0, 0), 'uncompressed': (0, 0),
    'unprotected': (0, 0), 'association-2': (0, 0),
    # carried out by the security agreement
    'no-security-server': (0, 0), 'security-server': (1, 9),
    'weaken-server': (1, 1), 'alter-client': (0, 0), 'wrong-ik': (0, 0),
    'agreement-required': (0, 0),
    # carried out by the registrar
    'bad-mac': (0, 0), 'old-sqn': (0, 0), 'no-challenge': (0, 0),
    'basic': (0, 0), 'short-nonce': (0, 0), 'bad-base64': (0, 0),
    'algorithm': (1, 1), 'foreign-contact': (0, 0),
    # carried out by the notifier
    'notify-first': (0, 0), 'no-notify': (0, 0),
}
GARBAGE = [b'', b'\0' * 40, b'hello\r\n\r\n', b'SIP/2.0\r\n\r\n',
           b'SIP/2.0 200 OK\r\nVia: nonsense\r\n\r\n',
           b'NOTIFY sip:x SIP/2.0\r\n' + b'A' * 3000 + b'\r\n\r\n',
           b'SIP/2.0 200 OK\r\nContent-Length: 99999999999\r\n\r\n',
           b'REGISTER\xff\xfe\x80\r\n\r\n', b'\xff' * 1200]


class Rule:
    def __init__(self, text):
        words = shlex.split(text)
        m = re.match(r'([A-Z]+|\*)(/([a-z-]+))?(:(\d+)(-(\d+)|\+)?)?\Z',
                     words[0] if words else '')
        if not m or len(words) < 2:
            raise ValueError('not a rule: %s' % text)
        self.text, self.method, self.kind = text, m[1], m[3]
        self.first = int(m[5]) if m[5] else 1
        if not m[5] or (m[6] or '') == '+':
            self.last = None
        else:
            self.last = int(m[7]) if m[7] else self.first
        least, most = ACTIONS.get(words[1], (1, 0))
        if not least <= len(words) - 2 <= most:
            raise ValueError('no such action or wrong arguments: %s' % text)
        self.action = Action(words[1], words[2:])
        self.count = 0

    def match(self, method, kind):
        if self.method not in ('*', method) or self.kind not in (None, kind):
            return False
        self.count += 1
        return self.first <= self.count and (
            self.last is None or self.count <= self.last)


class Rules:
    """The rules in the order given; the first that matches acts."""

    def __init__(self):
        self.rules = []

    def add(self, text):
        self.rules.append(Rule(text))

    def clear(self):
        self.rules.clear()

    def action(self, method, kind):
        hits = [r.action for r in self.rules if r.match(method, kind)]
        return hits[0] if hits else Action('', [])
