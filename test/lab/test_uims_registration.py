#!/usr/bin/python3
# class: test
"""Registration of uims in the lab (TS 34.229-1 clause 8, without security
associations; TS 24.229 clause 5.1.1)."""
import asyncio
import contextlib
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import transport                                   # noqa: E402
from lab.dns import NameServer                              # noqa: E402
from lab.scene import IMEI, address, scene                  # noqa: E402
from lab.testing import Skip, Tests, check, equal           # noqa: E402

tests = Tests(60)
ALGORITHMS = {
    'AKAv1-MD5': ('1',), 'no qop': ('1', 'set qop none'),
    'auth-int among the qops': ('1', 'set qop auth,auth-int'),
    'an opaque': ('1', 'set opaque 5ccc069c403ebaf9f0171e9517f40e41'),
    'server data in the nonce': ('1', 'set server_data 9'),
    'AKAv2-MD5': ('1', 'set algorithm AKAv2-MD5'),
    'TUAK': ('6',),
    'MD5 and a password': ('8',),
    'SHA-256 and a password': ('8', 'set algorithm SHA-256'),
    'Authentication-Info': ('1', 'set auth_info good'),
}


def listed(value):
    """A list, or a text with commas, as a list."""
    if isinstance(value, str):
        value = [v.strip() for v in value.split(',')]
    return [v.strip('<>') for v in value or []]


# ---- 8.1 initial registration

async def initial(host, network, lines=(), imsi='1', settings=(), **kw):
    async with scene(*lines, imsi='00101000000000' + imsi, host=host,
                     transport=network, settings=settings, **kw) as s:
        event = await s.registered()
        equal(s.kinds(), ['initial', 'answer'], 'REGISTERs')
        equal(event.get('impu'), s.sub.impus[0], 'default identity')
        equal(event.get('expires'), 600000, 'expires')
        if 'associated' in event:
            # at least the first ones; UE_IMPU_MAX bounds the list
            got = listed(event['associated'])
            check(got and got == s.sub.impus[:len(got)], 'associated %s',
                  got)
        equal(listed(event.get('service_route'))[:1],
              [s.box.scscf.route], 'service route')
        subscribe = s.box.seen('SUBSCRIBE', 'up')
        equal(len(subscribe), 1, 'SUBSCRIBEs')
        check(str(subscribe[0].msg.addr('From').uri) in s.sub.impus,
              'subscribed as %s', subscribe[0].msg.get('From'))
        await s.until(lambda: any(
            e.msg and e.msg.get('CSeq', '').endswith('NOTIFY')
            for e in s.box.seen('200', 'up')), 'a 200 to the NOTIFY')
        status = s.box.do('status')
        equal((status[0]['impi'], status[0]['subscriptions']),
              (s.sub.impi, 1), 'the network')
        await s.deregister()
        await s.quit()


for _host in ('127.0.0.1', '::1'):
    for _net in ('udp', 'tcp'):
        tests.add('TS 34.229-1 8.1: initial registration, %s, %s' % (
            _net, _host), _host, _net)(initial)
for _name, (_imsi, *_lines) in ALGORITHMS.items():
    tests.add('TS 34.229-1 8.1: initial registration with ' + _name,
              '127.0.0.1', 'udp', _lines, _imsi)(initial)
tests.add('TS 34.229-1 8.1: the registered identity is not barred',
          '127.0.0.1', 'udp', (), '7')(initial)
tests.add('TS 34.229-1 8.1: identities derived from the IMSI (TS 23.003 '
          's13)', '127.0.0.1', 'udp', (), '1',
          {'impi': None, 'impu': None, 'home': None,
           'imsi': '001010000000001', 'mnc_len': '2'})(initial)
for _style in ('compact', 'folded', 'lower'):
    tests.add('TS 34.229-1 8.1: initial registration, %s headers' % _style,
              '127.0.0.1', 'tcp', ('set style ' + _style,
                                   'set extras on'))(initial)
tests.add('TS 34.229-1 8.1: over a connection that the P-CSCF opens',
          '127.0.0.1', 'tcp', ('set tcp_down connect',))(initial)
tests.add('TS 34.229-1 8.1: the NOTIFY before the 200 to SUBSCRIBE',
          '127.0.0.1', 'udp', ('at SUBSCRIBE:1 notify-first',))(initial)


@tests.add('TS 24.229 s5.1.2A.1.1: a longer Service-Route is followed')
async def service_route():
    async with scene('set service_route sip:ibcf.visited.net:5070;lr '
                     'sip:orig@scscf9.home.net;lr') as s:
        await s.registered()
        route = s.box.seen('SUBSCRIBE', 'up')[0].msg.values('Route')
        equal(len(route), 3, 'Route')


@tests.add('RFC 5626 s4.3: what follows the registration goes over its flow')
async def same_flow():
    async with scene(transport='tcp') as s:
        await s.registered()
        s.box.do('end-subscription %s deactivated' % s.sub.imsi)
        await s.until(lambda: len(s.box.seen('SUBSCRIBE', 'up')) > 1,
                      'a second SUBSCRIBE')
        await s.ue.command('reregister')
        await s.event('reregistered')
        up = [e for e in s.box.trace if e.way == 'up' and e.msg]
        check({e.name for e in up} >= {'REGISTER', 'SUBSCRIBE', '200'},
              'sent: %s', {e.name for e in up})
        equal({(e.transport, e.peer) for e in up},
              {('tcp', up[0].peer)}, 'flows')
        await s.deregister()


# ---- 8.2 user-initiated re-registration

@tests.add('TS 34.229-1 8.2: re-registration in time, three times',)
async def refresh():
    async with scene('set grant 8') as s:
        event = await s.registered()
        equal(event.get('expires'), 8, 'expires')
        for _ in range(3):
            await s.event('reregistered')
        # a binding that runs out would be a complaint
        check(s.kinds().count('refresh') >= 3, 'kinds %s', s.kinds())
        await s.deregister()


async def commanded(*lines):
    async with scene(*lines) as s:
        await s.registered()
        for _ in range(3):
            await s.ue.command('reregister')
            await s.event('reregistered')
        await s.deregister()


tests.add('TS 34.229-1 8.2: re-registration on command, challenged')(
    commanded)
tests.add('TS 34.229-1 8.2: re-registration on command, unchallenged',
          'set challenge never')(commanded)
tests.add('TS 34.229-1 8.2: re-registration unchallenged, no qop',
          'set challenge never', 'set qop none')(commanded)


@tests.add('TS 34.229-1 8.2: a new Service-Route and identity list replace '
           'the old')
async def replaced():
    async with scene('set challenge never') as s:
        await s.registered()
        s.box.do('set service_route sip:orig@scscf7.home.net;lr')
        s.sub.impus[0] = 'sip:new@' + s.sub.home
        await s.ue.command('reregister')
        await s.event('reregistered')
        s.box.do('end-subscription %s deactivated' % s.sub.imsi)
        # the next SUBSCRIBE is checked against the new route by the lab
        await s.until(lambda: len(s.box.seen('SUBSCRIBE', 'up')) > 1,
                      'a second SUBSCRIBE')
        equal(str(s.box.seen('SUBSCRIBE', 'up')[1].msg.addr('From').uri),
              s.sub.impus[0], 'From')


# ---- 8.3 de-registration

async def deregistration(network, *lines):
    async with scene(*lines, transport=network) as s:
        await s.registered()
        await s.deregister()
        await s.ue.command('status')
        again = await s.register()
        equal(again['event'], 'registered', 'registering once more')
        await s.deregister()
        await s.quit()


tests.add('TS 34.229-1 8.3: mobile-initiated de-registration, udp',
          'udp')(deregistration)
tests.add('TS 34.229-1 8.3: mobile-initiated de-registration, tcp',
          'tcp')(deregistration)
tests.add('TS 34.229-1 8.3: mobile-initiated de-registration, unchallenged',
          'udp', 'set challenge never')(deregistration)


@tests.add('TS 24.229 s5.1.1.6: a refused de-registration counts as done')
async def deregister_refused():
    async with scene('at REGISTER/deregister status 403',
                     'at REGISTER/refresh status 403') as s:
        await s.registered()
        await s.ue.command('deregister')
        event = await s.event('deregistered')
        equal(event.get('reason'), 'user', 'reason')


# ---- 8.4 interval too brief

@tests.add('TS 34.229-1 8.4: 423 raises the expiry to Min-Expires')
async def too_brief():
    async with scene('set min_expires 700000') as s:
        event = await s.registered()
        check(event.get('expires') >= 700000, 'expires %s', event)
        equal([e.name for e in s.box.seen('423', 'down')], ['423'], '423s')
        await s.deregister()


@tests.add('TS 34.229-1 8.4: 423 to a re-registration')
async def too_brief_later():
    async with scene('set challenge never') as s:
        await s.registered()
        s.box.do('set min_expires 800000')
        await s.ue.command('reregister')
        event = await s.event('reregistered')
        check(event.get('expires') >= 800000, 'expires %s', event)
        await s.deregister()


# ---- 8.10 GRUU

@tests.add('TS 34.229-1 8.10: +sip.instance, GRUU asked for and used')
async def gruu():
    async with scene() as s:
        await s.registered()
        first = s.box.seen('REGISTER', 'up')[0].msg
        instance = first.addr('Contact').params.get('+sip.instance')
        equal(instance, '"<urn:gsma:imei:%s-%s-0>"' % (
            IMEI[:8], IMEI[8:14]), 'instance')      # RFC 7254 s4
        check('gruu' in first.tokens('Supported'), 'Supported')
        used = str(s.box.seen('SUBSCRIBE', 'up')[0].msg.addr('Contact').uri)
        check(used in s.box.scscf.account(s.sub.imsi).binding.gruus,
              'Contact of the SUBSCRIBE is %s', used)


@tests.add('TS 34.229-1 8.10: a network without GRUU')
async def no_gruu():
    async with scene('set gruu off') as s:
        await s.registered()
        await s.deregister()


@tests.add('RFC 5626 s4.1: without IMEI the same UUID after a restart')
async def instance_kept():
    with tempfile.TemporaryDirectory(prefix='uims-test-') as folder:
        seen = []
        for _ in range(2):
            async with scene(folder=folder, settings={
                    'imei': None, 'store': 'nv'}) as s:
                await s.registered()
                first = s.box.seen('REGISTER', 'up')[0].msg
                seen.append(first.addr('Contact').params['+sip.instance'])
                await s.deregister()
                await s.quit()
        check(seen[0].startswith('"<urn:uuid:'), 'instance %s', seen[0])
        equal(seen[1], seen[0], 'instance of the second run')


# ---- 8.11 to 8.15 retries

@tests.add('TS 34.229-1 8.12: 503 with Retry-After: the wait is kept')
async def retry_after():
    async with scene('at REGISTER:1 status 503 Retry-After=3600') as s:
        await s.ue.command('register')
        event = await s.event('register-retry', 'registration-failed')
        equal((event['event'], event.get('status')),
              ('register-retry', 503), 'event')
        check(event['wait_ms'] >= 3600000, 'wait %s', event)
        await asyncio.sleep(0.5)
        equal(len(s.kinds()), 1, 'REGISTERs')


async def temporary(status):
    async with scene('at REGISTER:1 status %d' % status) as s:
        await s.ue.command('register')
        event = await s.event('register-retry', 'registration-failed')
        equal((event['event'], event.get('status')),
              ('register-retry', status), 'event')
        # TS 24.229 s5.1.1.2.1: five minutes at most after the first
        check(0 <= event['wait_ms'] <= 300000, 'wait %s', event)


for _status in (408, 500, 503, 504, 600):
    tests.add('TS 34.229-1 8.12: %d is tried again within five minutes' %
              _status, _status)(temporary)


async def refused(line, status):
    async with scene(line) as s:
        event = await s.register()
        equal((event['event'], event.get('status')),
              ('registration-failed', status), 'event')
        check(event.get('reason'), 'no reason: %s', event)
        count = len(s.kinds())
        await asyncio.sleep(0.5)
        equal(len(s.kinds()), count, 'REGISTERs')
        s.box.do('rules clear')
        await s.registered()


tests.add('TS 34.229-1 8.11: 403 to the first REGISTER is final',
          'at REGISTER:1 status 403', 403)(refused)
tests.add('TS 34.229-1 8.11: 403 to the response is final',
          'at REGISTER/answer:1 status 403', 403)(refused)
tests.add('TS 34.229-1 8.11: 404 is final', 'at REGISTER:1 status 404',
          404)(refused)


@tests.add('TS 34.229-1 8.13: 305 leads to the other P-CSCF at once')
async def use_proxy():
    async with scene('at REGISTER:1 status 305 "Contact=<sip:127.0.0.5>"',
                     pcscfs=2) as s:
        await s.registered()
        equal([e.pcscf for e in s.box.seen('REGISTER', 'up')][:2], [0, 1],
              'P-CSCFs')
        # TS 24.229 5.1.1.2.1: begun anew, without credentials
        equal(s.kinds()[:2], ['initial', 'initial'], 'REGISTERs')
        await s.deregister()


@tests.add('TS 34.229-1 8.13: Retry-After beyond Timer F leads to the '
           'other P-CSCF')
async def retry_elsewhere():
    async with scene('at REGISTER:1 status 503 Retry-After=3600',
                     pcscfs=2) as s:
        await s.registered()
        equal([e.pcscf for e in s.box.seen('REGISTER', 'up')][:2], [0, 1],
              'P-CSCFs')
        await s.deregister()


async def dead_first(network):
    nobody = address('127.0.0.1', transport.free_port())
    async with scene(dead=[nobody], transport=network) as s:
        await s.registered(seconds=50)      # Timer F is 32 s
        await s.deregister()


tests.add('TS 34.229-1 8.14: the first P-CSCF refuses connections, the '
          'second serves', 'tcp')(dead_first)
tests.add('TS 34.229-1 8.14: the first P-CSCF is silent (Timer F), the '
          'second serves', 'udp')(dead_first)


async def unusable(action):
    async with scene('at REGISTER:1 ' + action) as s:
        await s.ue.command('register')
        await s.event('registration-failed', 'register-retry',
                      'registered')
        # what follows, if anything, begins anew
        await asyncio.sleep(0.3)
        regs = s.box.seen('REGISTER', 'up')
        kinds = [e.kind for e in regs if e.kind != 'initial' and
                 e.msg.get('Call-ID') == regs[0].msg.get('Call-ID')]
        # a nonce that decodes to something may be one whose MAC is wrong
        equal(kinds[:1] if kinds[:1] != ['mac-failure'] else [], [],
              'answers to a useless challenge')


for _action in ('no-challenge', 'basic', 'short-nonce', 'bad-base64',
                'algorithm AKAv1-SHA-1024'):
    tests.add('TS 34.229-1 8.15: a 401 that cannot be answered: ' + _action,
              _action)(unusable)


# ---- losses and dying P-CSCFs

async def losses(*lines):
    async with scene(*lines) as s:
        await s.registered()
        await s.deregister()


for _line in ('at REGISTER/initial:1 lose', 'at REGISTER/answer:1 lose',
              'at REGISTER/initial:1 lose-answer',
              'at REGISTER/answer:1 lose-answer', 'at SUBSCRIBE:1 lose',
              'at SUBSCRIBE:1 lose-answer', 'at REGISTER twice',
              'at REGISTER/answer:1 trying 1', 'at REGISTER garbage 9',
              'at REGISTER/deregister lose'):
    tests.add('RFC 3261 s17.1.2: ' + _line, _line)(losses)


@tests.add('the P-CSCF dies mid-registration and comes back (UDP)')
async def killed_udp():
    async with scene('at REGISTER/answer:1 kill 1') as s:
        event = await s.register()
        equal(event['event'], 'registered', 'event')
        check(s.ue.proc.returncode is None, 'the UE died too')


@tests.add('the P-CSCF dies mid-registration: reported, the other serves')
async def killed_other():
    async with scene('at REGISTER/answer:1 kill', transport='tcp',
                     pcscfs=2) as s:
        await s.ue.command('register')
        await s.event('register-retry', 'flow-failed')
        await s.event('registered')
        equal(s.box.seen('REGISTER', 'up')[-1].pcscf, 1, 'P-CSCF')


@tests.add('the only P-CSCF dies mid-registration: reported with a wait')
async def killed_only():
    async with scene('at REGISTER/answer:1 kill', transport='tcp') as s:
        await s.ue.command('register')
        event = await s.event('register-retry', 'registration-failed')
        check(event.get('wait_ms', 0) <= 300000, 'wait %s', event)
        check(s.ue.proc.returncode is None, 'the UE died too')


@tests.add('the connection breaks while registered: the UE goes on')
async def broken_connection():
    async with scene(transport='tcp') as s:
        await s.registered()
        s.box.do('close')
        await s.ue.command('reregister')
        await s.event('reregistered', 'registered')
        await s.ue.command('deregister')
        await s.event('deregistered')


@tests.add('RFC 3263 s4.3: the P-CSCF dies while registered: '
           're-registration fails over')
async def died_registered():
    async with scene(transport='tcp', pcscfs=2) as s:
        await s.registered()
        s.box.do('kill 0')
        await s.ue.command('reregister')
        await s.event('registered', 'reregistered')
        equal(s.box.seen('REGISTER', 'up')[-1].pcscf, 1, 'P-CSCF')
        s.box.do('complaints clear')    # the old dialogs died with it


@tests.add('RFC 3261 s18: the P-CSCF closes an idle connection, as it may')
async def idle_closed():
    async with scene(transport='tcp') as s:
        await s.registered()
        s.box.do('close')
        await asyncio.sleep(0.2)
        await s.ue.command('reregister')
        await s.event('reregistered')
        equal([e for e in s.ue.events if e.get('event') == 'flow-failed'],
              [], 'events')
        await s.deregister()


async def later_failure(status, least, most):
    async with scene('at REGISTER/refresh:1 status %d' % status) as s:
        await s.registered()
        await s.ue.command('reregister')
        event = await s.event('deregistered')
        equal((event.get('reason'), event.get('status')),
              ('failed', status), 'event')
        check(least <= event['wait_ms'] <= most, 'wait %s', event)
        before = ['initial', 'answer', 'refresh']
        if event['wait_ms']:
            equal(s.kinds(), before, 'REGISTERs')
            # by itself it comes after the wait; this is the user
            await s.ue.command('register')
        await s.event('registered')
        equal(s.kinds(), before + ['initial', 'answer'], 'REGISTERs')
        await s.deregister()


for _status in (403, 481):
    tests.add('TS 24.229 s5.1.1.4.1: %d to a re-registration: an initial one '
              'follows at once' % _status, _status, 0, 0)(later_failure)
for _status in (408, 500, 503, 504):
    # RFC 5626 s4.5: half to all of twice the base-time
    tests.add('TS 24.229 s5.1.1.4.1: %d to a re-registration: an initial one '
              'follows, after the wait of RFC 5626 s4.5' % _status,
              _status, 30000, 60000)(later_failure)


# ---- P-CSCF by name

@contextlib.asynccontextmanager
async def named(records, transport_setting):
    """A UE that knows its P-CSCF by name, and the name server."""
    async with scene(transport=transport_setting) as probe:
        port = probe.box.pcscfs[0].port
        home = probe.sub.home
        found = [(n % {'home': home}, k, port if v == 'PORT' else tuple(
            port if x == 'PORT' else x for x in v)
            if isinstance(v, tuple) else v) for n, k, v in records]
        async with NameServer(found) as dns:
            probe.ue.settings.update(pcscf='pcscf.test',
                                     dns='127.0.0.1:%d' % dns.port)
            await probe.ue.stop()
            probe.ue.events.clear()
            probe.ue.pos = 0
            await probe.ue.start()
            yield probe, dns


async def by_name(records, transport_setting):
    async with named(records, transport_setting) as (probe, dns):
        await probe.registered()
        check(dns.queries, 'no query')
        await probe.deregister()


NAPTR = [
    ('pcscf.test', 'NAPTR', (10, 10, 's', 'SIP+D2U', '',
                             '_sip._udp.pcscf.test')),
    ('pcscf.test', 'NAPTR', (20, 10, 's', 'SIP+D2T', '',
                             '_sip._tcp.pcscf.test'))]
SRV = [('_sip._udp.pcscf.test', 'SRV', (1, 1, 'PORT', 'p1.test')),
       ('_sip._tcp.pcscf.test', 'SRV', (1, 1, 'PORT', 'p1.test')),
       ('p1.test', 'A', '127.0.0.1')]
tests.add('RFC 3263 s4.1, s4.2: P-CSCF by NAPTR, SRV and A', NAPTR + SRV,
          'udp')(by_name)
tests.add('RFC 3263 s4.1, s4.2: P-CSCF by NAPTR, SRV and A, TCP wanted',
          NAPTR + SRV,
          'tcp')(by_name)
tests.add('RFC 3263: P-CSCF by SRV and A alone', SRV, 'udp')(by_name)


async def by_alias(records, kind):
    async with named(records, 'udp') as (probe, dns):
        await probe.registered()
        check([q for q in dns.queries if q[1] == kind and
               (q[0], 'CNAME') in [r[:2] for r in dns.records]],
              'no alias was asked for: %s', dns.queries)
        equal([e['pcscf'] for e in probe.ue.named('registering')],
              [probe.box.pcscfs[0].address], 'where it was tried')
        equal(probe.ue.named('message')[0]['remote'],
              probe.box.pcscfs[0].address, 'the first REGISTER')
        await probe.deregister()


def moved(records, *names):
    """Records of these names under others, and aliases for them."""
    return [('at.' + n if n in names else n, k, v) for n, k, v in records] + [
        (n, 'CNAME', 'at.' + n) for n in names]


# without the alias nothing leads to the port of the P-CSCF
ALIASED = [
    ('pcscf.test', 'NAPTR', (20, 10, 's', 'SIP+D2U', '', 'late.test')),
    ('pcscf.test', 'NAPTR', (10, 10, 's', 'SIP+D2U', '', 'early.test')),
    ('late.test', 'SRV', (1, 1, 9, 'p1.test')),
    ('early.test', 'SRV', (2, 1, 9, 'p1.test')),
    ('early.test', 'SRV', (1, 1, 'PORT', 'p1.test')),
    ('p1.test', 'A', '127.0.0.1')]
tests.add('RFC 1034 s3.6.2: NAPTR of an alias',
          moved(ALIASED, 'pcscf.test'), 'NAPTR')(by_alias)
tests.add('RFC 1034 s3.6.2: SRV of an alias',
          moved(ALIASED, 'early.test'), 'SRV')(by_alias)
tests.add('RFC 1034 s3.6.2: A of an alias of an alias',
          moved(moved(ALIASED, 'p1.test'), 'at.p1.test'), 'A')(by_alias)
tests.add('RFC 1034 s3.6.2: an alias of itself leads nowhere', [
    ('p1.test', 'A', '127.0.0.1'), *SRV[:1],
    ('pcscf.test', 'CNAME', 'pcscf.test')], 'NAPTR')(by_alias)


@tests.add('RFC 3263: name servers that DHCP changes')
async def servers_change():
    if os.geteuid():
        raise Skip('no right to mount a resolv.conf of its own')
    hosts = '127.53.0.1', '127.53.0.2'
    with tempfile.NamedTemporaryFile('w') as conf:
        async with named(SRV, 'udp') as (probe, dns):
            del probe.ue.settings['dns']
            words = ['unshare', '-m', 'sh', '-c',
                     'mount --bind "$0" /etc/resolv.conf && exec "$@"',
                     conf.name] + probe.ue.words()
            probe.ue.words = lambda: words
            await probe.ue.stop()
            probe.ue.events.clear()
            probe.ue.pos = 0
            await probe.ue.start()

            def servers(text):
                conf.seek(0)
                conf.truncate()
                conf.write(text)
                conf.flush()

            servers('# not yet\n')
            await probe.ue.command('register')
            await probe.event('register-retry')
            await probe.ue.command('deregister')
            await probe.event('deregistered')
            for host in hosts:
                servers('search test\nnameserver %s\n' % host)
                async with NameServer(dns.records, host, 53) as later:
                    for _ in range(2):
                        await probe.registered()
                        check(later.queries, 'no query at %s', host)
                        await probe.deregister()
                        # as while the client asks for another lease
                        servers('')
                        later.queries.clear()


@tests.add('RFC 3263: a look-up that was given up is not in the way of the '
           'next')
async def given_up():
    async with named(SRV, 'udp') as (probe, dns):
        dns.silent = True
        await probe.ue.command('register')
        await probe.until(lambda: dns.queries, 'a query')
        await probe.ue.command('deregister')
        await probe.event('deregistered')
        dns.silent = False
        await probe.registered()
        await probe.deregister()


if __name__ == '__main__':
    sys.exit(tests.main())
