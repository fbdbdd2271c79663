"""Page mode behind the core: a service that sends a MESSAGE on to a list of
users (sip:list@HOME, RFC 5365), and users who answer as RFC 5438 asks
(sip:imdn@pages.HOME; sip:station@pages.HOME only hears).  Written from the
RFCs."""
import re
import secrets

from . import cpim, referral, sip

LIST = 'application/resource-lists+xml'


class PageServer:
    def __init__(self, box):
        self.box, self.core, self.checks = box, box.core, box.session_checks
        self.service = 'sip:list@%s' % box.hss.home
        self.domain = 'pages.%s' % box.hss.home
        self.heard, self.answers, self.refuse = [], [], 0
        self.conferences = {}           # none: the others have them
        box.core.servers.append(self)

    def stop(self):
        pass

    def request(self, req, reply, account):
        uri = sip.Uri.parse(req.uri)
        mine = str(uri) == self.service
        if not mine and uri.host != self.domain or reply is None:
            return False
        if req.method != 'MESSAGE':
            reply(req.answer(405, tag='pages').add('Allow', 'MESSAGE'))
            return True
        self.checks.message(req, account)
        self.heard.append(req)
        if mine and self.refuse:
            resp = req.answer(self.refuse, tag='pages')
            if self.refuse == 420:
                resp.add('Unsupported', 'recipient-list-message')
            reply(resp)
        elif mine:
            self.to_list(req, reply, account)
        else:
            reply(req.answer(200, tag='pages'))
            if uri.user == 'imdn':
                self.notify(req, account)
        return True

    # messages to UEs

    def send(self, to, account, sender, body, ctype):
        req = sip.Message('MESSAGE', to)
        for name, value in (
                ('Max-Forwards', 69), ('From', '<%s>;tag=%s' % (
                    sender, secrets.token_hex(4))), ('To', '<%s>' % to),
                ('Call-ID', secrets.token_hex(8) + '@pages'),
                ('CSeq', '1 MESSAGE'),
                ('P-Asserted-Identity', '<%s>' % sender),
                ('Content-Type', ctype)):
            req.add(name, value)
        req.body = body
        self.core.send(req, account, self.answers.append)

    def notify(self, req, account):
        """RFC 5438 s7.2: delivery and display, as asked."""
        if not req.get('Content-Type').startswith('message/cpim'):
            return
        got = cpim.parse(req.body)
        asked = got.imdn('Disposition-Notification') or ''
        for word, kind, status in (
                ('positive-delivery', 'delivery', 'delivered'),
                ('display', 'display', 'displayed')):
            if word in asked:
                sender, to = (cpim.address(got.get(n))
                              for n in ('From', 'To'))
                back = cpim.make(to, sender, cpim.imdn_document(
                    got.imdn('Message-ID'), got.get('DateTime'), kind,
                    status), 'message/imdn+xml',
                    imdn_id=secrets.token_hex(8))
                self.send(account.sub.impus[0], account, to,
                          back.to_bytes(), 'message/cpim')

    # RFC 5365 s7

    def to_list(self, req, reply, account):
        need, rule = self.checks.need, 'RFC 5365 s6'
        need('recipient-list-message' in req.tokens('Require'), req, rule,
             'Require %s' % req.get('Require'))
        need(req.get('Content-Type', '').startswith('multipart/'), req, rule,
             'Content-Type %s' % req.get('Content-Type'))
        users, payload = [], []
        for headers, body in referral.parts(req):
            if headers['content-type'].split(';')[0].strip() == LIST:
                need(headers.get('content-disposition') == 'recipient-list',
                     req, rule, 'Content-Disposition %s' % headers.get(
                         'content-disposition'))
                users += referral.uri_list(body)
            else:
                payload.append((headers, body))
        if not users or len(payload) != 1:
            reply(req.answer(400, tag='pages'))
            return
        reply(req.answer(202, tag='pages'))
        seen = set()                    # RFC 5363 s4.1: each one once
        for uri, _ in users:
            other = self.core.account_of(sip.Uri.parse(uri))
            if other and uri not in seen:
                self.copy(uri, other, account, *payload[0], users)
            seen.add(uri)

    def copy(self, uri, other, account, headers, body, users):
        """s7.2, s7.3: with the list of who may know of each other."""
        ctype = headers['content-type']
        if ctype.startswith('message/cpim'):
            msg = cpim.parse(body)      # RFC 5438 s8
            msg.headers = [(n, '<%s>' % uri if n == 'To' else v)
                           for n, v in msg.headers]
            msg.add('imdn.Original-To', '<%s>' % self.service)
            body = msg.to_bytes()
        history = ''.join('<entry uri="%s" cp:copyControl="%s"/>' % (
            u, a.get('{urn:ietf:params:xml:ns:copycontrol}copyControl',
                     'to')) for u, a in users)
        mark = secrets.token_hex(8)
        text = ('--%s\r\nContent-Type: %s\r\n\r\n' % (mark, ctype)).encode()
        text += body + (
            '\r\n--%s\r\nContent-Type: %s\r\nContent-Disposition: '
            'recipient-list-history;handling=optional\r\n\r\n'
            '<?xml version="1.0"?>\r\n<resource-lists '
            'xmlns="urn:ietf:params:xml:ns:resource-lists" '
            'xmlns:cp="urn:ietf:params:xml:ns:copycontrol"><list>%s</list>'
            '</resource-lists>\r\n--%s--\r\n' % (mark, LIST, history, mark)
        ).encode()
        self.send(uri, other, account.sub.impus[0], text,
                  'multipart/mixed;boundary=%s' % mark)


def document(body):
    """An IMDN: {element: text}, the status under 'status'."""
    text = cpim.parse(body).body.decode()
    found = dict(re.findall(r'<([a-z-]+)>([^<]+)</\1>', text))
    found['status'] = re.search(r'<status><([a-z]+)\s*/>', text)[1]
    found['kind'] = re.search(r'<([a-z]+)-notification>', text)[1]
    return found
