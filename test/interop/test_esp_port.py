#!/usr/bin/python3
# class: test
# needs: iproute2 util-linux user-mode-linux kmod gcc libc6-dev
"""ESP of the Linux port: behind a TUN device, and in the kernel.

Two ends on two sides of a veth pair, in namespaces made here. Where the
kernel has no ESP of its own, the second half runs in a user-mode Linux guest:
there one end uses the kernel's ESP, the other one the TUN device.

    test_esp_port.py [tun|xfrm]
"""

import os
import signal
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'tools'),
                os.path.join(HERE, '..')]
import esp_end                                              # noqa: E402
import esp_port                                             # noqa: E402
import uml                                                  # noqa: E402
from lab import uims                                        # noqa: E402
from esp_port import Pair, Sniffer, ip, proto, stream       # noqa: E402

ESP = 50
MODULES = uml.MODULES + ('tun', 'veth')


class Failed(Exception):
    """A check does not hold."""


def check(cond, what):
    """The check that everything here is made of."""
    if not cond:
        raise Failed(what)


# ---- what both ways must do

def carries(link, modes, pair, family):
    """UDP on all four associations and TCP; nothing else is on the wire."""
    with Pair(link, modes, pair, family) as p:
        wire = Sniffer(p.nets[0], 'v0')
        for size in (1, 15, 16, 17, 1300):
            check(all(a and b for a, b in p.udp(os.urandom(size))),
                  '%d octets' % size)
        ue, peer = p.connect()
        check(ue.getsockname()[0] == esp_port.ENDS[family][0], 'source')
        check(stream(ue, peer, 100000), 'stream up')
        check(stream(peer, ue, 100000), 'stream down')
        peer.close()
        p.ue.release()
        time.sleep(0.2)
        found = {proto(q) for _, q in wire.packets()}
        # 58: neighbour discovery of the link itself
        check(found - {58} == {ESP}, 'on the wire: %s' % found)
        wire.close()
        up, down = p.ue.counters(), p.pcscf.counters()
        check(up['out-protected'] == down['in-protected'] > 20,
              'counted: %s %s' % (up, down))


def unheard(link, modes, family):
    """TS 33.203 s7.1: what comes to a port without a socket is not repeated
    in the clear by an ICMP error."""
    with Pair(link, modes, family=family) as p:
        check(all(a and b for a, b in p.udp(b'heard')), 'exchange')
        p.ue.uc.close()
        p.ue.us.close()
        before = p.ue.ask(b'u')['in-protected']
        wire = Sniffer(p.nets[0], 'v0')
        for src, port in ((p.pcscf.us, p.portv[0]), (p.pcscf.uc,
                                                     p.portv[1])):
            src.sendto(b'unheard', (p.ue.local, port))
        deadline = time.monotonic() + esp_port.LONG
        while p.ue.counters()['in-protected'] < before + 2:
            check(time.monotonic() < deadline, 'nothing came')
        time.sleep(0.2)
        found = {proto(q) for _, q in wire.packets() if b'unheard' in q}
        check(not found, 'in the clear: %s' % found)
        wire.close()


def large(link, modes, family):
    """Datagrams are cut after ESP; segments are not cut at all."""
    with Pair(link, modes, family=family) as p:
        first = [esp_port.fragments(n) for n in p.nets]
        check(all(a and b for a, b in p.udp(os.urandom(9000))), 'datagram')
        before = [esp_port.fragments(n) for n in p.nets]
        check(all(a < b for a, b in zip(first, before)), 'no fragments')
        ue, peer = p.connect()
        check(stream(ue, peer, 1000000), 'up')
        check(stream(peer, ue, 1000000), 'down')
        peer.close()
        check([esp_port.fragments(n) for n in p.nets] == before,
              'segments were cut')


def unprotected(link, modes, family):
    """In the clear nothing reaches a protected port and nothing leaves."""
    with Pair(link, modes, family=family) as p:
        af = socket.AF_INET if family == 4 else socket.AF_INET6
        stranger = p.nets[1].socket(af, socket.SOCK_DGRAM)
        stranger.bind((p.pcscf.local, 7777))
        for port in p.portv[:2]:
            stranger.sendto(b'clear', (p.ue.local, port))
        caller = p.nets[1].socket(af, socket.SOCK_STREAM)
        caller.settimeout(0.5)
        try:
            caller.connect((p.ue.local, p.portv[1]))
            check(False, 'connected in the clear')
        except OSError:
            pass
        wire = Sniffer(p.nets[0], 'v0')
        for dst in ((p.pcscf.local, 7777), (p.pcscf.local, p.portv[2])):
            try:
                p.ue.uc.sendto(b'not for this', dst)
            except OSError:
                pass
        time.sleep(0.3)
        out = [q for sent, q in wire.packets() if sent and proto(q) == 17]
        check(not out, 'left in the clear: %s' % out)
        check(all(a and b for a, b in p.udp(b'and on')), 'no longer works')
        for s in (p.ue.uc, p.ue.us):
            s.setblocking(False)
            try:
                check(False, 'reached us: %s' % s.recv(100))
            except BlockingIOError:
                pass
        for s in (stranger, caller, wire):
            s.close()


def attacked(link, modes, family):
    """Replayed, tampered, truncated packets and unknown SPIs are dropped and
    counted."""
    with Pair(link, modes, family=family) as p:
        wire = Sniffer(p.nets[0], 'v0')
        check(all(a and b for a, b in p.udp(b'x' * 100)), 'exchange')
        seen = [esp_end.payload(q) for sent, q in wire.packets()
                if not sent and proto(q) == ESP]
        wire.close()
        check(len(seen) == 2, 'captured %d' % len(seen))
        sender = esp_port.esp_sender(p.nets[1], family)
        before = p.ue.counters()
        fresh = struct.pack('!I', 1000)
        bad = {'replay': [seen[0], seen[1]],
               'icv': [q[:4] + fresh + q[8:] for q in seen] +
                      [esp_port.flipped(seen[0][:4] + fresh + seen[0][8:],
                                        len(seen[0]) - 1)]}
        if modes[0] == 'tun':
            bad['no-sa'] = [esp_port.flipped(seen[0], 3)]
            bad['length'] = [seen[0][:n] for n in (4, 19)] + [seen[1][:-1]]
        for packets in bad.values():
            for q in packets:
                sender.sendto(q, (p.ue.local, 0))
        want = {k: before[k] + len(v) for k, v in bad.items()}
        end = time.monotonic() + esp_port.LONG
        while True:
            now = p.ue.counters()
            if all(now[k] == n for k, n in want.items()):
                break
            check(time.monotonic() < end, 'counted %s, not %s' % (
                {k: now[k] for k in want}, want))
        for s in (p.ue.uc, p.ue.us):
            s.setblocking(False)
            try:
                check(False, 'reached us: %s' % s.recv(100))
            except BlockingIOError:
                s.settimeout(esp_port.LONG)
        check(all(a and b for a, b in p.udp(b'and on')), 'no longer works')
        sender.close()


def removed(link, modes, family):
    """After the set is gone its ports stay silent."""
    with Pair(link, modes, family=family) as p:
        check(all(a and b for a, b in p.udp(b'before')), 'exchange')
        p.ue.ask(b'r')
        wire = Sniffer(p.nets[0], 'v0')
        try:
            p.ue.uc.sendto(b'after', (p.pcscf.local, p.portv[3]))
        except OSError:
            pass
        p.pcscf.uc.sendto(b'after', (p.ue.local, p.portv[1]))
        time.sleep(0.3)
        left = [q for sent, q in wire.packets()
                if sent and proto(q) in (17, ESP)]
        check(not left, 'left: %s' % left)
        wire.close()
        p.ue.us.setblocking(False)
        try:
            check(False, 'reached us: %s' % p.ue.us.recv(100))
        except BlockingIOError:
            pass


# ---- the TUN device

def tun_ends(link, how):
    """Device, addresses and routes end with the program."""
    with Pair(link) as p:
        check(p.udp(b'x'), 'exchange')
        dev = p.ue.device
        check(dev in p.nets[0].run('ip', 'link'), 'no device')
        status = p.ue.close(how)
        check(status == (-how if how == signal.SIGKILL else 0),
              'exit status %s' % status)
        for what in (('link',), ('-6', 'route', 'show', 'table', 'all'),
                     ('route', 'show', 'table', 'all'), ('rule',)):
            check(dev not in p.nets[0].run('ip', *what), what)


def one_host(_, addrs):
    """Both ends on one host."""
    with esp_port.Net(addrs) as net, \
            Pair(net, family=6 if ':' in addrs[0] else 4) as p:
        for _ in range(3):
            check(all(a and b for a, b in p.udp(os.urandom(1000))), 'udp')
        ue, peer = p.connect()
        check(stream(ue, peer, 200000), 'up')
        check(stream(peer, ue, 200000), 'down')
        peer.close()


def other_routes(link):
    """Traffic of others does not follow the device."""
    with Pair(link, family=6) as p:
        check(all(a and b for a, b in p.udp(b'x')), 'exchange')
        net = p.nets[0]
        check('dev v0' in net.run('ip', '-6', 'route', 'get',
                                  esp_port.ENDS[6][1]), 'peer')
        default = ('default', 'via', esp_port.ENDS[6][1])
        ip('-6', 'route', 'add', *default, net=net)
        check('dev v0' in net.run('ip', '-6', 'route', 'get', '2001:db8::1'),
              'default route')
        check(all(a and b for a, b in p.udp(b'x')), 'exchange again')
        ip('-6', 'route', 'del', *default, net=net)


def automatic(link):
    """auto: the TUN device where it can be had, and it says so."""
    with Pair(link, ('auto', 'tun')) as p:
        check(p.ue.mode == 'tun' and p.ue.device.startswith('uims'),
              'is %s' % p.ue.mode)
        check(all(a and b for a, b in p.udp(b'x')), 'exchange')


def not_permitted(_, mode):
    """Without the rights: an error that says what was refused."""
    with esp_port.Net() as net:
        net.words += ['setpriv', '--reuid=65534', '--clear-groups',
                      '--inh-caps=-all', '--bounding-set=-all']
        try:
            esp_port.End(net, mode, ('hmac-sha-1-96', 'null'), 4, bytes(16),
                         bytes(16), '127.0.0.1', '127.0.0.2',
                         (256, 257, 258, 259), (31100, 31200, 5100, 6100))
            check(False, 'no error')
        except RuntimeError as err:
            check('ermi' in str(err), 'says: %s' % err)


def refused(_, mode, word):
    """uims refuses what it cannot have, naming the setting."""
    words = ['setpriv', '--reuid=65534', '--clear-groups', '--inh-caps=-all',
             '--bounding-set=-all', uims.PROGRAM, '-e', 'status']
    for setting in ('pcscf=127.0.0.1', 'impi=a@b', 'impu=sip:a@b', 'home=b',
                    'k=' + 32 * '1', 'opc=' + 32 * '2', 'sec=ipsec',
                    'esp=' + mode):
        words += ['-s', setting]
    done = subprocess.run(words, check=False, text=True, cwd='/',
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(done.returncode == 2, 'exit status %d' % done.returncode)
    check('uims: %s: ' % word in done.stderr, 'says: ' + done.stderr)
    check('CAP_NET_ADMIN' in done.stderr, 'says: ' + done.stderr)


# ---- the kernel's ESP

def xfrm(net, what):
    """What the kernel has of ours."""
    return net.run('ip', 'xfrm', what)


def listed(link):
    """States and policies as TS 33.203 s7.1 says: addresses and ports, any
    transport protocol."""
    with Pair(link, ('xfrm', 'tun')) as p:
        text = xfrm(p.nets[0], 'state')
        me, peer = esp_port.ENDS[4]
        uc, us, pc, ps = p.portv
        spi_uc, spi_us, spi_pc, spi_ps = p.spis
        for src, dst, spi, sport, dport in (
                (me, peer, spi_ps, uc, ps), (peer, me, spi_uc, ps, uc),
                (peer, me, spi_us, pc, us), (me, peer, spi_pc, us, pc)):
            at = text.find('src %s dst %s\n\tproto esp spi 0x%08x' % (
                src, dst, spi))
            check(at >= 0, 'no state %08x in\n%s' % (spi, text))
            one = text[at:].split('\nsrc ')[0]
            check('mode transport' in one, one)
            check('replay_window 64' in one or 'replay-window 64' in one,
                  one)
            check('sel src %s/32 dst %s/32 sport %d dport %d' % (
                src, dst, sport, dport) in one, one)
        check(text.count('proto esp') == 4, text)
        text = xfrm(p.nets[0], 'policy')
        for port in (uc, us):
            check('src %s/32 dst 0.0.0.0/0 sport %d ' % (me, port) in text,
                  text)
            check('src 0.0.0.0/0 dst %s/32 dport %d ' % (me, port) in text,
                  text)
        check(text.count('proto esp') == 4, text)


def xfrm_ends(link, how):
    """No state and no policy is left when the program ends; what a killed
    one leaves, the next one removes."""
    with Pair(link, ('xfrm', 'tun')) as p:
        net = p.nets[0]
        # of others: stays
        ip('xfrm', 'policy', 'add', 'src', '192.0.2.1', 'dst', '192.0.2.2',
           'dir', 'out', 'tmpl', 'proto', 'esp', 'reqid', '1', 'mode',
           'transport', net=net)
        p.ue.close(how)
        if how == signal.SIGKILL:
            check(xfrm(net, 'state').count('proto esp') == 4, 'killed')
            check(xfrm(net, 'policy').count('proto esp') == 5, 'killed')
            again = esp_port.End(net, 'xfrm', ('null', 'aes-gcm'), 4,
                                 bytes(16), bytes(16), p.ue.local,
                                 p.ue.remote, p.spis, (31998, 31999, 1, 2))
            check(xfrm(net, 'state').count('proto esp') == 4, 'next')
            check('dport %d ' % p.portv[0] not in xfrm(net, 'policy'),
                  'next: policies')
            again.close()
        check(not xfrm(net, 'state'), xfrm(net, 'state'))
        text = xfrm(net, 'policy')
        ip('xfrm', 'policy', 'flush', net=net)
        check(text.count('proto esp') == 1 and '192.0.2.1' in text, text)


PAIRS = [('hmac-sha-1-96', 'aes-cbc'), ('null', 'aes-gcm')]


def tests_tun():
    """(name, function, arguments)."""
    tun = ('tun', 'tun')
    for family in (4, 6):
        for pair in PAIRS:
            yield 'TUN: IPv%d alg=%s ealg=%s UDP and TCP' % (
                family, *pair), carries, (tun, pair, family)
        for what, func in (('long datagrams, whole segments', large),
                           ('unprotected traffic', unprotected),
                           ('a port without a socket', unheard),
                           ('bad packets dropped and counted', attacked),
                           ('a removed set', removed)):
            yield 'TUN: IPv%d %s' % (family, what), func, (tun, family)
    for how in (None, signal.SIGTERM, signal.SIGKILL):
        yield 'TUN: nothing is left, %s' % (
            how.name if how else 'end'), tun_ends, (how,)
    yield 'TUN: both on 127.0.0.0/8', one_host, (('127.0.0.1', '127.0.0.2'),)
    yield 'TUN: both on one address', one_host, (('127.0.0.1', '127.0.0.1'),)
    yield 'TUN: IPv6, both on one host', one_host, (('fd79::1', 'fd79::2'),)
    yield 'TUN: routes of others', other_routes, ()
    yield 'auto takes the TUN device', automatic, ()
    for mode in ('auto', 'tun', 'xfrm'):
        yield '%s: not permitted' % mode, not_permitted, (mode,)
        yield 'uims, esp=%s: not permitted' % mode, refused, (
            mode, 'sec ipsec' if mode == 'auto' else 'esp ' + mode)


def tests_xfrm():
    """(name, function, arguments)."""
    modes = ('xfrm', 'tun')
    for family, pairs in ((4, esp_end.PAIRS), (6, PAIRS)):
        for pair in pairs:
            yield 'XFRM: IPv%d alg=%s ealg=%s UDP and TCP' % (
                family, *pair), carries, (modes, pair, family)
        for what, func in (('unprotected traffic', unprotected),
                           ('a port without a socket', unheard),
                           ('bad packets dropped and counted', attacked),
                           ('a removed set', removed)):
            yield 'XFRM: IPv%d %s' % (family, what), func, (modes, family)
    yield 'XFRM: states and policies as listed by ip xfrm', listed, ()
    for how in (None, signal.SIGTERM, signal.SIGKILL):
        yield 'XFRM: nothing is left, %s' % (
            how.name if how else 'end'), xfrm_ends, (how,)


def run(tests):
    """All of them; [passed, failed]."""
    link = esp_port.Link()
    try:
        return run_on(link, tests)
    finally:
        link.close()


def run_on(link, tests):
    """The same on a link."""
    count = [0, 0]
    for name, func, args in tests:
        try:
            func(link, *args)
            why = None
        except (Failed, OSError, RuntimeError, KeyError,
                subprocess.SubprocessError) as err:
            why = '%s%s' % ('' if isinstance(err, Failed)
                            else type(err).__name__ + ': ', err)
        print('FAIL %s: %s' % (name, why) if why else 'ok ' + name,
              flush=True)
        count[bool(why)] += 1
    return count


def in_guest():
    """The second half, in a guest; [passed, failed]."""
    count = [0, 0]
    with uml.Guest(['/usr/bin/python3', os.path.abspath(__file__), 'xfrm'],
                   modules=MODULES) as guest:
        done = guest.wait(' passed, ', 300)
        text = guest.text()
    for line in text.splitlines():
        if line.startswith(('ok ', 'FAIL ')):
            print(line)
            count[line.startswith('FAIL')] += 1
    if not done or not sum(count):
        print('FAIL XFRM: the guest has not come to an end')
        print(text[-3000:])
        count[1] += 1
    return count


def main():
    """Both halves, or one of them."""
    part = sys.argv[1] if len(sys.argv) > 1 else ''
    skipped = 0
    count = [0, 0]
    if os.geteuid() or not os.access('/dev/net/tun', os.R_OK | os.W_OK):
        print('skip ESP of the port: needs root and /dev/net/tun')
        print('0 passed, 0 failed, 1 skipped')
        return 0
    if part == 'xfrm':
        count = run(tests_xfrm())
    else:
        count = run(tests_tun())
        why = uml.missing()
        if why and not part:
            print('skip XFRM: ' + why)
            skipped = 1
        elif not part:
            uml.network()
            count = [a + b for a, b in zip(count, in_guest())]
    print('%d passed, %d failed%s' % (
        *count, ', %d skipped' % skipped if skipped else ''))
    return 1 if count[1] else 0


if __name__ == '__main__':
    sys.exit(main())
