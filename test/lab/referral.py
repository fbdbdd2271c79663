"""REFER at an application server and its implicit subscription (RFC 3515,
3892, 4488, 5368; TS 24.147 clauses 5.3.2.5.2, 5.3.2.6.2)."""
import asyncio
import re
import secrets
import xml.etree.ElementTree as ET

from . import sip

RL = '{urn:ietf:params:xml:ns:resource-lists}'


def uri_list(body):
    """RFC 5366 s4: a flat list; [(uri, attributes)]."""
    root = ET.fromstring(body)
    if root.tag != RL + 'resource-lists':
        raise ValueError('root %s' % root.tag)
    found = []
    for part in root:
        if part.tag != RL + 'list':
            raise ValueError('in resource-lists: %s' % part.tag)
        for entry in part:
            if entry.tag != RL + 'entry':
                raise ValueError('the list is not flat: %s' % entry.tag)
            found.append((entry.attrib['uri'], dict(entry.attrib)))
    return found


def parts(msg):
    """[(headers, body)] of a multipart body, or the body alone."""
    ctype = msg.get('Content-Type') or ''
    if not ctype.lower().startswith('multipart/'):
        return [({'content-type': ctype, 'content-disposition': msg.get(
            'Content-Disposition') or ''}, msg.body)] if msg.body else []
    m = re.search(r'boundary="?([^";]+)"?', ctype)
    if not m:
        raise ValueError('no boundary')
    mark = b'--' + m[1].encode()
    pieces = (b'\r\n' + msg.body).split(b'\r\n' + mark)
    if len(pieces) < 3 or not pieces[-1].startswith(b'--'):
        raise ValueError('the last boundary is missing')
    found = []
    for piece in pieces[1:-1]:
        head, sep, body = piece.partition(b'\r\n\r\n')
        if not sep:
            raise ValueError('a part without an empty line')
        headers = {}
        for line in head.decode('utf-8').strip('\r\n').split('\r\n'):
            name, colon, value = line.partition(':')
            if not colon:
                raise ValueError('bad part header: %r' % line)
            headers[name.strip().lower()] = value.strip()
        found.append((headers, body))
    return found


class ReferTo:
    """What a Refer-To asks for."""

    def __init__(self, text):
        m = re.match(r'\s*(?:"[^"]*"\s*|[^<"]*)<([^>]+)>(.*)\Z', text)
        inner, rest = (m[1], m[2]) if m else (
            text.split(';')[0], text[len(text.split(';')[0]):])
        self.params = sip.parse_params(rest.strip())
        self.cid = inner[4:] if inner.lower().startswith('cid:') else None
        self.uri = None if self.cid else sip.Uri.parse(inner)
        self.method, self.replaces = 'INVITE', None
        self.action = (self.params.get('action') or '').lower() or None
        if self.uri:
            self.method = (self.uri.params.pop('method', None) or
                           'INVITE').upper()
            self.action = self.action or (self.uri.params.pop(
                'action', None) or '').lower() or None
            for field in (self.uri.headers or '').split('&'):
                name, _, value = field.partition('=')
                if name.lower() == 'method':    # as RFC 5368 s9 has it
                    self.method = value.upper()
                if name.lower() == 'replaces':
                    self.replaces = re.sub(
                        '%([0-9A-Fa-f]{2})',
                        lambda h: chr(int(h[1], 16)), value)
            self.uri.headers = None


class Referral:
    """One REFER that was accepted: it reports by NOTIFY, or not."""

    def __init__(self, server, req, account, contact, leg=None):
        self.server, self.account, self.leg = server, account, leg
        self.req, self.contact, self.ended = req, contact, False
        self.tag = req.addr('To').params.get('tag') or secrets.token_hex(4)
        self.silent = (req.get('Refer-Sub') or '').lower().startswith(
            'false') or 'norefersub' in req.tokens('Require')
        self.cseq, self.answers = 0, []
        self.target = str(req.addr('Contact').uri)

    def accept(self, reply, status=202, trying=True):
        resp = self.req.answer(status, tag=self.tag)
        resp.add('Contact', self.contact)
        if self.silent:
            resp.add('Refer-Sub', 'false')      # RFC 4488 s4
        reply(resp)
        if trying:
            self.tell('100 Trying')

    def tell(self, line):
        """RFC 3515 s2.4.5: a sipfrag; a final status ends it."""
        if self.silent or self.ended:
            return
        self.ended = int(line[:3]) >= 200
        state = 'terminated;reason=noresource' if self.ended \
            else 'active;expires=60'
        if self.leg:
            notify = self.leg._request('NOTIFY')
            event = 'refer;id=%d' % self.req.cseq()[0]
            notify.remove('Contact')
        else:
            notify = sip.Message('NOTIFY', self.target)
            self.cseq += 1
            to = self.req.get('To')
            for name, value in (
                    ('Max-Forwards', 70),
                    ('From', to if ';tag=' in to else '%s;tag=%s' % (
                        to, self.tag)),
                    ('To', self.req.get('From')),
                    ('Call-ID', self.req.get('Call-ID')),
                    ('CSeq', '%d NOTIFY' % self.cseq)):
                notify.add(name, value)
            event = 'refer'
        notify.add('Contact', self.contact).add('Event', event)
        notify.add('Subscription-State', state)
        notify.add('Content-Type', 'message/sipfrag;version=2.0')
        notify.body = ('SIP/2.0 %s\r\n' % line).encode()
        self.last = notify
        self.server.core.send(notify, self.account,
                              lambda resp: self._answered(notify, resp))

    def _answered(self, notify, resp):
        status = resp.status if resp else 0
        self.answers.append(status)
        # RFC 3261 s12.2.2, RFC 6665 s4.1.3: a later one, which may have been
        # the last, has overtaken this one on its way
        overtaken = status in (481, 500) and notify is not self.last
        self.server.checks.need(status in (0, 200) or overtaken, resp,
                                'RFC 3515 s2.4.4',
                                'refer NOTIFY answered %d' % status)

    def later(self, seconds, line):
        asyncio.get_running_loop().call_later(seconds, self.tell, line)
