"""Control lines of the conference server and the MSRP switch."""
import shlex

from . import confevent, sip


class Commands:
    """Tried after control.Commands."""

    def __init__(self, box):
        self.box = box

    def _conf(self, text):
        """By URI or by the name before the @; `-`: the last one."""
        confs = {}
        for server in self.box.core.servers:
            confs.update(server.conferences)
        if text == '-' and confs:
            return list(confs.values())[-1]
        for uri, conf in confs.items():
            if text in (uri, sip.Uri.parse(uri).user):
                return conf
        raise ValueError('no conference %s' % text)

    def _user(self, conf, text):
        for user in conf.users.values():
            if text in (user.uri, sip.Uri.parse(user.uri).user):
                return user
        raise ValueError('no user %s' % text)

    def do_conf(self, text):
        """conf new [NAME [USER...]] | end C | add C USER | drop C USER |
        invite C USER | hold C USER on|off | notify C FORM |
        end-subscriptions C REASON [S] | say C USER TEXT [TO] | users C"""
        words = shlex.split(text)
        if not words:
            return [{'uri': c.uri, 'users': {
                u.uri: u.status for u in c.users.values()},
                'subscriptions': len(c.notifier.subs), 'ended': c.ended}
                for c in self.box.conf.conferences.values()]
        what, args = words[0], words[1:]
        if what == 'new':
            conf = self.box.conf.new(args[0] if args else None)
            for uri in args[1:]:
                conf.join_robot(uri)
            return conf.uri
        conf = self._conf(args[0])
        func = getattr(self, 'conf_' + what.replace('-', '_'), None)
        if not func:
            raise ValueError('no such thing: conf %s' % what)
        return func(conf, *args[1:])

    def conf_end(self, conf):
        conf.end()

    def conf_users(self, conf):
        return {u.uri: u.status for u in conf.users.values()}

    def conf_add(self, conf, uri, display=''):
        conf.join_robot(uri, display)

    def conf_drop(self, conf, name):
        conf.remove(self._user(conf, name).uri)

    def conf_invite(self, conf, uri, by=None):
        conf.invite(uri, by=by)

    def conf_hold(self, conf, name, on):
        conf.hold(self._user(conf, name).uri, on == 'on')

    def conf_notify(self, conf, form):
        if form not in confevent.FORMS:
            raise ValueError('no such form: %s' % form)
        conf.notifier.odd(form)

    def conf_end_subscriptions(self, conf, reason, seconds=None):
        for sub in list(conf.notifier.subs):
            conf.notifier.end(sub, reason, seconds and int(seconds))

    def conf_forget_subscriptions(self, conf):
        for sub in list(conf.notifier.subs):
            conf.notifier.drop(sub)

    def conf_say(self, conf, name, text, to=None):
        conf.room.say(self._user(conf, name).uri, text,
                      to and self._user(conf, to).uri)

    def conf_heard(self, conf):
        return [(u, t, b.decode('utf-8', 'replace'))
                for u, t, b in conf.room.heard]

    def do_poc(self, text):
        """poc NAME [USER...]: a PoC session; its URI"""
        words = shlex.split(text)
        return self.box.poc.session(*words).uri

    def do_peer(self, text):
        """peer call IMPI NAME [file SIZE]: an INVITE to the UE; peer: how
        the calls stand"""
        words = shlex.split(text)
        if not words:
            return [{'uri': p.uri, 'state': p.state, 'messages': [
                m.body.decode('utf-8', 'replace') for m in p.messages],
                'files': [len(f) for f in p.files]}
                for p in self.box.peers.peers]
        account = self.box.scscf.account(words[1])
        if words[0] != 'call' or not account or not account.binding:
            raise ValueError('peer call IMPI NAME [file SIZE]')
        content = bytes(i * 7 & 255 for i in range(int(words[4]))) \
            if words[3:4] == ['file'] else None
        self.box.peers.call(account, words[2], content)
        return None

    def do_msrp(self, text):
        """msrp [at METHOD[:N] ACTION... | rules [clear] | close | pieces N |
        set NAME VALUE]; alone: the sessions"""
        words = text.split(None, 1)
        switch = self.box.msrp
        if not words:
            return [{'label': s.label, 'own': s.own, 'peer': s.peer,
                     'connected': bool(s.conn)}
                    for s in switch.sessions.values()]
        what, rest = words[0], words[1] if len(words) > 1 else ''
        if what == 'at':
            switch.rules.add(rest)
        elif what == 'rules':
            if rest == 'clear':
                switch.rules.clear()
            return [r.text for r in switch.rules.rules]
        elif what == 'close':
            for conn in list(switch.connections):
                conn.close()
        elif what == 'pieces':
            switch.pieces = int(rest)
        elif what == 'set':
            name, _, value = rest.partition(' ')
            if name not in ('accept_types', 'wrapped_types', 'max_size',
                            'cema', 'no_reports'):
                raise ValueError('no such option: %s' % name)
            kind = type(getattr(switch, name))
            setattr(switch, name, value == 'on' if kind is bool
                    else kind(value))
        else:
            raise ValueError('no such thing: msrp %s' % what)
        return None
