#!/usr/bin/python3
# class: test
# needs: gcc make python3
"""RFC 4575: the roster against a reference model.

The model follows the words of RFC 4575 4.6 on the element tree of Python's
own XML parser; build/host/roster prints what the UE's roster holds.  After
every document both must hold the same, or both must want full state.

 - the documents of the RFC and of the leaving flow of TS 24.147
 - a conference of five partial updates in every order, with each one lost and
   each one twice
 - 10,000 random sequences (SEQUENCES=N)
 - more users, endpoints and text than there is room for
"""
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import xml.etree.ElementTree as ET

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TOOL = os.environ.get("ROSTER", str(ROOT / "build" / "host" / "roster"))
NS = "{urn:ietf:params:xml:ns:conference-info}"
XMLNS = 'xmlns="urn:ietf:params:xml:ns:conference-info"'
SEQUENCES = int(os.environ.get("SEQUENCES", "10000"))

STATUS = ("pending dialing-out dialing-in alerting on-hold connected "
          "muted-via-focus disconnecting disconnected").split()
JOINING = "dialed-in dialed-out focus-owner".split()
LEAVING = "departed booted failed busy".split()
MEDIA = "recvonly sendonly sendrecv inactive".split()


# ------------------------------------------------------------------ model

def text_of(element, name):
    found = element.find(NS + name)
    return None if found is None else "".join(found.itertext()).strip()


def known(value, names):
    return value if value in names else ""


class Model:
    """Local element instances and their tables (RFC 4575 4.6)"""

    def __init__(self):
        self.clear()
        self.version = None

    def clear(self):
        self.description = {"subject": "", "name": ""}
        self.state = {"count": -1, "active": False, "locked": False}
        self.users = {}
        self.deleted = False

    def apply(self, octets):
        try:
            root = ET.fromstring(octets)
        except ET.ParseError:
            return "malformed"
        version = root.get("version", "")
        if root.tag != NS + "conference-info" or not version.isdigit():
            return "malformed"
        version = int(version)
        state = root.get("state", "full")
        if self.version is not None and version <= self.version:
            return "old"
        if state == "partial":
            if self.version is None or version != self.version + 1:
                return "gap"
        else:
            self.clear()
        self.version = version
        self.deleted = state == "deleted"
        for element in root:
            self.sub_element(element)
        return "applied"

    def sub_element(self, element):
        if element.tag == NS + "users":
            self.apply_users(element)
        elif element.tag == NS + "conference-state":
            count = text_of(element, "user-count")
            self.state = {
                "count": int(count) if count and count.isdigit() else -1,
                "active": text_of(element, "active") in ("true", "1"),
                "locked": text_of(element, "locked") in ("true", "1")}
        elif element.tag == NS + "conference-description":
            self.description = {
                "subject": text_of(element, "subject") or "",
                "name": text_of(element, "display-text") or ""}
        elif element.tag == NS + "user":
            self.old_user(element)

    def apply_users(self, users):
        state = users.get("state", "full")
        if state != "partial":
            self.users = {}
        if state == "deleted":
            return
        for user in users.findall(NS + "user"):
            self.apply_user(user)

    def apply_user(self, element):
        entity = element.get("entity")
        state = element.get("state", "full")
        if entity is None:
            return
        if state == "deleted":
            self.users.pop(entity, None)
            return
        user = self.users.get(entity)
        if user is None or state == "full":
            user = self.users[entity] = {"name": "", "roles": "",
                                         "endpoints": {}}
        name = text_of(element, "display-text")
        if name is not None:
            user["name"] = name
        roles = element.find(NS + "roles")
        if roles is not None:
            user["roles"] = " ".join(
                (e.text or "").strip() for e in roles.findall(NS + "entry"))
        for endpoint in element.findall(NS + "endpoint"):
            self.apply_endpoint(user["endpoints"], endpoint)

    @staticmethod
    def apply_endpoint(table, element):
        entity = element.get("entity")
        state = element.get("state", "full")
        if entity is None:
            return
        if state == "deleted":
            table.pop(entity, None)
            return
        row = table.get(entity)
        if row is None or state == "full":
            row = table[entity] = {"name": "", "status": "", "joining": "",
                                   "leaving": "", "media": {}}
        for name, tag, names in (("status", "status", STATUS),
                                 ("joining", "joining-method", JOINING),
                                 ("leaving", "disconnection-method",
                                  LEAVING)):
            value = text_of(element, tag)
            if value is not None:
                row[name] = known(value, names)
        value = text_of(element, "display-text")
        if value is not None:
            row["name"] = value
        for media in element.findall(NS + "media"):
            if media.get("id") is not None:
                row["media"][media.get("id")] = {
                    "type": text_of(media, "type") or "",
                    "status": known(text_of(media, "status"), MEDIA)}

    def old_user(self, element):
        uri = element.get("uri")
        if uri is None:
            return
        user = self.users.setdefault(uri, {"name": "", "roles": "",
                                           "endpoints": {}})
        if element.get("display-name") is not None:
            user["name"] = element.get("display-name")
        status = text_of(element, "status") or ""
        row = {"name": "", "status": known(status, STATUS), "joining": "",
               "leaving": known(status, LEAVING), "media": {}}
        if row["leaving"]:
            row["status"] = "disconnected"
        elif status == "active":
            row["status"] = "connected"
        for stream in element.iter(NS + "media-stream"):
            kind = stream.get("media-type")
            row["media"][kind] = {"type": kind, "status": ""}
        user["endpoints"][uri] = row

    def view(self):
        """As the tool prints it, tables as dictionaries"""
        return {"version": self.version or 0, "deleted": self.deleted,
                "truncated": False, **self.state, **self.description,
                "users": self.users}


def tables(line):
    """The tool's lists as dictionaries; a key twice is an error"""
    def table(rows, key):
        out = {}
        for row in rows:
            name = row.pop(key)
            assert name not in out, "key %s twice" % name
            out[name] = row
        return out
    state = json.loads(line)
    for user in state["users"]:
        for endpoint in user["endpoints"]:
            endpoint["media"] = table(endpoint["media"], "id")
        user["endpoints"] = table(user["endpoints"], "entity")
    state["users"] = table(state["users"], "entity")
    result = state.pop("result")
    return result, state


# ------------------------------------------------------------- comparison

class Run:
    """Sequences of documents, one process for all"""

    def __init__(self):
        self.stream = []
        self.expected = []

    def sequence(self, name, documents):
        self.stream.append(b"reset\n")
        model = Model()
        for number, doc in enumerate(documents):
            if doc is None:     # a new subscription
                self.stream.append(b"restart\n")
                model.version = None
                continue
            octets = doc if isinstance(doc, bytes) else doc.encode()
            self.stream.append(b"doc %d\n" % len(octets) + octets)
            before = model.version
            result = model.apply(octets)
            if model.version is None:
                model.version = before
            self.expected.append(("%s, document %d" % (name, number), result,
                                  json.dumps(model.view())))

    def judge(self):
        out = subprocess.run([TOOL], input=b"".join(self.stream), check=True,
                             stdout=subprocess.PIPE).stdout.decode()
        lines = out.splitlines()
        assert len(lines) == len(self.expected)
        for line, (name, result, view) in zip(lines, self.expected):
            got, state = tables(line)
            want = json.loads(view)
            if got != result:
                return "%s: %s, not %s" % (name, got, result)
            if not same(state, want):
                return "%s:\n is %s\n not %s" % (name, state, want)
        return ""


def same(state, want):
    # after a restart the old version is of no meaning
    return {k: v for k, v in state.items() if k != "version"} == \
        {k: v for k, v in want.items() if k != "version"}


# -------------------------------------------------------------- documents

def esc(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(
        '"', "&quot;")


def attr_state(state):
    return "" if state is None else ' state="%s"' % state


def endpoint(rnd, entity, state):
    inner = ""
    if rnd.random() < .8:
        inner += "<status>%s</status>" % rnd.choice(STATUS + ["unheard-of"])
    if rnd.random() < .4:
        inner += "<joining-method>%s</joining-method>" % rnd.choice(JOINING)
    if rnd.random() < .3:
        inner += "<disconnection-method>%s</disconnection-method>" % \
            rnd.choice(LEAVING)
    if rnd.random() < .2:
        inner = "<display-text>pc &#8364; %d</display-text>" % \
            rnd.randrange(3) + inner
    if rnd.random() < .2:
        inner += "<referred><by>sip:x@y</by><status>no</status></referred>"
    media = rnd.sample("1234", rnd.randrange(3))
    for number in media:
        inner += '<media id="%s"><type>%s</type>%s</media>' % (
            number, rnd.choice(["audio", "video", "message"]),
            "<status>%s</status>" % rnd.choice(MEDIA)
            if rnd.random() < .7 else "")
    return '<endpoint entity="%s"%s>%s</endpoint>' % (
        entity, attr_state(state), inner)


def user(rnd, name, state):
    inner = ""
    if rnd.random() < .6:
        inner += "<display-text> %s </display-text>" % esc(
            rnd.choice(["Bob <b> & co", "Älice", "", "Carol \"c\""]))
    if rnd.random() < .3:
        inner += "<roles>%s</roles>" % "".join(
            "<entry>%s</entry>" % r for r in rnd.sample(
                ["moderator", "participant", "owner"], rnd.randrange(1, 3)))
    for number in rnd.sample(range(3), rnd.randrange(3)):
        inner += endpoint(rnd, "sip:%s@10.0.0.%d" % (name, number),
                          rnd.choice([None, "full", "partial", "partial",
                                      "deleted"]))
    if rnd.random() < .1:
        inner += '<x:other xmlns:x="urn:x"><endpoint entity="no"/></x:other>'
    return '<user entity="sip:%s@example.com"%s>%s</user>' % (
        name, attr_state(state), inner)


def document(rnd, version, state):
    inner = ""
    if rnd.random() < .3:
        inner += "<conference-description>%s<keywords>a b</keywords>" \
            "</conference-description>" % (
                "<subject>S%d</subject>" % rnd.randrange(9)
                if rnd.random() < .7 else "")
    if rnd.random() < .4:
        inner += "<conference-state>%s<active>%s</active>%s" \
            "</conference-state>" % (
                "<user-count>%d</user-count>" % rnd.randrange(99)
                if rnd.random() < .8 else "",
                rnd.choice(["true", "false", "1", "0"]),
                "<locked>true</locked>" if rnd.random() < .3 else "")
    if rnd.random() < .9:
        names = rnd.sample("abcdef", rnd.randrange(5))
        inner += "<users%s>%s</users>" % (
            attr_state(rnd.choice([None, "full", "partial", "partial",
                                   "partial", "deleted"])),
            "".join(user(rnd, n, rnd.choice([None, "full", "partial",
                                             "partial", "deleted"]))
                    for n in names))
    if rnd.random() < .1:
        inner += '<sidebars-by-val><entry entity="s" state="partial"><users>'\
            '<user entity="sip:no@example.com"/></users></entry>' \
            '</sidebars-by-val>'
    return '<?xml version="1.0" encoding="UTF-8"?>\n<conference-info %s ' \
        'entity="sip:c@example.com"%s version="%d">%s</conference-info>' % (
            XMLNS, attr_state(state), version, inner)


def damaged(rnd, doc):
    octets = bytearray(doc.encode())
    how = rnd.randrange(4)
    if how == 0:
        return bytes(octets[:rnd.randrange(1, len(octets))])
    if how == 1:
        return doc.replace("</conference-info>", "").encode()
    if how == 2:
        return doc.replace("<conference-info", "<conference").encode()
    return doc.replace("version=", "edition=").replace(
        '<?xml edition="1.0"', '<?xml version="1.0"').encode()


def random_sequence(rnd):
    version = rnd.randrange(5)
    docs = [document(rnd, version, None)]
    for _ in range(rnd.randrange(1, 9)):
        chance = rnd.random()
        if chance < .06:                        # lost
            version += rnd.randrange(1, 3)
            continue
        if chance < .12:                        # twice, or late
            docs.append(rnd.choice(docs[-3:]))
            continue
        if chance < .18:
            docs.append(damaged(rnd, document(rnd, version + 1, "partial")))
            continue
        if chance < .21:                        # the focus has restarted
            docs.append(None)
            version = rnd.randrange(3)
            docs.append(document(rnd, version, rnd.choice([None,
                                                           "partial"])))
            continue
        version += 1
        docs.append(document(rnd, version, rnd.choice(
            ["partial"] * 7 + ["full", None, "deleted"])))
    return docs


def partial(version, inner):
    return '<conference-info %s entity="sip:c@example.com" state="partial" ' \
        'version="%d"><users state="partial">%s</users></conference-info>' \
        % (XMLNS, version, inner)


def every_order(run):
    """Five updates in every order, with one lost, with one twice"""
    bob = '<user entity="sip:bob@example.com" state="%s">%s</user>'
    first = (HERE / "rfc4575" / "example1.xml").read_bytes()
    updates = [
        partial(2, bob % ("partial", '<endpoint entity="sip:bob@pc33.example'
                          '.com" state="partial"><status>connected</status>'
                          '</endpoint>')),
        partial(3, '<user entity="sip:mike@example.com"><endpoint entity='
                '"sip:mike@pc" ><status>alerting</status></endpoint></user>'),
        partial(4, bob % ("deleted", "")),
        (HERE / "rfc4575" / "example2.xml").read_bytes(),       # version 5
        partial(6, '<user entity="sip:mike@example.com" state="partial">'
                '<endpoint entity="sip:mike@pc" state="deleted"/></user>')]
    for order in itertools.permutations(range(5)):
        docs = [first] + [updates[i] for i in order]
        run.sequence("order %s" % (order,), docs)
        for i in range(5):
            run.sequence("order %s without its %d." % (order, i),
                         docs[:i + 1] + docs[i + 2:])
            run.sequence("order %s, its %d. twice" % (order, i),
                         docs[:i + 2] + docs[i + 1:])


def documents(run):
    for path in sorted((HERE / "rfc4575").glob("*.xml")):
        doc = path.read_bytes()
        run.sequence(path.name, [doc, doc])
        run.sequence(path.name + " after a restart", [doc, None, doc])


def sequences(run):
    rnd = random.Random(4575)
    for number in range(SEQUENCES):
        run.sequence("sequence %d" % number, random_sequence(rnd))


# --------------------------------------------------------------- overflow

def overflow():
    """What does not fit is left out, with the flag, and the rest is right"""
    def tool(*docs):
        stream = b"".join(b"doc %d\n" % len(d) + d
                          for d in (x.encode() for x in docs))
        out = subprocess.run([TOOL], input=stream, check=True,
                             stdout=subprocess.PIPE).stdout.decode()
        return [tables(line)[1] for line in out.splitlines()]

    def conference(version, users):
        return '<conference-info %s entity="c" version="%d">' \
            '<conference-state><user-count>%d</user-count>' \
            '</conference-state><users>%s</users></conference-info>' % (
                XMLNS, version, len(users), "".join(
                    '<user entity="%s"><endpoint entity="e"><status>'
                    'connected</status></endpoint></user>' % u
                    for u in users))

    users = ["sip:%d@x" % i for i in range(40)]
    full, less = tool(conference(1, users), conference(2, users[:32]))
    if not full["truncated"] or full["count"] != 40 or \
            sorted(full["users"]) != sorted(users[:32]):
        return "40 users: %s" % full
    if less["truncated"] or len(less["users"]) != 32:
        return "32 users: %s" % less

    # text: 32 long URIs do not fit, those that do are whole
    users = ["sip:%d%s@x" % (i, "u" * 140) for i in range(32)]
    full, less = tool(conference(1, users), conference(2, users[:3]))
    if not full["truncated"] or not 15 < len(full["users"]) < 32 or \
            not set(full["users"]) <= set(users):
        return "32 long URIs: %s" % full
    if less["truncated"] or set(less["users"]) != set(users[:3]):
        return "3 long URIs: %s" % less

    # an URI longer than what is kept
    long = tool(conference(1, ["sip:%s@x" % ("v" * 300), "sip:a@x"]))[0]
    if not long["truncated"] or set(long["users"]) != {"sip:a@x"}:
        return "a URI of 300 characters: %s" % long

    # the room of what has gone is used again
    docs = [conference(v, ["sip:%d-%d-%s@x" % (v, i, "w" * 60)
                           for i in range(20)]) for v in range(1, 60)]
    if any(s["truncated"] or len(s["users"]) != 20 for s in tool(*docs)):
        return "other users 60 times"
    return ""


def result(name, wrong):
    print("%s %s" % ("FAIL" if wrong else "ok", name))
    if wrong:
        print("  " + wrong)
    return bool(wrong)


def main():
    failed = 0
    for name, fill in (("documents of the texts", documents),
                       ("partial updates in every order", every_order),
                       ("%d random sequences" % SEQUENCES, sequences)):
        run = Run()
        fill(run)
        failed += result(name, run.judge())

    # the last run: has it seen everything?
    kinds = {}
    for _, kind, _ in run.expected:
        kinds[kind] = kinds.get(kind, 0) + 1
    failed += result("applied, old, gaps and malformed among them", "" if
                     min(kinds.get(k, 0) for k in (
                         "applied", "old", "gap", "malformed")) * 200
                     > len(run.expected) else str(kinds))
    failed += result("what does not fit", overflow())
    print("%d passed, %d failed" % (5 - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
