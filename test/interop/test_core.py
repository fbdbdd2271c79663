#!/usr/bin/python3
# needs: kamailio kamailio-ims-modules kamailio-presence-modules
# class: test
"""The Kamailio core without our UE: the lab's small UE proves that the
network works (registration, reg event, resynchronisation, refusals)."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from interop import kamailio                                # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402
from lab.tinyue import TinyUe                               # noqa: E402

tests = Tests(60)


async def life(host, network):
    async with kamailio.Core() as core:
        sub = core.hss.find('001010000000001')
        async with TinyUe(sub, (host, 5060), host, network) as ue:
            ue.expires = 600
            equal((await ue.register()).status, 200, 'REGISTER')
            equal(ue.impus, sub.impus, 'P-Associated-URI')
            equal((await ue.subscribe()).status, 200, 'SUBSCRIBE')
            note = await ue.notified(1)
            check(note and b'state="active"' in note.body, 'NOTIFY')
            equal((await ue.register()).status, 200, 're-REGISTER')
            count = len([r for r in ue.requests if r.method == 'NOTIFY'])
            core.terminate(sub.impi)
            note = await ue.notified(count + 1)
            check(note and b'state="terminated"' in note.body,
                  'no NOTIFY of the de-registration')


for _host in ('127.0.0.1', '::1'):
    for _net in ('udp', 'tcp'):
        tests.add('Kamailio itself: a life, %s, %s' % (_net, _host),
                  _host, _net)(life)


@tests.add('Kamailio itself: resynchronisation, wrong RES, unknown IMPI')
async def refusals():
    async with kamailio.Core() as core:
        sub = core.hss.find('001010000000001')
        async with TinyUe(sub, ('127.0.0.1', 5060)) as ue:
            ue.expires, ue.sqn_ms = 600, 1 << 40
            equal((await ue.register()).status, 200, 'resynchronised')
            check(core.cx.resyncs and core.cx.resyncs[0][0], 'AUTS')
            equal((await ue.register(0)).status, 200, 'de-REGISTER')
        other = core.hss.find('001010000000002')
        async with TinyUe(other, ('127.0.0.1', 5060)) as ue:
            resp = await ue.ask(ue.register_request(ue.empty(), 600))
            authz = ue.credentials(resp).replace('response="', 'response="0')
            resp = await ue.ask(ue.register_request(authz, 600))
            equal(resp.status, 403, 'wrong RES')
        del core.hss.subs[sub.impi]
        async with TinyUe(sub, ('127.0.0.1', 5060)) as ue:
            resp = await ue.register(600)
            check(resp.status in (403, 404, 500), 'unknown IMPI: %d',
                  resp.status)


if __name__ == '__main__':
    kamailio.enter_namespace()
    sys.exit(tests.main())
