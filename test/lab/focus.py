"""The conference server: factory, focus, notification service and MSRP switch
(TS 24.147 clauses 5.3.2, 5.3.3; TS 24.247 clauses 7.3.2, 7.3.3; RFC 4579).

Users whose name begins with robot, busy or nobody live in the server: the
first join, the others refuse (486, 404). All others are subscribers.
"""
import asyncio
import secrets

from . import (confevent, digest, leg, msrp_switch, referral, sdp as sdps,
               sip)


def in_soon(seconds, func, *args):
    return asyncio.get_running_loop().call_later(seconds, func, *args)


class Participant(confevent.User):
    """A user of the conference with its dialog, or one of the server."""

    def __init__(self, uri, display='', joining='dialed-in'):
        super().__init__(uri, display, joining)
        self.leg, self.session, self.direction = None, None, 'sendrecv'


class Conference:
    """Owner of the legs of one conference."""

    def __init__(self, server, uri, creator=None):
        self.server, self.uri, self.creator = server, uri, creator
        self.contact = '<%s>;isfocus' % uri
        self.users, self.subject, self.ended = {}, None, False
        self.room = msrp_switch.Room(server.checker, uri)
        self.room.on_nick = self._renamed
        self.notifier = confevent.Notifier(server, self)
        self.referrals, self.legs = [], {}

    def entity_for(self, sub):
        return self.uri

    # users

    def _robot(self, uri):
        return sip.Uri.parse(uri).user or ''

    def join_robot(self, uri, display='', joining='dialed-in', by=None):
        user = self.users[uri] = Participant(uri, display or self._robot(
            uri), joining)
        user.status, user.by = 'connected', by
        user.media = [('1', 'message', 'sendrecv')]
        self.room.members[uri] = None
        self.notifier.changed(user)
        return user

    def _user(self, uri, account, joining):
        user = self.users.get(uri)
        if not user or user.status == 'disconnected':
            user = self.users[uri] = Participant(uri, '', joining)
        if account and account.binding:
            user.endpoint = str(account.binding.contact.uri)
        return user

    def _renamed(self, uri):
        user = self.users.get(uri)
        if user:
            user.nick = self.room.nicks.get(uri)
            self.notifier.changed(user)

    def _gone(self, user, how, by=None):
        """TS 24.147 5.3.2.6: out of the conference."""
        user.status, user.disconnection, user.by = 'disconnected', how, by
        user.media = []
        self.room.members.pop(user.uri, None)
        self.room.nicks.pop(user.uri, None)
        if user.session:
            user.session.close()
            user.session = None
        user.leg = None
        self.notifier.changed(user)
        self.users.pop(user.uri, None)

    # legs: their owner

    def dialed_in(self, req, reply, account):
        """An INVITE to the conference URI or, through the factory, to a
        new one (TS 24.147 5.3.2.3.1, 5.3.2.4.1)."""
        if self.ended:
            return reply(req.answer(404, tag='conf'))
        uri = account.sub.impus[0]
        replaced = self._replaced(req, reply)
        if replaced is False:
            return None
        user = self._user(uri, account, 'dialed-in')
        one = leg.Leg(self.server, self, account, None, self.contact)
        if user.leg and replaced is None:
            self.legs.pop(user.leg, None)
            user.leg.bye()
        user.leg, self.legs[one] = one, user
        user.invited = self.server.checks.recipients(req)
        if replaced:
            self.legs.pop(replaced, None)
            replaced.bye('SIP;cause=200;text="replaced"')
        one.incoming(req, reply, self.server.answer_headers(account))
        return one

    def _replaced(self, req, reply):
        """RFC 3891 s3: the leg an INVITE replaces; None: none; False:
        refused."""
        text = req.get('Replaces')
        if not text:
            return None
        call_id, _, rest = text.partition(';')
        params = sip.parse_params(';' + rest)
        for one in self.legs:
            if one.call_id == call_id.strip() and \
                    one.tag == params.get('to-tag') and \
                    one.remote_tag == params.get('from-tag'):
                return one
        reply(req.answer(481, tag='conf'))
        return False

    def invite(self, uri, referral_=None, by=None, headers=()):
        """TS 24.147 5.3.2.5.3: a user is invited; tells how it went."""
        def tell(line):
            if referral_:
                referral_.tell(line)

        parsed = sip.Uri.parse(uri)
        name = parsed.user or ''
        if name.startswith('busy') or name.startswith('nobody'):
            user = self._user(uri, None, 'dialed-out')
            user.status = 'alerting'
            self.notifier.changed(user)
            busy = name.startswith('busy')
            in_soon(0.05, self._gone, user, 'busy' if busy else 'failed')
            return in_soon(0.05, tell, '486 Busy Here' if busy
                           else '404 Not Found')
        if name.startswith('robot'):
            in_soon(0.05, self.join_robot, uri, '', 'dialed-out', by)
            return in_soon(0.1, tell, '200 OK')
        account = self.server.core.account_of(parsed)
        if not account or not account.binding:
            return in_soon(0.02, tell, '480 Temporarily Unavailable'
                           if account else '404 Not Found')
        user = self._user(uri, account, 'dialed-out')
        user.by, user.status = by, 'dialing-out'
        one = leg.Leg(self.server, self, account, '<%s>' % self.uri,
                      self.contact)
        user.leg, self.legs[one] = one, user
        user.tell = tell
        self.notifier.changed(user)
        # TS 24.247 7.3.2.5.3: items 2 to 4
        return one.invite(uri, [
            ('P-Asserted-Identity', '<%s>' % self.uri),
            ('Allow-Events', 'conference, refer')] +
            ([('Referred-By', '<%s>' % by)] if by else []) + list(headers))

    def offer(self, one):
        """Audio, message or both, as the server is told."""
        user = self.legs[one]
        out = self.server.new_sdp()
        for kind in self.server.options.conf_media.split('+'):
            if kind == 'message':
                user.session = user.session or self.server.switch_session(
                    self.room, user.uri)
                out.media.append(user.session.media(
                    self.server.options.conf_setup,
                    self.room.tokens if self.server.options.conf_chatroom
                    else None))
            else:
                out.media.append(self._audio(user.direction))
        return out

    def _audio(self, direction, formats=('0', '8')):
        media = sdps.Media('audio', self.server.rtp_port, 'RTP/AVP',
                           list(formats))
        return media.add(direction)

    def answer(self, one, offer):
        """RFC 3264 s6, RFC 4975 s8, RFC 6135 s4.2.2, RFC 7701 s8."""
        user = self.legs[one]
        out = self.server.new_sdp()
        for theirs in offer.media:
            out.media.append(self._answer_one(user, offer, theirs))
        if not any(m.port for m in out.media):
            return None
        return out

    def _answer_one(self, user, offer, theirs):
        wanted = self.server.options.conf_accept.split('+')
        if theirs.kind == 'message' and theirs.port and \
                'message' in wanted and \
                theirs.proto == self.server.switch.proto:
            user.session = user.session or self.server.switch_session(
                self.room, user.uri)
            setup = {'active': 'passive', 'passive': 'active'}.get(
                theirs.get('setup'), self.server.options.conf_answer)
            chat = None
            if self.server.options.conf_chatroom and \
                    theirs.has('chatroom'):
                chat = self.room.tokens
            if setup == 'passive':
                # its first SEND may come before the ACK
                user.session.agreed(theirs, False)
            return user.session.media(setup, chat)
        if theirs.kind == 'audio' and theirs.port and 'audio' in wanted:
            known = [f for f in theirs.formats if f in ('0', '8')] or \
                theirs.formats[:1]
            media = self._audio(sdps.REVERSED[offer.direction(theirs)]
                                if user.direction == 'sendrecv' else
                                user.direction, known)
            for value in theirs.values('rtpmap'):
                if value.split()[0] in known:
                    media.attrs.insert(0, ('rtpmap', value))
            return media
        return sdps.Media(theirs.kind, 0, theirs.proto, theirs.formats)

    def described(self, one, theirs):
        user = self.legs.get(one)
        if not user:
            return
        user.media, held = [], False
        for i, media in enumerate(theirs.media):
            if not media.port:
                continue
            direction = theirs.direction(media)
            held = held or direction in ('sendonly', 'inactive')
            user.media.append((str(i + 1), media.kind, direction))
            if media.kind == 'message' and user.session:
                ours = one.ours.media[i]
                user.session.agreed(media, ours.get('setup') == 'active')
                # RFC 7701 s8: both have to say so
                if not ours.has('chatroom'):
                    user.session.chatroom = None
                self.room.members[user.uri] = user.session
        status = 'on-hold' if held else 'connected'
        if user.status not in ('pending', 'dialing-out', 'alerting') and \
                status != user.status:
            user.status = status
            self.notifier.changed(user)

    def established(self, one):
        user = self.legs.get(one)
        if not user:
            return
        user.status = 'connected'
        self.notifier.changed(user)
        if hasattr(user, 'tell'):
            user.tell('200 OK')
        for uri, _ in getattr(user, 'invited', []):
            # RFC 5366 s5: the users of the list
            self.invite(uri, by=user.uri)
        self.server.joined(self, user)

    def gone_leg(self, one, why):
        user = self.legs.pop(one, None)
        if not user or user.leg is not one:
            return
        if why.startswith('refused') and hasattr(user, 'tell'):
            code = why.split()[-1]
            user.tell('%s %s' % (code, sip.REASONS.get(
                int(code), 'Refused')))
        how = {'left': 'departed', 'removed': 'booted'}.get(why, 'failed')
        self._gone(user, how, getattr(user, 'removed_by', None))
        self.server.departed(self, user)

    def within(self, one, req, reply):
        if req.method == 'REFER':
            self.refer(req, reply, one.account, one)
            return True
        if req.method == 'SUBSCRIBE':
            self.notifier.subscribe(req, reply, one.account)
            return True
        if req.method == 'INFO':
            reply(req.answer(200, tag=one.tag))
            return True
        return False

    # REFER (TS 24.147 5.3.2.5.2, 5.3.2.6.2.2)

    def refer(self, req, reply, account, one=None):
        self.server.checks.refer(req, account)
        try:
            target = referral.ReferTo(req.get('Refer-To', ''))
        except (sip.SipError, TypeError):
            return reply(req.answer(400, tag='refer'))
        if self.server.options.conf_refer >= 300:
            return reply(req.answer(self.server.options.conf_refer,
                                    tag='refer'))
        ref = referral.Referral(self.server, req, account, self.contact,
                                one)
        self.referrals.append(ref)
        ref.accept(reply, self.server.options.conf_refer)
        by = req.get('Referred-By')
        by = str(sip.NameAddr.parse(by).uri) if by else account.sub.impus[0]
        if target.cid:
            for uri, _ in self.server.checks.recipients(req):
                self.ask(referral.ReferTo('<%s>' % uri), ref, by)
            return None
        return self.ask(target, ref, by)

    def ask(self, target, ref, by):
        """What a Refer-To asks for, of users and of the conference."""
        uri = str(target.uri)
        if target.method == 'BYE' or target.action == 'remove':
            return self.remove(uri, ref, by)
        if target.action in ('hold', 'resume'):
            return self.hold(uri, target.action == 'hold', ref)
        if target.method != 'INVITE':
            return ref.tell('405 Method Not Allowed')
        headers = [('Replaces', target.replaces)] if target.replaces else []
        return self.invite(uri, ref, by, headers)

    def remove(self, uri, ref=None, by=None):
        """RFC 4579 s5.11: a user; the conference URI: all."""
        tell = ref.tell if ref else lambda line: None
        if sip.Uri.parse(uri).same(sip.Uri.parse(self.uri)):
            in_soon(0.05, self.end)
            return in_soon(0.02, tell, '200 OK')
        user = self.find(uri)
        if not user:
            return in_soon(0.02, tell, '404 Not Found')
        user.removed_by = by
        if user.leg:
            user.leg.bye()
        else:
            self._gone(user, 'booted', by)
        return in_soon(0.1, tell, '200 OK')

    def find(self, uri):
        for user in self.users.values():
            if uri in (user.uri, user.endpoint):
                return user
        account = self.server.core.account_of(sip.Uri.parse(uri))
        for user in self.users.values():
            if account and user.uri in account.sub.impus:
                return user
        return None

    def hold(self, uri, on, ref=None):
        """draft-ranjit 6.3, 6.4: an INVITE with a=recvonly or sendrecv
        (the UE's side of it)."""
        user, tell = self.find(uri), ref.tell if ref else lambda line: None
        if not user:
            return in_soon(0.02, tell, '404 Not Found')
        user.direction = self.server.options.conf_hold if on else 'sendrecv'

        def done(good):
            if good:
                user.status = 'on-hold' if on else 'connected'
                self.notifier.changed(user)
            tell('200 OK' if good else '488 Not Acceptable Here')

        if user.leg and user.leg.state != 'confirmed':
            return in_soon(0.02, done, False)
        if user.leg:
            return user.leg.hold(user.direction, done)
        return in_soon(0.02, done, True)

    def end(self):
        """TS 24.147 5.3.2.7: everybody out, subscriptions over."""
        self.ended = True
        for user in list(self.users.values()):
            if user.leg:
                user.leg.bye()
            else:
                self._gone(user, 'departed')
        in_soon(0.3, self._over)

    def _over(self):
        for sub in list(self.notifier.subs):
            self.notifier.end(sub, 'noresource')

    def stop(self):
        for sub in self.notifier.subs:
            sub.timer.cancel()
        for one in list(self.legs):
            one.stop()


class ConfServer:
    """An application server behind the core: conferences of one host."""

    def __init__(self, box, switch):
        self.box, self.switch, self.core = box, switch, box.core
        self.options, self.checker = box.options, box.checker
        self.checks = box.session_checks
        self.domain = 'conf.%s' % box.hss.home
        self.factory = 'sip:mmtel@conf-factory.%s' % box.hss.home
        self.conferences, self.legs, self.count = {}, [], 0
        self.rtp_port, self.nonce = 40000, None
        box.core.servers.append(self)

    # for Conference and Leg

    def new_sdp(self):
        return sdps.Sdp(self.switch.host, secrets.randbelow(1 << 31), 1)

    def switch_session(self, room, label):
        return msrp_switch.Session(self.switch, room, label)

    def answer_headers(self, account):
        """TS 24.247 A.5.1-12."""
        return [('P-Asserted-Identity', '"Conference Server" <sip:mrfc1.%s>'
                 % self.box.hss.home),
                ('Allow-Events', 'conference, refer')]

    def joined(self, conf, user):
        pass

    def departed(self, conf, user):
        """TS 24.147 5.3.3.3, 34.229-1 15.17: the subscription of one who
        has left ends too, unless it waits for the UE."""
        if not self.options.conf_sub_ends:
            return
        for sub in list(conf.notifier.subs):
            if user.uri in sub.account.sub.impus:
                in_soon(0.2, conf.notifier.end, sub, 'noresource')

    # conferences

    def new(self, name=None, creator=None, cls=Conference):
        self.count += 1
        uri = 'sip:%s@%s' % (name or 'conference%d' % self.count,
                             self.domain)
        conf = self.conferences[uri] = cls(self, uri, creator)
        return conf

    def find(self, uri):
        for conf in self.conferences.values():
            if sip.Uri.parse(conf.uri).same(uri):
                return conf
        return None

    # requests

    def request(self, req, reply, account):
        for one in self.legs:
            if one.matches(req):
                one.request(req, reply)
                return True
        uri = sip.Uri.parse(req.uri)
        if uri.same(sip.Uri.parse(self.factory)):
            return self._factory(req, reply, account)
        conf = self.find(uri)
        if not conf:
            if uri.host != self.domain:
                return False
            if reply:
                reply(req.answer(404, tag='conf'))
            return True
        return self._at(conf, req, reply, account)

    def _factory(self, req, reply, account):
        """A request to the URI that makes conferences."""
        if req.method != 'INVITE' or req.addr('To').params.get('tag'):
            if reply:
                reply(req.answer(405 if req.method != 'INVITE' else 481,
                                 tag='factory').add('Allow', 'INVITE'))
            return True
        self.checks.invite(req, account)
        conf = self.new(creator=account.sub.impus[0])
        conf.dialed_in(req, reply, account)
        return True

    def _authentic(self, req, reply, account):
        """RFC 3261 s22.3, with the password of the subscriber."""
        if not self.options.conf_challenge:
            return True
        text = req.get('Proxy-Authorization')
        auth = sip.parse_auth(text)[1] if text else {}
        if text and auth.get('nonce') == self.nonce:
            good = digest.good(auth, 'SHA-256', account.sub.password,
                               'INVITE')
            if not good:
                reply(req.answer(403, tag='conf'))
            return good
        self.nonce = secrets.token_hex(8)
        reply(req.answer(407, tag='conf').add(
            'Proxy-Authenticate', 'Digest realm="%s", nonce="%s", '
            'qop="auth", algorithm=SHA-256' % (account.sub.home,
                                               self.nonce)))
        return False

    def _at(self, conf, req, reply, account):
        if reply is None:
            return False
        method = req.method
        if method == 'SUBSCRIBE':
            conf.notifier.subscribe(req, reply, account)
        elif req.addr('To').params.get('tag'):
            reply(req.answer(481))
        elif method == 'INVITE':
            self.checks.invite(req, account)
            if self.options.conf_refuse:
                resp = req.answer(self.options.conf_refuse, tag='conf')
                if resp.status < 400:
                    resp.add('Contact', '<sip:moved@%s>;q=0.5, '
                             '<tel:+15550123>' % self.domain)
                reply(resp)
            elif self._authentic(req, reply, account):
                conf.dialed_in(req, reply, account)
        elif method == 'REFER':
            conf.refer(req, reply, account)
        else:
            reply(req.answer(405, tag='conf').add('Allow', leg.ALLOW))
        return True

    def stop(self):
        for conf in self.conferences.values():
            conf.stop()
