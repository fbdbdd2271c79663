"""OMA PoC, participating and controlling role (the contribution on release
scenarios for the pre-established session): REFER with method=BYE, the
pre-established session stays.

sip:pre-established@DOMAIN takes the INVITE of a pre-established session; its
200 names the conference URI of that session. A REFER to it begins or leaves
a PoC session; a REFER to the PoC session releases it.
"""
from . import confevent, referral
from .focus import Conference, ConfServer, in_soon


class PocSession(Conference):
    """The controlling role; users with a pre-established session have no
    dialog here."""

    def __init__(self, server, uri, creator=None):
        super().__init__(server, uri, creator)
        self.pres = {}              # user URI to its pre-established session

    def enter(self, pre):
        """The user of a pre-established session, without an INVITE."""
        uri = pre.owner_uri
        user = self._user(uri, pre.account, 'dialed-in')
        user.status, user.media = 'connected', [('1', 'audio', 'sendrecv')]
        self.pres[uri], pre.poc = pre, self
        self.tell(user)

    def tell(self, *users):
        self.notifier.changed(*users)
        for pre in self.pres.values():
            pre.notifier.changed(*users)

    def leave(self, uri, how='departed', by=None):
        """The BYE between the servers."""
        user, pre = self.users.get(uri), self.pres.get(uri)
        if not user:
            return False
        user.status, user.disconnection, user.by = 'disconnected', how, by
        self.tell(user)
        self.users.pop(uri, None)
        self.room.members.pop(uri, None)
        if user.leg:
            self.legs.pop(user.leg, None)
            user.leg.bye()
        if pre:
            self.pres.pop(uri)
            pre.poc = None
        return True

    def join_robot(self, uri, *args, **kw):
        user = super().join_robot(uri, *args, **kw)
        for pre in self.pres.values():
            pre.notifier.changed(user)
        return user

    def release(self):
        """Figure 2, steps 4 to 9: BYE to the servers of all users."""
        for uri in list(self.users):
            self.leave(uri, 'booted')
        self.ended = True

    def refer(self, req, reply, account, one=None):
        """Figure 2: the REFER is answered when all have been released."""
        self.server.checks.refer(req, account)
        target = referral.ReferTo(req.get('Refer-To', ''))
        ref = referral.Referral(self.server, req, account, self.contact,
                                one)
        asked = [referral.ReferTo('<%s>' % u) for u, _ in
                 self.server.checks.recipients(req)] if target.cid \
            else [target]
        if any(a.method != 'BYE' for a in asked):
            ref.accept(reply)
            for one_of in asked:
                self.ask(one_of, ref, account.sub.impus[0])
            return None
        uris = [str(a.uri) for a in asked]
        known = [u for u in uris if u in self.users or u == self.uri]
        # users who are all of them, a list, or the group itself
        self.release()
        ref.accept(reply, self.server.options.conf_refer, trying=False)
        # Figure 2, step 13: from the participating server, one NOTIFY
        return ref.tell('200 OK' if known else '404 Not Found')


class PreEstablished(Conference):
    """The participating role: one user, at most one PoC session."""

    poc, account, owner_uri = None, None, None

    def dialed_in(self, req, reply, account):
        self.account, self.owner_uri = account, account.sub.impus[0]
        return super().dialed_in(req, reply, account)

    # 9.X.3: what is told is the PoC session

    def entity_for(self, sub):
        return self.poc.uri if self.poc else self.uri

    def _gone(self, user, how, by=None):
        if self.poc:
            self.poc.leave(self.owner_uri)
        super()._gone(user, how, by)

    def refer(self, req, reply, account, one=None):
        self.server.checks.refer(req, account)
        target = referral.ReferTo(req.get('Refer-To', ''))
        ref = referral.Referral(self.server, req, account, self.contact,
                                one)
        self.referrals.append(ref)
        ref.accept(reply, self.server.options.conf_refer, trying=False)
        uri = str(target.uri) if target.uri else None
        poc = self.server.find(target.uri) if target.uri else None
        if target.method == 'BYE':
            # Figure 1, steps 2 to 8
            good = poc is not None and poc is self.poc and \
                poc.leave(self.owner_uri)
            return in_soon(0.05, ref.tell, '200 OK' if good
                           else '481 Call/Transaction Does Not Exist')
        if not isinstance(poc, PocSession):
            poc = self.server.new('poc%d' % (self.server.count + 1),
                                  self.owner_uri, PocSession)
            invited = [uri] if uri else [
                u for u, _ in self.server.checks.recipients(req)]
            for who in invited:
                poc.invite(who, by=self.owner_uri)
        poc.enter(self)
        return in_soon(0.05, ref.tell, '200 OK')


class PocNotifier(confevent.Notifier):
    """Of a pre-established session: the users of its PoC session."""

    def everybody(self):
        users = self.conf.poc.users if self.conf.poc else {}
        return [(u, 'full') for u in users.values()]

    def count(self):
        return len(self.everybody())

    def changed(self, *users):
        # partial documents would mix two conferences: always all of it
        for sub in list(self.subs):
            self.full(sub)


class PocServer(ConfServer):
    def __init__(self, box, switch):
        super().__init__(box, switch)
        self.domain = 'poc.%s' % box.hss.home
        self.factory = 'sip:pre-established@' + self.domain

    def _factory(self, req, reply, account):
        if req.method != 'INVITE':
            if reply:
                reply(req.answer(405, tag='poc').add('Allow', 'INVITE'))
            return True
        self.checks.invite(req, account)
        pre = self.new('pre%d' % (self.count + 1), cls=PreEstablished)
        pre.notifier = PocNotifier(self, pre)
        pre.dialed_in(req, reply, account)
        return True

    def session(self, name, *robots):
        """A PoC session with users of the server."""
        poc = self.new(name, cls=PocSession)
        for uri in robots:
            poc.join_robot(uri)
        return poc
