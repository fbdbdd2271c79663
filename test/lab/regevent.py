"""The registration event package: subscriptions and reginfo documents
(RFC 3680, RFC 5628, RFC 6665, TS 24.229 clauses 5.4.2.1)."""
import asyncio
import secrets
import time
from xml.sax.saxutils import escape, quoteattr

from . import sip

NS = ('xmlns="urn:ietf:params:xml:ns:reginfo" '
      'xmlns:gr="urn:ietf:params:xml:ns:gruuinfo"')
# RFC 3680 s3.4: the events that end a contact
ENDING = ('expired', 'deactivated', 'probation', 'unregistered', 'rejected')


class Contact:
    """What a document says about one contact."""

    def __init__(self, uri, event, expires=None, retry_after=None,
                 params=(), pub_gruu=None, temp_gruu=None):
        self.uri, self.event, self.expires = uri, event, expires
        self.retry_after, self.params = retry_after, dict(params)
        self.pub_gruu, self.temp_gruu = pub_gruu, temp_gruu

    def xml(self, ident):
        ending = self.event in ENDING
        attrs = 'id="%s" state="%s" event="%s"' % (
            ident, 'terminated' if ending else 'active', self.event)
        if self.expires is not None:
            attrs += ' expires="%d"' % self.expires
        if self.retry_after is not None:
            attrs += ' retry-after="%d"' % self.retry_after
        lines = ['    <contact %s>' % attrs,
                 '      <uri>%s</uri>' % escape(self.uri)]
        for name, value in self.params.items():
            lines.append('      <unknown-param name=%s>%s</unknown-param>' % (
                quoteattr(name), escape(value or '')))
        if self.pub_gruu and not ending:
            lines.append('      <gr:pub-gruu uri=%s/>' %
                         quoteattr(self.pub_gruu))
            # RFC 5628 s5.2
            lines.append('      <gr:temp-gruu uri=%s first-cseq="%d"/>' %
                         (quoteattr(self.temp_gruu[0]), self.temp_gruu[1]))
        return '\n'.join(lines + ['    </contact>'])


def reginfo(version, full, registrations):
    """registrations: list of (aor, id, state, [(contact id, Contact)])."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>',
             '<reginfo %s version="%d" state="%s">' % (
                 NS, version, 'full' if full else 'partial')]
    for aor, ident, state, contacts in registrations:
        lines.append('  <registration aor=%s id="%s" state="%s">' % (
            quoteattr(aor), ident, state))
        lines += [contact.xml(cid) for cid, contact in contacts]
        lines.append('  </registration>')
    return '\n'.join(lines + ['</reginfo>', '']).encode()


class Expiring:
    """A subscription: .notifier.timeout(it) is called at its end."""

    timer = None

    def extend(self, expires):
        if self.timer:
            self.timer.cancel()
        self.expires_at = time.monotonic() + expires
        self.timer = asyncio.get_running_loop().call_later(
            expires, self.notifier.timeout, self)

    def left(self):
        return max(0, round(self.expires_at - time.monotonic()))


class Subscription(Expiring):
    """One dialog created by SUBSCRIBE."""

    def __init__(self, notifier, req, account, expires):
        self.notifier, self.account = notifier, account
        self.call_id = req.get('Call-ID')
        self.remote, self.local = req.get('From'), req.get('To')
        self.tag = secrets.token_hex(4)
        self.target = req.addr('Contact').uri
        self.cseq, self.version, self.state = 0, 0, 'active'
        self.acked = None
        self.last_binding = account.binding
        self.extend(expires)


class Notifier:
    def __init__(self, scscf, options, checker):
        self.scscf, self.options, self.checker = scscf, options, checker
        self.subs, self.foreign = {}, False

    # SUBSCRIBE

    def subscribe(self, req, reply, account):
        """True when the request was for this package."""
        tag = req.addr('To').params.get('tag')
        if tag:
            return self._refresh(req, reply, tag)
        event = (req.get('Event') or '').split(';')[0].strip()
        if event != 'reg':
            return False
        if account is None:
            reply(req.answer(403, tag='none'))
            return True
        self.checker.subscribe(req, account)
        expires = req.number('Expires', 3761)       # RFC 3680 s4.4
        if self.options.sub_grant:
            expires = min(expires, self.options.sub_grant)
        sub = Subscription(self, req, account, expires)
        self.subs[(sub.call_id, sub.tag)] = sub
        account.subscriptions.append(sub)
        action = req.action.name
        if action == 'notify-first':
            # RFC 6665 s4.1.2.4: the NOTIFY may overtake the answer
            self.full(sub)
        reply(self._accept(req, sub, expires))
        if action not in ('notify-first', 'no-notify'):
            self.full(sub)
        return True

    def _accept(self, req, sub, expires):
        resp = req.answer(200, tag=sub.tag)
        resp.add('Contact', '<%s>' % self.scscf.uri)
        return resp.add('Expires', expires)

    def _refresh(self, req, reply, tag):
        sub = self.subs.get((req.get('Call-ID'), tag))
        if not sub:
            reply(req.answer(481))
            return True
        self.checker.need(req.uri == self.scscf.uri, req,
                          'RFC 3261 s12.2.1.1', 'Request-URI %s' % req.uri)
        self.checker.contact(req, sub.account)
        expires = req.number('Expires', 3761)
        if self.options.sub_grant:
            expires = min(expires, self.options.sub_grant)
        sub.target = req.addr('Contact').uri
        reply(self._accept(req, sub, expires))
        if expires == 0:
            self.end(sub, 'timeout')
        else:
            sub.extend(expires)
            self.full(sub)
        return True

    def timeout(self, sub):
        self.checker.complain(None, 'TS 24.229 s5.1.1.3',
                              'a reg subscription ran out')
        self.end(sub, 'timeout')

    # documents

    def _own(self, account, event, **kw):
        binding = account.binding
        if event == 'refreshed' and not binding:
            event = 'registered'
        return Contact(
            str(binding.contact.uri), event,
            kw.get('expires', None if event in ENDING else binding.left()),
            kw.get('retry_after'), binding.params, binding.pub_gruu,
            (binding.temp_gruu, binding.first_cseq))

    def document(self, sub, full, event, state='active', form='with', **kw):
        """One registration element for each identity of the set."""
        account, regs = sub.account, []
        for i, aor in enumerate(account.sub.impus):
            contacts = []
            if account.binding and form != 'without':
                name = event
                if event == 'registered' and aor != account.binding.impu:
                    name = 'created'    # RFC 3680 s3.4: implicitly
                contacts.append(('c%d' % i, self._own(account, name, **kw)))
            if self.foreign:
                # another device of the same user: none of our business
                contacts.insert(0, ('f%d' % i, Contact(
                    'sip:10.1.1.1:5999', 'rejected')))
            regs.append((aor, 'r%d' % i, state, contacts))
        doc = reginfo(sub.version, full, regs)
        sub.version += 1
        return doc

    def full(self, sub, event='registered'):
        if sub.account.binding:
            self.send(sub, self.document(sub, True, event))
        else:
            self.send(sub, self.document(sub, True, event, 'terminated',
                                         'without'))

    def changed(self, account, event):
        """After a REGISTER: every watcher learns of it."""
        for sub in list(account.subscriptions):
            self.send(sub, self.document(
                sub, not self.options.partial, event))

    def shorten(self, account, seconds):
        """TS 24.229 s5.4.1.6: network-initiated re-authentication."""
        account.binding.shortened = True
        self.scscf.set_expiry(account, seconds)
        for sub in list(account.subscriptions):
            self.send(sub, self.document(
                sub, not self.options.partial, 'shortened',
                expires=seconds))

    def ended(self, account, event, form='with', retry_after=None,
              substate='terminated'):
        """TS 24.229 s5.4.1.5.  form: with (contact elements), without, or
        contact-only (the registration itself stays active)."""
        for sub in list(account.subscriptions):
            state = 'active' if form == 'contact-only' else 'terminated'
            doc = self.document(sub, not self.options.partial, event, state,
                                form, retry_after=retry_after)
            if substate == 'active':
                self.send(sub, doc)
            else:
                self.end(sub, 'noresource', doc=doc)

    def end(self, sub, reason, retry_after=None, doc=None):
        """RFC 6665 s4.1.3: the last NOTIFY of a subscription."""
        sub.state = 'terminated;reason=' + reason
        if retry_after is not None:
            sub.state += ';retry-after=%d' % retry_after
        if doc is None:
            doc = self.document(
                sub, True, 'registered', 'active' if sub.account.binding
                else 'terminated')
        self.send(sub, doc)
        self.drop(sub)

    def drop(self, sub):
        sub.timer.cancel()
        self.subs.pop((sub.call_id, sub.tag), None)
        if sub in sub.account.subscriptions:
            sub.account.subscriptions.remove(sub)

    def send(self, sub, doc, skip=0):
        # the last NOTIFY goes where the contact was
        binding = sub.account.binding or sub.last_binding
        sub.last_binding = binding
        req = sip.Message('NOTIFY', str(sub.target))
        sub.cseq += 1
        state = sub.state
        if state == 'active':
            state += ';expires=%d' % sub.left()
        for name, value in (
                ('Max-Forwards', 70),
                ('From', '%s;tag=%s' % (sub.local, sub.tag)),
                ('To', sub.remote), ('Call-ID', sub.call_id),
                ('CSeq', '%d NOTIFY' % sub.cseq), ('Event', 'reg'),
                ('Subscription-State', state),
                ('Contact', '<%s>' % self.scscf.uri),
                ('Content-Type', 'application/reginfo+xml')):
            req.add(name, value)
        req.body = doc
        binding.pcscf.send_down(
            req, binding, lambda resp: self._answered(sub, req, resp))

    def _answered(self, sub, req, resp):
        sub.acked = resp.status if resp else 0
        if resp is not None and resp.status == 481:
            self.drop(sub)              # RFC 6665 s4.2.2
        self.checker.need(resp is None or resp.status == 200 or
                          sub not in self.subs.values(), req,
                          'TS 24.229 s5.1.1.3', 'NOTIFY answered %s' %
                          (resp and resp.status))
