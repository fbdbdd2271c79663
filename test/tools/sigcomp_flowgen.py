#!/usr/bin/python3
"""Write a SIP flow of one IMS UE for measuring compression.

usage: sigcomp_flowgen.py SEED FOLDER

Everything that could differ between two networks or handsets is drawn from
SEED: names, numbers, address family, header order, identifier styles and the
order of services. Files are NNN-up-WHAT.sip (from the UE) and
NNN-down-WHAT.sip. Messages follow RFC 3261 and TS 24.229 in form.
"""
import os
import random
import sys

B62 = ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
       "0123456789")
HEX = "0123456789abcdef"
DIGITS = "0123456789"


class Flow:
    """State of the flow while it is written."""

    def __init__(self, seed):
        r = self.r = random.Random(seed)
        self.out = []
        self.home = r.choice([
            "ims.mnc%03d.mcc%03d.3gppnetwork.org" %
            (r.randrange(1, 99), r.randrange(202, 750)),
            "%s.example.%s" % (r.choice(["voice", "north", "lumen", "core"]),
                               r.choice(["com", "org", "net"])),
            "%s%d.net" % (r.choice(["operator", "telco", "home"]),
                          r.randrange(2, 40))])
        self.v6 = r.random() < 0.6
        if self.v6:
            self.addr = "[2001:db8:%x:%x::%x]" % (
                r.randrange(65536), r.randrange(65536), r.randrange(65536))
        else:
            self.addr = "10.%d.%d.%d" % (
                r.randrange(256), r.randrange(256), r.randrange(1, 255))
        self.tr = r.choice(["UDP", "UDP", "TCP"])
        self.port = r.randrange(1100, 60000)
        self.pport = r.randrange(1100, 60000)
        self.uuid = self.mkuuid()
        self.scid = self.uuid if r.random() < 0.5 else self.mkuuid()
        self.use_scid = r.random() < 0.6
        first = r.choice(["Ada", "Ines", "Tomas", "Yuki", "Maria", "Olav",
                          "Priya", "Karim", "Lena", "Hugo"])
        last = r.choice(["Keller", "Moreau", "Santos", "Berg", "Tanaka",
                         "Novak", "Rossi", "Okafor", "Lind", "Varga"])
        self.name = "%s %s" % (first, last)
        self.msisdn = "+%d" % r.randrange(10**10, 10**12)
        self.user = r.choice([self.msisdn, (first + "." + last).lower(),
                              first.lower() + str(r.randrange(100))])
        self.impu = "sip:%s@%s" % (self.user, self.home)
        self.impi = "%d@%s" % (r.randrange(10**14, 10**15), self.home)
        self.ua = r.choice(["TestPhone/%d.%d", "mobile-ua %d.%d",
                            "SoftUE %d.%d.1"]) % (r.randrange(9),
                                                  r.randrange(20))
        self.pcscf = r.choice(["pcscf%d.%s", "p%d-sbc.%s",
                               "edge%d.%s"]) % (r.randrange(9), self.home)
        self.scscf = r.choice(["scscf%d.%s", "s-cscf-%d.%s",
                               "ims-core%d.%s"]) % (r.randrange(9), self.home)
        self.asrv = r.choice(["as%d.%s", "mmtel%d.%s"]) % (
            r.randrange(9), self.home)
        self.mrf = r.choice(["mrfc%d.%s", "conf%d.%s", "focus-%d.%s"]) % (
            r.randrange(9), self.home)
        self.access = r.choice([
            "3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=" + self.rnd(HEX, 13),
            "3GPP-E-UTRAN-TDD;utran-cell-id-3gpp=" + self.rnd(HEX, 13).upper(),
            "3GPP-UTRAN-FDD; utran-cell-id-3gpp=" + self.rnd(HEX, 12),
            "IEEE-802.11;i-wlan-node-id=" + self.rnd(HEX, 12)])
        self.order = r.randrange(1000)
        self.tagstyle = r.choice(["dec", "hex", "b62"])
        self.branchlen = r.choice([8, 10, 12, 16])
        self.branchset = r.choice([B62, HEX, B62, DIGITS])
        self.cidstyle = r.randrange(4)
        self.spi = "spi-c=%d; spi-s=%d; port-c=%d; port-s=%d" % (
            r.randrange(2**32), r.randrange(2**32), r.randrange(1100, 65000),
            self.port)
        self.pspi = "spi-c=%d; spi-s=%d; port-c=%d; port-s=%d" % (
            r.randrange(2**32), r.randrange(2**32), r.randrange(1100, 65000),
            self.pport)
        self.alg = "; alg=%s; prot=esp; mod=trans; ealg=%s" % (
            r.choice(["hmac-sha-1-96", "hmac-md5-96"]),
            r.choice(["aes-cbc", "null", "des-ede3-cbc"]))
        self.allow = ", ".join(r.sample(
            ["INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "PRACK", "UPDATE",
             "REFER", "NOTIFY", "MESSAGE", "INFO", "SUBSCRIBE"],
            r.randrange(9, 13)))
        self.icsi = ('+g.3gpp.icsi-ref='
                     '"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel"')
        self.secverify = ("ipsec-3gpp" + self.alg + "; " + self.pspi)
        self.nonce = self.rnd(B62 + "+/", 43) + "="
        self.cseq = r.randrange(1, 900)

    def rnd(self, alphabet, n):
        return "".join(self.r.choice(alphabet) for _ in range(n))

    def mkuuid(self):
        return "-".join(self.rnd(HEX, n) for n in (8, 4, 4, 4, 12))

    def tag(self):
        if self.tagstyle == "dec":
            return str(self.r.randrange(10**4, 10**9))
        return self.rnd(HEX if self.tagstyle == "hex" else B62, 8)

    def nettag(self):
        return self.rnd(HEX, 8)

    def branch(self):
        return "z9hG4bK" + self.rnd(self.branchset, self.branchlen)

    def callid(self):
        if self.cidstyle == 0:
            return self.rnd(HEX, 20) + "@" + self.addr
        if self.cidstyle == 1:
            return self.rnd(B62, 22)
        if self.cidstyle == 2:
            return "%d@%s" % (self.r.randrange(10**9, 10**10), self.home)
        return self.mkuuid()

    def put(self, up, what, start, headers, body="", ctype=None):
        h = [x for x in headers if x]
        if body:
            h.append("Content-Type: " + ctype)
        h.append("Content-Length: %d" % len(body))
        text = "\r\n".join([start] + h) + "\r\n\r\n" + body
        n = len(self.out) + 1
        name = "%03d-%s-%s.sip" % (n, "up" if up else "down", what)
        self.out.append((name, text))

    def via_ue(self, br):
        p = ["comp=sigcomp"]
        if self.use_scid:
            p.append('sigcomp-id="urn:uuid:%s"' % self.scid)
        p.append("branch=" + br)
        if self.order % 3 == 0:
            p = p[-1:] + p[:-1]
        return "Via: SIP/2.0/%s %s:%d;%s" % (self.tr, self.addr, self.port,
                                             ";".join(p))

    def contact(self):
        return "<%s;gr=urn:uuid:%s;comp=sigcomp>" % (self.impu, self.uuid)

    def shuffle(self, headers):
        """Same order of header kinds for the whole flow."""
        def key(h):
            return random.Random(
                h.split(":")[0] + str(self.order)).random()
        via = [h for h in headers if h and h.startswith(("Via", "Record"))]
        rest = [h for h in headers if h and h not in via]
        return via + sorted(rest, key=key)


class Dialog:
    """Identifiers of one dialog or transaction."""

    def __init__(self, f, remote, up=True, callid=None, local=None):
        self.f, self.remote, self.up = f, remote, up
        self.callid = callid or f.callid()
        self.ltag = f.tag()
        self.rtag = None if up else f.nettag()
        self.cseq = f.cseq if up else f.r.randrange(1, 5000)
        f.cseq += f.r.randrange(1, 60)
        self.ncseq = f.r.randrange(1, 90)
        self.local = local or f.impu
        self.target = remote

    def ids(self, up, cseq, method, request_up, disp=False):
        me = "<%s>;tag=%s" % (self.local, self.ltag)
        if disp:
            me = '"%s" %s' % (self.f.name, me)
        peer = "<%s>" % self.remote
        if self.rtag:
            peer += ";tag=" + self.rtag
        a, b = (me, peer) if request_up else (peer, me)
        if not request_up and not self.rtag:
            raise ValueError
        return ["From: " + a, "To: " + b, "Call-ID: " + self.callid,
                "CSeq: %d %s" % (cseq, method)]


SDP_AUDIO = """v=0
o=- %(sid)d %(sid)d IN %(ip)s
s=%(s)s
c=IN %(ip)s
t=0 0
m=audio %(port)d RTP/AVP %(pt)s
b=AS:%(bw)d
%(codec)sa=ptime:20
a=maxptime:240
%(prec)sa=%(dir)s
"""
SDP_MSRP = """v=0
o=- %(sid)d %(sid)d IN %(ip)s
s=-
c=IN %(ip)s
t=0 0
m=message %(port)d TCP/MSRP *
a=accept-types:%(types)s
a=path:msrp://%(a)s:%(port)d/%(s)s;tcp
a=setup:%(setup)s
"""


def ipline(addr):
    if addr.startswith("["):
        return "IP6 " + addr[1:-1]
    return "IP4 " + addr


def sdp_audio(f, addr, sid, port, have, answer=False):
    prec = ""
    if f.order % 2:
        prec = ("a=curr:qos local %s\na=curr:qos remote %s\n"
                "a=des:qos mandatory local sendrecv\n"
                "a=des:qos %s remote sendrecv\n" %
                (have, have if answer else "none",
                 "mandatory" if answer else "optional"))
    codec = ["a=rtpmap:97 AMR/8000/1\na=fmtp:97 mode-change-capability=2; "
             "max-red=220\na=rtpmap:96 telephone-event/8000\n"
             "a=fmtp:96 0-15\n",
             "a=rtpmap:104 AMR-WB/16000/1\na=fmtp:104 mode-set=0,1,2;"
             "mode-change-period=2;octet-align=1\n"
             "a=rtpmap:102 AMR/8000/1\na=rtpmap:100 telephone-event/8000\n"
             "a=fmtp:100 0-15\n"][f.order % 5 > 1]
    t = SDP_AUDIO % dict(sid=sid, ip=ipline(addr), port=port, s="-",
                         pt="104 102 100" if f.order % 5 > 1 else "97 96",
                         bw=41, codec=codec, prec=prec,
                         dir="sendrecv")
    return t.replace("\n", "\r\n")


def sdp_msrp(f, addr, port, active):
    t = SDP_MSRP % dict(sid=f.r.randrange(10**9, 4 * 10**9), ip=ipline(addr),
                        a=addr, port=port, s=f.rnd(B62, 10),
                        types="message/cpim text/plain",
                        setup="active" if active else "passive")
    return t.replace("\n", "\r\n")


def request(f, d, method, extra=(), body="", ctype=None, route=None,
            disp=False, what=None, cseq=None):
    """A request of the UE; returns its Via for the responses."""
    br = f.branch()
    via = f.via_ue(br)
    if cseq is None:
        d.cseq += 1
        cseq = d.cseq
    indialog = d.rtag is not None
    rt = ["Route: <sip:%s:%d;lr;comp=sigcomp>, <sip:%s%s;lr>" %
          (f.pcscf, f.pport, "" if indialog else "orig@", f.scscf)]
    if route is not None:
        rt = route
    h = [via, "Max-Forwards: 70"] + rt
    h += ["P-Access-Network-Info: " + f.access]
    if not indialog and method != "REGISTER":
        h += ['P-Preferred-Identity: "%s" <%s>' % (f.name, f.impu)
              if f.order % 7 else "P-Preferred-Identity: <%s>" % f.impu]
    h += d.ids(True, cseq, method, True, disp)
    if method not in ("REGISTER",):
        h += ["Require: sec-agree", "Proxy-Require: sec-agree",
              "Security-Verify: " + f.secverify]
    h += list(extra)
    target = d.target if indialog else d.remote
    f.put(True, what or method, "%s %s SIP/2.0" % (method, target),
          f.shuffle(h), body, ctype)
    return via, cseq


def response(f, up, d, via, cseq, method, code, phrase, req_up, extra=(),
             body="", ctype=None):
    h = list(via) if isinstance(via, list) else [via]
    h += d.ids(up, cseq, method, req_up) + list(extra)
    f.put(up, str(code), "SIP/2.0 %d %s" % (code, phrase), f.shuffle(h),
          body, ctype)


def incoming(f, d, method, target, extra=(), body="", ctype=None, what=None,
             hops=2, cseq=None):
    vias = ["Via: SIP/2.0/%s %s:%d;comp=sigcomp;branch=z9hG4bK%s" %
            (f.tr, f.pcscf, f.pport, f.rnd(HEX, 8)),
            "Via: SIP/2.0/UDP %s;branch=z9hG4bK%s.%d" %
            (f.scscf, f.rnd(HEX, 6), f.r.randrange(3))]
    if hops > 2:
        vias.append("Via: SIP/2.0/UDP %s;branch=z9hG4bK%s" %
                    (f.asrv, f.rnd(HEX, 12)))
    if cseq is None:
        d.ncseq += 1
        cseq = d.ncseq
    h = vias + ["Max-Forwards: %d" % (70 - hops + f.order % 2)]
    h += d.ids(False, cseq, method, False) + list(extra)
    f.put(False, what or method, "%s %s SIP/2.0" % (method, target),
          f.shuffle(h), body, ctype)
    return vias, cseq


def register(f, d, expires, auth):
    c = "sip:%s:%d;comp=sigcomp" % (f.addr, f.port)
    if f.use_scid:
        c += ";sigcomp-id=urn:uuid:" + f.scid
    a = ('Authorization: Digest username="%s", realm="%s", nonce="%s", '
         'uri="sip:%s", response="%s"' %
         (f.impi, f.home, f.nonce if auth else "", f.home,
          f.rnd(HEX, 32) if auth else ""))
    if auth:
        f.nc = getattr(f, "nc", 0) + 1
        a += ', algorithm=AKAv1-MD5, qop=auth, nc=%08d, cnonce="%s"' % (
            f.nc, f.rnd(HEX, 16))
    extra = ["Contact: <%s>;+sip.instance=\"<urn:uuid:%s>\";%s;audio;"
             "expires=%d" % (c, f.uuid, f.icsi, expires), a,
             "Security-Client: ipsec-3gpp" + f.alg + "; " + f.spi,
             "Require: sec-agree", "Proxy-Require: sec-agree",
             "Supported: path, gruu, sec-agree", "User-Agent: " + f.ua]
    if auth:
        extra.append("Security-Verify: " + f.secverify)
    d.target = d.remote = f.impu
    d.rtag = None
    br = f.branch()
    via = f.via_ue(br)
    d.cseq += 1
    h = [via, "Max-Forwards: 70", "P-Access-Network-Info: " + f.access]
    h += d.ids(True, d.cseq, "REGISTER", True) + extra
    f.put(True, "REGISTER", "REGISTER sip:%s SIP/2.0" % f.home, f.shuffle(h))
    return via, c


def registration(f, d=None, expires=600000, first=True):
    d = d or Dialog(f, f.impu)
    if first:
        via, _ = register(f, d, expires, False)
        d.rtag = f.nettag()
        response(f, False, d, via, d.cseq, "REGISTER", 401, "Unauthorized",
                 True,
                 ['WWW-Authenticate: Digest realm="%s", nonce="%s", '
                  'algorithm=AKAv1-MD5, qop="auth"' % (f.home, f.nonce),
                  "Security-Server: ipsec-3gpp; q=0.1" + f.alg + "; " +
                  f.pspi])
    via, c = register(f, d, expires, True)
    d.rtag = f.nettag()
    extra = []
    if expires:
        extra = ["Path: <sip:term@%s:%d;lr>" % (f.pcscf, f.pport),
                 "Service-Route: <sip:orig@%s;lr>" % f.scscf,
                 "P-Associated-URI: <%s>, <tel:%s>" % (f.impu, f.msisdn),
                 "Contact: <%s>;expires=%d;pub-gruu=\"%s;gr=urn:uuid:%s\"" %
                 (c, expires, f.impu, f.uuid)]
    response(f, False, d, via, d.cseq, "REGISTER", 200, "OK", True, extra)
    return d


def reginfo(f, version, state):
    t = ('<?xml version="1.0"?>\n<reginfo xmlns="urn:ietf:params:xml:ns:'
         'reginfo" version="%d" state="full">\n'
         '  <registration aor="%s" id="%s" state="%s">\n'
         '    <contact id="%s" state="%s" event="%s">\n'
         '      <uri>sip:%s:%d</uri>\n    </contact>\n  </registration>\n'
         '  <registration aor="tel:%s" id="%s" state="%s">\n'
         '    <contact id="%s" state="%s" event="%s">\n'
         '      <uri>sip:%s:%d</uri>\n    </contact>\n  </registration>\n'
         '</reginfo>\n') % (
             version, f.impu, f.rnd(HEX, 4), state, f.rnd(DIGITS, 3), state,
             "registered" if state == "active" else "expired", f.addr, f.port,
             f.msisdn, f.rnd(HEX, 4), state, f.rnd(DIGITS, 3), state,
             "created" if state == "active" else "expired", f.addr, f.port)
    return t.replace("\n", "\r\n") if f.order % 2 else t


def subscribe(f, event, target, accept, body, ctype, expires=3600,
              contact=""):
    d = Dialog(f, target)
    via, cs = request(f, d, "SUBSCRIBE", [
        "Event: " + event, "Expires: %d" % expires, "Accept: " + accept,
        "Contact: " + f.contact()])
    d.rtag = f.nettag()
    d.target = contact or "sip:" + f.scscf
    response(f, False, d, via, cs, "SUBSCRIBE", 200, "OK", True,
             ["Expires: %d" % expires, "Contact: <%s>" % d.target])
    notify(f, d, event, "active;expires=%d" % expires, body, ctype)
    return d


def notify(f, d, event, state, body, ctype):
    vias, cs = incoming(f, d, "NOTIFY", "sip:%s:%d;comp=sigcomp" %
                        (f.addr, f.port),
                        ["Subscription-State: " + state, "Event: " + event,
                         "Contact: <%s>" % d.target], body, ctype)
    response(f, True, d, vias, cs, "NOTIFY", 200, "OK", False)


def peer_of(f):
    r = f.r
    if r.random() < 0.5:
        return "sip:+%d@%s;user=phone" % (r.randrange(10**10, 10**12), f.home)
    return "sip:%s.%s@%s" % (r.choice(["eva", "jan", "mio", "rosa", "li"]),
                             r.choice(["stone", "fuchs", "costa", "wu"]),
                             r.choice([f.home, "partner.example.net"]))


def call_out(f):
    r = f.r
    d = Dialog(f, peer_of(f))
    sid, port = r.randrange(10**6, 10**10), r.randrange(2, 30000) * 2
    raddr = "[2001:db8:ff::%x]" % r.randrange(65536) if f.v6 else \
        "192.0.2.%d" % r.randrange(1, 255)
    extra = ["Contact: " + f.contact() + ";" + f.icsi,
             "Supported: 100rel, precondition, timer", "Allow: " + f.allow,
             "P-Preferred-Service: urn:urn-7:3gpp-service.ims.icsi.mmtel",
             "Accept: application/sdp, application/3gpp-ims+xml",
             "User-Agent: " + f.ua]
    via, cs = request(f, d, "INVITE", extra,
                      sdp_audio(f, f.addr, sid, port, "none"),
                      "application/sdp")
    response(f, False, d, via, cs, "INVITE", 100, "Trying", True)
    d.rtag = f.nettag()
    d.target = "%s;gr=urn:uuid:%s" % (d.remote, f.mkuuid())
    rr = "Record-Route: <sip:%s;lr>, <sip:%s:%d;lr;comp=sigcomp>" % (
        f.scscf, f.pcscf, f.pport)
    rseq, rsid, rport = r.randrange(1, 9999), r.randrange(10**9), 4002
    rport = r.randrange(1000, 30000) * 2
    response(f, False, d, via, cs, "INVITE", 183, "Session Progress", True,
             [rr, "Require: 100rel", "RSeq: %d" % rseq, "Allow: " + f.allow,
              "Contact: <%s>;%s" % (d.target, f.icsi)],
             sdp_audio(f, raddr, rsid, rport, "none", True),
             "application/sdp")
    v2, c2 = request(f, d, "PRACK", ["RAck: %d %d INVITE" % (rseq, cs)])
    response(f, False, d, v2, c2, "PRACK", 200, "OK", True)
    if f.order % 2:
        v2, c2 = request(f, d, "UPDATE", ["Contact: " + f.contact()],
                         sdp_audio(f, f.addr, sid + 1, port, "sendrecv"),
                         "application/sdp")
        response(f, False, d, v2, c2, "UPDATE", 200, "OK", True,
                 ["Contact: <%s>" % d.target],
                 sdp_audio(f, raddr, rsid + 1, rport, "sendrecv", True),
                 "application/sdp")
    response(f, False, d, via, cs, "INVITE", 180, "Ringing", True,
             [rr, "Contact: <%s>;%s" % (d.target, f.icsi)])
    response(f, False, d, via, cs, "INVITE", 200, "OK", True,
             [rr, "Contact: <%s>;%s" % (d.target, f.icsi),
              "Allow: " + f.allow])
    request(f, d, "ACK", cseq=cs)
    if r.random() < 0.5:
        v2, c2 = request(f, d, "BYE")
        response(f, False, d, v2, c2, "BYE", 200, "OK", True)
    else:
        vs, c2 = incoming(f, d, "BYE", f.contact()[1:-1])
        response(f, True, d, vs, c2, "BYE", 200, "OK", False)


def call_in(f):
    r = f.r
    d = Dialog(f, peer_of(f), up=False,
               callid=f.rnd(B62, 16) + "@" + f.asrv)
    sid, port = r.randrange(10**6, 10**10), r.randrange(2, 30000) * 2
    raddr = "[2001:db8:ff::%x]" % r.randrange(65536) if f.v6 else \
        "192.0.2.%d" % r.randrange(1, 255)
    d.target = "%s;gr=urn:uuid:%s" % (d.remote, f.mkuuid())
    vs, cs = incoming(f, d, "INVITE", f.contact()[1:-1],
                      ["Record-Route: <sip:%s:%d;lr;comp=sigcomp>, "
                       "<sip:%s;lr>" % (f.pcscf, f.pport, f.scscf),
                       "Contact: <%s>;%s" % (d.target, f.icsi),
                       "P-Asserted-Identity: <%s>" % d.remote,
                       "P-Called-Party-ID: <%s>" % f.impu,
                       "Supported: 100rel, timer", "Allow: " + f.allow,
                       "Session-Expires: 1800;refresher=uac"],
                      sdp_audio(f, raddr, sid, port, "none"),
                      "application/sdp", hops=3)
    saved = d.ltag
    response(f, True, d, vs, cs, "INVITE", 100, "Trying", False)
    rseq = r.randrange(1, 9999)
    p = r.randrange(1000, 30000) * 2
    response(f, True, d, vs, cs, "INVITE", 183, "Session Progress", False,
             ["Require: 100rel", "RSeq: %d" % rseq,
              "P-Access-Network-Info: " + f.access,
              "Contact: " + f.contact() + ";" + f.icsi],
             sdp_audio(f, f.addr, sid // 3, p, "none", True),
             "application/sdp")
    v2, c2 = incoming(f, d, "PRACK", f.contact()[1:-1],
                      ["RAck: %d %d INVITE" % (rseq, cs)])
    response(f, True, d, v2, c2, "PRACK", 200, "OK", False)
    response(f, True, d, vs, cs, "INVITE", 180, "Ringing", False,
             ["Contact: " + f.contact(),
              "P-Access-Network-Info: " + f.access])
    response(f, True, d, vs, cs, "INVITE", 200, "OK", False,
             ["Contact: " + f.contact(), "Allow: " + f.allow,
              "P-Access-Network-Info: " + f.access])
    incoming(f, d, "ACK", f.contact()[1:-1], cseq=cs)
    d.ltag = saved
    v2, c2 = request(f, d, "BYE")
    response(f, False, d, v2, c2, "BYE", 200, "OK", True)


WORDS = ("the meeting moved to room seven please bring your notes and call "
         "me when you are near station tomorrow morning about half past nine "
         "thanks see you later train is delayed again by ten minutes").split()


def text(f):
    return " ".join(f.r.choice(WORDS) for _ in range(f.r.randrange(4, 14)))


def message_out(f):
    d = Dialog(f, peer_of(f))
    via, cs = request(f, d, "MESSAGE", [], text(f).capitalize() + ".",
                      "text/plain")
    d.rtag = f.nettag()
    code = f.r.choice([(200, "OK"), (202, "Accepted")])
    response(f, False, d, via, cs, "MESSAGE", code[0], code[1], True)


def message_in(f):
    d = Dialog(f, peer_of(f), up=False, callid=f.rnd(HEX, 24))
    vs, cs = incoming(f, d, "MESSAGE", f.contact()[1:-1],
                      ["P-Asserted-Identity: <%s>" % d.remote],
                      text(f).capitalize() + ".", "text/plain", hops=3)
    response(f, True, d, vs, cs, "MESSAGE", 200, "OK", False)


def options(f):
    d = Dialog(f, "sip:" + f.asrv)
    via, cs = request(f, d, "OPTIONS", ["Accept: application/sdp"])
    d.rtag = f.nettag()
    response(f, False, d, via, cs, "OPTIONS", 200, "OK", True,
             ["Allow: " + f.allow])


def publish(f):
    d = Dialog(f, f.impu)
    body = ('<?xml version="1.0" encoding="UTF-8"?>\n<presence xmlns="urn:'
            'ietf:params:xml:ns:pidf" entity="%s"><tuple id="%s"><status>'
            '<basic>open</basic></status><note>%s</note></tuple></presence>'
            % (f.impu, f.rnd(B62, 6), text(f)))
    via, cs = request(f, d, "PUBLISH", ["Event: presence", "Expires: 3600"],
                      body, "application/pidf+xml")
    d.rtag = f.nettag()
    response(f, False, d, via, cs, "PUBLISH", 200, "OK", True,
             ["SIP-ETag: " + f.rnd(B62, 8), "Expires: 3600"])


def confinfo(f, uri, users, version, full):
    rows = ""
    for u in users:
        rows += ('  <user entity="%s" state="full">\n   <display-text>%s'
                 '</display-text>\n   <endpoint entity="%s;gr=urn:uuid:%s">\n'
                 '    <status>connected</status>\n    <joining-method>'
                 'dialed-in</joining-method>\n   </endpoint>\n  </user>\n'
                 % (u, u.split("@")[0][4:], u, f.mkuuid()))
    t = ('<?xml version="1.0" encoding="UTF-8"?>\n<conference-info xmlns="'
         'urn:ietf:params:xml:ns:conference-info" entity="%s" state="%s" '
         'version="%d">\n <conference-state>\n  <user-count>%d</user-count>'
         '\n </conference-state>\n <users>\n%s </users>\n</conference-info>\n'
         % (uri, "full" if full else "partial", version, len(users) + version,
            rows))
    return t


def conference(f):
    uri = "sip:%s@%s" % (f.rnd(DIGITS, 8), f.mrf)
    d = Dialog(f, "sip:mmtel-conf@" + f.mrf)
    port = f.r.randrange(2000, 60000)
    via, cs = request(f, d, "INVITE",
                      ["Contact: " + f.contact() + ";" + f.icsi,
                       "Supported: 100rel, timer", "Allow: " + f.allow],
                      sdp_msrp(f, f.addr, port, True), "application/sdp")
    response(f, False, d, via, cs, "INVITE", 100, "Trying", True)
    d.rtag = f.nettag()
    d.target = uri
    response(f, False, d, via, cs, "INVITE", 200, "OK", True,
             ["Record-Route: <sip:%s;lr>, <sip:%s:%d;lr;comp=sigcomp>" %
              (f.scscf, f.pcscf, f.pport), "Contact: <%s>;isfocus" % uri],
             sdp_msrp(f, "192.0.2.9" if not f.v6 else "[2001:db8::9]",
                      2855, False), "application/sdp")
    request(f, d, "ACK", cseq=cs)
    users = [f.impu, peer_of(f)]
    ct = "application/conference-info+xml"
    s = subscribe(f, "conference", uri, ct,
                  confinfo(f, uri, users, 1, True), ct, contact=uri)
    if f.r.random() < 0.7:
        who = peer_of(f)
        v2, c2 = request(f, d, "REFER", ["Refer-To: <%s;method=INVITE>" % who,
                                         "Contact: " + f.contact()])
        response(f, False, d, v2, c2, "REFER", 202, "Accepted", True)
        d.target = uri
        notify(f, d, "refer", "terminated;reason=noresource",
               "SIP/2.0 200 OK\r\n", "message/sipfrag")
        notify(f, s, "conference", "active;expires=3200",
               confinfo(f, uri, [who], 2, False), ct)
    v2, c2 = request(f, d, "BYE")
    response(f, False, d, v2, c2, "BYE", 200, "OK", True)
    notify(f, s, "conference", "terminated;reason=noresource", "", ct)


def build(seed):
    """All messages of the flow of this seed."""
    f = Flow(seed)
    reg = registration(f)
    ct = "application/reginfo+xml"
    s = subscribe(f, "reg", f.impu, ct, reginfo(f, 0, "active"), ct, 600000)
    todo = [call_out, call_in, message_out, message_in, conference, options,
            publish, call_out, message_out, conference]
    f.r.shuffle(todo)
    for i, job in enumerate(todo[:8]):
        job(f)
        if i == 4:
            registration(f, reg, first=False)
    registration(f, reg, expires=0, first=False)
    notify(f, s, "reg", "terminated;reason=rejected",
           reginfo(f, 1, "terminated"), ct)
    return f.out


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    os.makedirs(sys.argv[2], exist_ok=True)
    for name, data in build(int(sys.argv[1])):
        with open(os.path.join(sys.argv[2], name), "wb") as fp:
            fp.write(data.encode())


if __name__ == "__main__":
    main()
