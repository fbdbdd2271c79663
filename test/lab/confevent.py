"""The conference event package: documents and the notification service (RFC
4575, RFC 6665, TS 24.147 clause 5.3.3), with versions that are wrong on
request."""
import asyncio
import secrets
from xml.sax.saxutils import escape, quoteattr

from . import sip
from .regevent import Expiring

NS = 'urn:ietf:params:xml:ns:conference-info'
TYPE = 'application/conference-info+xml'
FORMS = ('full', 'partial', 'deleted', 'gap', 'repeat', 'old', 'broken',
         'empty', 'seed', 'draft', 'bad-ns', 'entity')


class User:
    """One user element with one endpoint."""

    def __init__(self, uri, display='', joining='dialed-in'):
        self.uri, self.display, self.joining = uri, display, joining
        self.endpoint, self.status = uri, 'pending'
        self.disconnection, self.roles, self.by = None, [], None
        self.media, self.nick = [], None        # (id, type, status)

    def xml(self, state='full'):
        nick = ' xcon:nickname=' + quoteattr(self.nick) if self.nick else ''
        out = ['  <user entity=%s state="%s"%s>' % (
            quoteattr(self.uri), state, nick)]
        if state == 'deleted':
            return out[0][:-1] + '/>'
        if self.display:
            out.append('   <display-text>%s</display-text>' %
                       escape(self.display))
        if self.roles:
            out.append('   <roles>%s</roles>' % ''.join(
                '<entry>%s</entry>' % r for r in self.roles))
        out.append('   <endpoint entity=%s>' % quoteattr(self.endpoint))
        out.append('    <status>%s</status>' % self.status)
        if self.status != 'disconnected':
            out.append('    <joining-method>%s</joining-method>' %
                       self.joining)
            if self.by:
                out.append('    <joining-info><by>%s</by></joining-info>' %
                           escape(self.by))
        elif self.disconnection:
            out.append('    <disconnection-method>%s</disconnection-method>'
                       % self.disconnection)
            if self.by:
                out.append('    <disconnection-info><by>%s</by>'
                           '</disconnection-info>' % escape(self.by))
        if self.status != 'disconnected':
            for ident, kind, status in self.media:
                out.append('    <media id="%s"><type>%s</type>'
                           '<status>%s</status></media>' % (ident, kind,
                                                            status))
        return '\n'.join(out + ['   </endpoint>', '  </user>'])


def document(entity, version, state, users=(), count=None, subject=None,
             active=None, namespace=NS):
    """users: (User, state)."""
    out = ['<?xml version="1.0" encoding="UTF-8"?>',
           '<conference-info xmlns="%s" xmlns:xcon="urn:ietf:params:xml:ns:'
           'xcon-conference-info" entity=%s state="%s" version="%d">' % (
               namespace, quoteattr(entity), state, version)]
    if subject:
        out.append(' <conference-description><subject>%s</subject>'
                   '</conference-description>' % escape(subject))
    if count is not None:
        out.append(' <conference-state><user-count>%d</user-count>%s'
                   '</conference-state>' % (
                       count, '' if active is None else
                       '<active>%s</active>' % str(active).lower()))
    if state != 'deleted':
        out.append(' <users%s>' % (' state="partial"'
                                   if state == 'partial' else ''))
        out += [user.xml(how) for user, how in users]
        out.append(' </users>')
    return '\n'.join(out + ['</conference-info>', '']).encode()


def seed_document(entity, version, users):
    """The form before RFC 4575 that TS 24.147 6.5 prints (table
    6.5.2.1-7)."""
    out = ['<?xml version="1.0" encoding="UTF-8"?>',
           '<conference-info version="%d" state="full" entity="%s" '
           'xmlns="%s">' % (version, entity.partition(':')[2], NS)]
    for user in users:
        status = {'disconnected': 'departed', 'connected': 'active'}.get(
            user.status, user.status)
        out.append('<user uri="%s" display-name="%s"><status>%s</status>'
                   '<media-status><media-stream media-type="audio"/>'
                   '</media-status></user>' % (user.uri, escape(
                       user.display), status))
    return '\n'.join(out + ['</conference-info>', '']).encode()


def draft_document(entity, version, users):
    """As draft-ranjit-sipping-conference-01 F12, its tags closed."""
    out = ['<conference-info version="%d" state="full" entity="%s" '
           'recording="on">' % (version, entity)]
    for user in users:
        out.append('<user uri="%s" display-name="%s"><status>%s</status>'
                   '<joining-mode>%s</joining-mode></user>' % (
                       user.uri, escape(user.display), user.status,
                       user.joining))
    out.append('<conf-uri>%s</conf-uri>' % entity)
    return '\n'.join(out + ['</conference-info>', '']).encode()


class Subscription(Expiring):
    """A dialog made by SUBSCRIBE (or INITIATE)."""

    def __init__(self, notifier, req, account, expires, event='conference'):
        self.notifier, self.account, self.event = notifier, account, event
        self.call_id, self.tag = req.get('Call-ID'), secrets.token_hex(4)
        self.remote, self.local = req.get('From'), req.get('To')
        self.remote_tag = req.addr('From').params.get('tag')
        self.target = str(req.addr('Contact').uri)
        self.cseq, self.remote_cseq = 0, req.cseq()[0]
        self.version, self.state = 0, 'active'
        self.answers, self.documents = [], []
        self.extend(expires)

    def matches(self, req):
        return (req.get('Call-ID') == self.call_id and
                req.addr('To').params.get('tag') == self.tag)


class Notifier:
    """conf: entity, contact, users (of User); server: checks, core,
    options."""

    def __init__(self, server, conf):
        self.server, self.conf = server, conf
        self.subs, self.last = [], {}

    # SUBSCRIBE

    def subscribe(self, req, reply, account):
        """One inside or outside of a dialog, for this conference."""
        sub = next((s for s in self.subs if s.matches(req)), None)
        if req.addr('To').params.get('tag') and not sub:
            return reply(req.answer(481))
        self.server.checks.subscribe(req, account, sub)
        event = (req.get('Event') or '').split(';')[0].strip()
        if event.lower() != 'conference':
            resp = req.answer(489, tag='event')
            return reply(resp.add('Allow-Events', 'conference, refer'))
        expires = req.number('Expires', 3600)       # RFC 4575 s3.3
        if self.server.options.conf_expires:
            expires = min(expires, self.server.options.conf_expires)
        late = 0
        if sub:
            self.server.checks.need(
                req.cseq()[0] > sub.remote_cseq, req,
                'RFC 3261 s12.2.1.1', 'CSeq %s' % req.get('CSeq'))
            sub.remote_cseq = req.cseq()[0]
            sub.target = str(req.addr('Contact').uri)
        else:
            sub = Subscription(self, req, account, max(expires, 1))
            self.subs.append(sub)
            late = self.server.options.conf_late_200
        action = getattr(req, 'action', None)
        first = late or action and action.name == 'notify-first'
        if first:
            self.full(sub)
        resp = req.answer(200, tag=sub.tag)
        resp.add('Contact', self.conf.contact).add('Expires', expires)
        if late:
            asyncio.get_running_loop().call_later(late, reply, resp)
        else:
            reply(resp)
        if expires == 0:
            return self.end(sub, 'timeout')
        sub.extend(expires)
        if not first and not (action and action.name == 'no-notify'):
            self.full(sub)
        return None

    def timeout(self, sub):
        self.server.checks.complain(None, 'RFC 6665 s4.1.2.2',
                                    'a conference subscription ran out')
        self.end(sub, 'timeout')

    # documents

    def everybody(self):
        return [(u, 'full') for u in self.conf.users.values()]

    def count(self):
        return len([u for u in self.conf.users.values()
                    if u.status != 'disconnected'])

    def _doc(self, sub, state, users):
        doc = document(self.entity(sub), sub.version, state, users,
                       self.count(), self.conf.subject)
        sub.version += 1
        return doc

    def entity(self, sub):
        return self.conf.entity_for(sub)

    def full(self, sub):
        self.send(sub, self._doc(sub, 'full', self.everybody()))

    def changed(self, *users):
        """RFC 4575 s3.8: those who watch learn of it."""
        form = self.server.options.conf_form
        for sub in list(self.subs):
            if form == 'seed':
                self.as_printed(sub, seed_document)
            elif form == 'draft':
                self.as_printed(sub, draft_document)
            elif self.server.options.conf_partial:
                self.send(sub, self._doc(sub, 'partial', [
                    (u, 'full' if u.uri in self.conf.users else 'deleted')
                    for u in users]))
            else:
                self.full(sub)

    def as_printed(self, sub, make):
        doc = make(self.entity(sub), sub.version,
                   list(self.conf.users.values()))
        sub.version += 1
        self.send(sub, doc)

    def odd(self, form):
        """One more NOTIFY to each, good or bad: FORMS."""
        for sub in list(self.subs):
            if form in ('gap', 'old'):
                sub.version += {'gap': 3, 'old': -2}[form]
            if form == 'repeat':
                sub.version = max(0, sub.version - 1)
            if form in ('seed', 'draft'):
                self.as_printed(sub, seed_document if form == 'seed'
                                else draft_document)
                continue
            state = form if form in ('full', 'deleted') else 'partial'
            if form == 'bad-ns':
                doc = document(self.entity(sub), sub.version, 'full',
                               self.everybody(), namespace='urn:other')
            elif form == 'entity':
                doc = document('sip:another@example.com', sub.version,
                               'full', self.everybody(), 99)
            else:
                doc = self._doc(sub, state, self.everybody())
            if form == 'old':
                sub.version += 2
            if form == 'broken':
                doc = doc[:len(doc) // 2]
            self.send(sub, b'' if form == 'empty' else doc)

    def end(self, sub, reason, retry_after=None):
        """RFC 6665 s4.1.3, TS 24.147 5.3.3.4."""
        sub.state = 'terminated;reason=' + reason
        if retry_after is not None:
            sub.state += ';retry-after=%d' % retry_after
        body = b'' if self.server.options.conf_last == 'empty' else \
            self._doc(sub, 'deleted' if reason == 'noresource' and
                      self.conf.ended else 'full', self.everybody())
        self.send(sub, body)
        self.drop(sub)

    def drop(self, sub):
        sub.timer.cancel()
        if sub in self.subs:
            self.subs.remove(sub)

    def send(self, sub, doc):
        req = sip.Message('NOTIFY', sub.target)
        sub.cseq += 1
        state = sub.state
        if state == 'active':
            state += ';expires=%d' % sub.left()
        for name, value in (
                ('Max-Forwards', 70),
                ('From', '%s;tag=%s' % (sub.local, sub.tag)),
                ('To', sub.remote), ('Call-ID', sub.call_id),
                ('CSeq', '%d NOTIFY' % sub.cseq), ('Event', sub.event),
                ('Subscription-State', state),
                ('Contact', self.conf.contact)):
            req.add(name, value)
        if doc:
            req.add('Content-Type', TYPE)
            req.body = doc
            sub.documents.append(doc)
        self.server.core.send(req, sub.account,
                              lambda resp: self._answered(sub, req, resp))

    def _answered(self, sub, req, resp):
        status = resp.status if resp else 0
        sub.answers.append(status)
        if status == 481:
            self.drop(sub)
        # RFC 3261 s12.2.2: one that a later one has overtaken on its way
        overtaken = status == 500 and \
            req.cseq()[0] < sub.cseq
        self.server.checks.need(
            status in (0, 200) or overtaken or sub not in self.subs, req,
            'RFC 4575 s3.4', 'NOTIFY answered %d' % status)
