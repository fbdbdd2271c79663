#!/usr/bin/python3
# needs: sip-tester
# class: test
"""Sessions of our UE against sipp's scenarios, which know nothing of us:
offer and answer, reliable provisional responses, hold by re-INVITE and UPDATE,
session timers, a stream that is refused; REFER both ways."""
import asyncio
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from interop import kamailio                                # noqa: E402
from lab.testing import Skip, Tests, check, equal           # noqa: E402
from lab.uims import Uims                                   # noqa: E402

tests = Tests(60)

SETTINGS = {'impi': 'alice@example.net', 'impu': 'sip:alice@example.net',
            'home': 'example.net', 'password': 'x',
            'pcscf': '127.0.0.1:5060', 'local': '127.0.0.1:5090',
            'transport': 'udp', 'sec': 'none', 'reg_event': 'off',
            'timers': 'rfc3261', 'audio': '40000'}


async def run(scenario, calls, commands, steps=None):
    """sipp with a scenario and the UE with its commands, or steps(ue), which
    gives them; the UE's events."""
    if not shutil.which('sipp'):
        raise Skip('sip-tester is not installed')
    folder = tempfile.mkdtemp(prefix='uims-sipp-')
    try:
        sipp = await asyncio.create_subprocess_exec(
            'sipp', '-i', '127.0.0.1', '-p', '5060', '-nostdin', '-t', 'u1',
            '-sf', os.path.join(HERE, 'sipp', scenario), '-m', str(calls),
            '-timeout', '30', '-timeout_error', '-trace_err', cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        await asyncio.sleep(0.5)
        ue = Uims(SETTINGS, commands)
        await ue.start()
        try:
            if steps:
                await steps(ue)
            status = await ue.wait(40)
            out, _ = await asyncio.wait_for(sipp.communicate(), 40)
        finally:
            await ue.stop()
            if sipp.returncode is None:
                sipp.kill()
        equal(status, 0, 'exit status of uims; %s' % ue.events[-3:])
        equal(sipp.returncode, 0, 'exit status of sipp; ' + errors(folder)
              + out.decode('utf-8', 'replace')[-300:])
        return ue.events
    finally:
        shutil.rmtree(folder)


def errors(folder):
    text = ''
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding='utf-8',
                  errors='replace') as f:
            text += f.read()[-600:]
    return text


def named(events, name):
    return [e for e in events if e['event'] == name]


@tests.add('a call to sipp: 183 with PRACK, hold by re-INVITE, UPDATE, BYE')
async def calls_sipp():
    events = await run('call_uas.xml', 2, 'register; '
                       'call sip:bob@example.net; wait session-changed 5; '
                       'sleep 1; hangup')
    equal([e['status'] for e in named(events, 'session-progress')],
          [183, 180], 'provisional responses')
    up = named(events, 'session-established')
    equal(len(up), 1, 'sessions')
    equal((up[0]['media'], up[0]['codec']), ('127.0.0.1:49170', 'PCMU'),
          'what was agreed')
    equal([e['held'] for e in named(events, 'session-changed')],
          [True, False], 'hold and resume')
    check(named(events, 'session-ended'), 'no end')


@tests.add('a call from sipp: 100rel required, one stream of two, BYE')
async def called_by_sipp():
    events = await run('call_uac.xml', 1, 'register; '
                       'wait session-incoming 5; answer; '
                       'wait session-ended 10')
    equal(named(events, 'session-incoming')[0]['reason'], 'tel:+15550123',
          'who calls')
    equal(named(events, 'session-established')[0]['codec'], 'PCMU',
          'what was agreed')
    check(named(events, 'session-ended')[0]['by_peer'], 'who hung up')


async def tell(ue, line, *names):
    """A command and its outcome: one of these events."""
    await ue.command(line)
    event = await ue.event(*names)
    check(event, 'no %s; events %s', ' or '.join(names),
          [e.get('name', e['event']) for e in ue.events])
    return event


@tests.add('RFC 3515 s2.4: REFER to sipp: 202 first, NOTIFY first, 603 in the '
           'NOTIFY, 603 to the REFER')
async def refers_sipp():
    async def steps(ue):
        await tell(ue, 'register', 'registered')
        event = await tell(ue, 'join sip:conf@example.net',
                           'conference-joined', 'conference-failed')
        equal(event['event'], 'conference-joined', 'event')
        # RFC 4575 is not what this focus has
        check(await ue.event('conference-subscription-ended'), 'no 489')
        for name, event, status in (
                ('bob', 'invited', 200), ('carol', 'invited', 200),
                ('dave', 'invite-failed', 603),
                ('eve', 'invite-failed', 603)):
            found = await tell(ue, 'invite sip:%s@example.net' % name,
                               'invited', 'invite-failed')
            equal((found['event'], found['status'], found['uri']),
                  (event, status, 'sip:%s@example.net' % name), name)
        event = await tell(ue, 'leave', 'conference-ended')
        equal(event['reason'], 'left', 'reason')
        await ue.command('quit')

    await run('refer_uas.xml', 3, None, steps)


@tests.add('RFC 3515 s2.4, TS 24.147 5.3.1.4.2: REFER from sipp: the user '
           'refuses, the user follows')
async def referred_by_sipp():
    async def steps(ue):
        await tell(ue, 'register', 'registered')
        event = await ue.event('conference-invitation')
        equal((event['conference'], event['inviter']),
              ('sip:conf@example.net', 'sip:bob@example.net'), 'invitation')
        await tell(ue, 'leave', 'conference-failed', 'conference-ended')
        check(await ue.event('conference-invitation'), 'no second one')
        event = await tell(ue, 'accept', 'conference-joined',
                           'conference-failed')
        equal(event['event'], 'conference-joined', 'event')
        check(await ue.event('conference-subscription-ended'), 'no 489')
        await tell(ue, 'leave', 'conference-ended')
        await ue.command('quit')

    await run('refer_uac.xml', 3, None, steps)


if __name__ == '__main__':
    kamailio.enter_namespace()
    sys.exit(tests.main())
