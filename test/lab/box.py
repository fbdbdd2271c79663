#!/usr/bin/python3
"""The network in a box: HSS, S-CSCF and one or more P-CSCFs on loopback.

In a test:      async with Box() as box: ... box.do('at REGISTER:1 bad-mac')
By hand:        test/lab/box.py --port 5060 --control 5099 -v
"""
import argparse
import asyncio
import json
import os
import signal
import sys
import time

if __package__ in (None, ''):
    sys.path.insert(0, os.path.join(os.path.dirname(
        os.path.abspath(__file__)), '..'))
    __package__ = 'lab'

from . import (checks, conf_control, control, core, focus, hss, initiate,
               misbehave, msrp_switch, options, pages, pcscf, peer, poc, scscf,
               session_checks, sip, tap)


class Entry:
    """One message that passed a P-CSCF; up is from the UE."""

    def __init__(self, node, way, flow, data, what):
        self.at, self.pcscf, self.way = time.monotonic(), node.index, way
        self.transport, self.peer = flow.transport, flow.peer
        self.data, self.kind = data, None
        # as it passed: what becomes of it later does not show
        self.msg = what.copy() if isinstance(what, sip.Message) else None
        self.name = self.msg.name if self.msg else what
        # in ESP: algorithms and octets of the IP packets
        self.pair, self.octets = None, 0

    def __str__(self):
        return '%s %s %s %d %s:%d%s' % (
            self.way, self.name, self.transport, len(self.data),
            sip.host_text(self.peer[0]), self.peer[1],
            ' (%s)' % self.kind if self.kind else '')


class Box:
    """hosts: one P-CSCF each; ports: 0 picks free ones; t1, t2 seconds;
    wire: a netns.Wire, for security agreement and ESP."""

    def __init__(self, hosts=('127.0.0.1',), ports=(0,), home=options.HOME,
                 t1=0.5, t2=4.0, verbose=False, wire=None):
        self.wire = wire
        self.tap = tap.Tap(wire.device, self.in_the_clear) if wire else None
        self.options = options.Options()
        self.rules = misbehave.Rules()
        self.hss = hss.Hss(home)
        self.checker = checks.Checker(self.options, home, verbose)
        self.t1, self.t2, self.verbose = t1, t2, verbose
        self.trace, self.control = [], None
        self.before_commands = []       # functions, called before each
        self.scscf = scscf.Scscf(self.hss, self.options, self.checker)
        self.commands = control.Commands(self)
        self.core = core.Core(self.scscf, self.checker)
        self.session_checks = session_checks.SessionChecks(self.checker)
        self.msrp = msrp_switch.Switch(self.checker, hosts[0])
        self.pcscfs = [pcscf.Pcscf(self, i, host, port)
                       for i, (host, port) in enumerate(zip(hosts, ports))]
        self.conf = focus.ConfServer(self, self.msrp)
        self.poc = poc.PocServer(self, self.msrp)
        self.initiate = initiate.InitiateServer(self, self.msrp)
        self.peers = peer.PeerServer(self, self.msrp)
        self.pages = pages.PageServer(self)
        self.commands.more.append(conf_control.Commands(self))

    async def start(self):
        if self.tap:
            self.tap.start()
        await self.msrp.start()
        for node in self.pcscfs:
            await node.start()
        return self

    async def stop(self):
        for server in self.core.servers:
            server.stop()
        self.msrp.stop()
        if self.tap:
            self.tap.stop()
        for node in self.pcscfs:
            node.stop()
            for task in list(node.tasks):
                task.cancel()
        for account in self.scscf.accounts.values():
            if account.binding:
                account.binding.timer.cancel()
            for sub in account.subscriptions:
                sub.timer.cancel()
        if self.control:
            self.control.close()
        await asyncio.sleep(0)

    async def __aenter__(self):
        return await self.start()

    async def __aexit__(self, *exc):
        await self.stop()

    def restart_soon(self, node):
        task = asyncio.ensure_future(node.start())
        node.tasks.add(task)
        task.add_done_callback(node.tasks.discard)

    def do(self, line):
        """One control line; raises ValueError when it is refused."""
        for func in self.before_commands:
            func()
        return self.commands.run(line)

    def note(self, node, way, flow, data, what):
        entry = Entry(node, way, flow, data, what)
        self.trace.append(entry)
        node.security.measure(entry, flow)
        if self.verbose:
            print(entry, flush=True)

    def in_the_clear(self, source, destination, port):
        """The tap saw a packet of a UE outside ESP."""
        for node in self.pcscfs:
            if node.host == destination and port in node.security.guarded:
                node.security.in_the_clear(source, port)

    @property
    def complaints(self):
        return self.checker.complaints

    def seen(self, name, way=None, kind=None):
        """The trace entries of a message name, in order."""
        return [e for e in self.trace if e.name == name and
                way in (None, e.way) and kind in (None, e.kind)]

    async def until(self, condition, seconds=10):
        """Wait until condition() is true; False when it never was."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.01)
        return True


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--host', action='append',
                        help='address of a P-CSCF, repeatable (127.0.0.1)')
    parser.add_argument('--port', type=int, action='append',
                        help='its port, as often as --host (0: any)')
    parser.add_argument('--home', default=options.HOME)
    parser.add_argument('--control', type=int, default=0,
                        help='TCP port of the control socket (0: any)')
    parser.add_argument('--do', action='append', default=[],
                        help='a control line to run at start, repeatable')
    parser.add_argument('-v', action='store_true',
                        help='print messages, and complaints as they come')
    args = parser.parse_args()
    hosts = args.host or ['127.0.0.1']
    ports = (args.port or []) + [0] * len(hosts)
    box = Box(hosts, ports, args.home, verbose=args.v)
    try:
        for line in args.do:
            box.do(line)
        await box.start()
    except (ValueError, OSError) as err:
        sys.exit('lab: %s' % err)
    box.control = await control.serve(box, args.control)
    print(json.dumps({
        'event': 'ready', 'pcscf': [n.address for n in box.pcscfs],
        'control': box.control.sockets[0].getsockname()[1],
        'home': args.home}), flush=True)
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGTERM, box.commands.stopped.set)
    await box.commands.stopped.wait()
    await box.stop()
    print('%d complaints' % len(box.complaints))


if __name__ == '__main__':
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
