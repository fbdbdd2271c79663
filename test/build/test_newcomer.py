#!/usr/bin/python3
# class: soak
# needs: debootstrap git
"""A newcomer on a Debian 12 with nothing but git and make, in a folder and in
namespaces of its own: what the README says, as a user who may not install
packages and as root. Packages come from where the host's apt has them; of all
this nothing is left."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
CODENAME = 'bookworm'
# what is mounted is so in this namespace alone, and gone with its programs
INSIDE = ['unshare', '--mount', '--propagation', 'private', '--pid', '--fork',
          '--kill-child', '--ipc', '--uts', 'sh', '-ec', '''
mount -t proc proc "$0/proc"
if [ -e /dev/net/tun ]; then
	mkdir -p "$0/dev/net"
	touch "$0/dev/net/tun"
	mount --bind /dev/net/tun "$0/dev/net/tun"
fi
exec chroot "$0" "$@"
''']
counts = {True: 0, False: 0}


class Stop(Exception):
    """What follows needs what has failed."""


def result(name, good, why=''):
    counts[bool(good)] += 1
    print('ok ' + name if good else 'FAIL %s: %s' % (
        name, ' | '.join(why.split('\n'))), flush=True)
    return good


def output(*words):
    return subprocess.run(words, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def sources():
    """Lines of sources.list for what the host's apt has of this Debian."""
    found = {}
    for line in output('apt-get', 'indextargets', '--format',
                       '$(ORIGIN) $(CODENAME) $(REPO_URI) $(COMPONENT)',
                       'Created-By: Packages').splitlines():
        origin, name, uri, component = (line.split() + [''] * 4)[:4]
        if origin == 'Debian' and name.startswith(CODENAME):
            found.setdefault((uri, name), set()).add(component)
    return ['deb %s %s %s' % (uri, name, ' '.join(sorted(components)))
            for (uri, name), components in sorted(found.items())]


def settings():
    """What the host's apt was told about proxies and dates; as apt.conf, and
    as variables for programs that are not apt."""
    kept = re.findall(r'^Acquire::(?:Check-\S+|\S*[Pp]roxy\S*) ".*";$',
                      output('apt-config', 'dump', 'Acquire'), re.M)
    env = {k: v for k, v in os.environ.items()
           if k.lower() in ('http_proxy', 'https_proxy', 'no_proxy')}
    proxy = re.search(r'^Acquire::http::Proxy "(http.*)";$',
                      '\n'.join(kept), re.M | re.I)
    if proxy:
        env.setdefault('http_proxy', proxy.group(1))
    return '\n'.join(kept + ['APT::Get::Assume-Yes "true";', '']), env


class Debian:
    """A minimal Debian in a folder."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix='uims-newcomer-', dir='/var/tmp')
        os.chmod(self.path, 0o755)
        self.conf, self.env = settings()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        shutil.rmtree(self.path)

    def write(self, name, text):
        with open(os.path.join(self.path, name), 'w',
                  encoding='utf-8') as f:
            f.write(text)

    def make(self):
        lines = sources()
        main = [line.split()[1] for line in lines
                if line.split()[2] == CODENAME]
        if not main:
            raise Stop('apt has no source for %s' % CODENAME)
        proc = subprocess.run(
            ['debootstrap', '--variant=minbase', CODENAME, self.path,
             main[0]], env={**os.environ, **self.env}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False)
        if proc.returncode:
            raise Stop('debootstrap: ' + proc.stdout[-600:])
        self.write('etc/apt/sources.list', '\n'.join(lines) + '\n')
        self.write('etc/apt/apt.conf.d/99host', self.conf)
        shutil.copy('/etc/resolv.conf',
                    os.path.join(self.path, 'etc/resolv.conf'))
        subprocess.run(['git', 'bundle', 'create', '-q', os.path.join(
            self.path, 'srv/uims.bundle'), 'HEAD'], cwd=ROOT, check=True)

    def run(self, script, user='root'):
        """(exit status, output) of a script in the user's folder."""
        words = ['sh', '-ec', 'cd; ' + script]
        if user != 'root':
            words = ['setpriv', '--reuid', user, '--regid', user,
                     '--init-groups'] + words
        home = '/root' if user == 'root' else '/home/' + user
        proc = subprocess.run(
            [*INSIDE, self.path, 'env', '-i', 'HOME=' + home,
             'PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
             *('%s=%s' % kv for kv in self.env.items()), *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False)
        return proc.returncode, proc.stdout.decode('utf-8', 'replace')


def step(debian, name, script, *texts, user='root', status=0):
    """One thing that the newcomer does, its output."""
    code, out = debian.run(script, user)
    missing = [t for t in texts if not re.search(t, out)]
    result('%s (%s)' % (name, user), code == status and not missing,
           'exit status %d, no %s in: %s %s' % (
               code, missing, re.findall('FAIL.*', out), out[-900:]))
    return out


def readme():
    """The program of README.md and the commands that build and run it."""
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as f:
        text = f.read()
    return (re.search(r'```c\n(.*?)```', text, re.S).group(1),
            re.search(r'```sh\n([^`]*hello\.c[^`]*)```', text).group(1))


def named(out):
    """The packages of the command that a user is told to have run."""
    found = re.search(r'As root:\n  apt-get install --no-install-recommends '
                      r'(.*)', out)
    return set(found.group(1).split()) if found else set()


def told(debian, goal, *some):
    """A user without rights is told all that is missing, and these."""
    out = step(debian, 'make %s names the missing packages' % goal,
               'cd uims; make ' + goal, 'Packages are missing', user='ann',
               status=2)
    result('make %s: they are packages of this Debian' % goal,
           set(some) <= named(out) and not debian.run(
               'apt-get install -s ' + ' '.join(named(out)))[0],
           'named are: %s' % named(out))
    return named(out)


def story(debian):
    program, commands = readme()
    code, out = debian.run('apt-get update; apt-get install '
                           '--no-install-recommends git make; '
                           'useradd -m -s /bin/sh ann')
    if not result('a Debian with git and make', not code, out[-600:]):
        raise Stop('no git and make')
    for user in ('ann', 'root'):
        step(debian, 'git clone', 'git clone /srv/uims.bundle uims',
             user=user)
        debian.write('%s/uims/hello.c' % (
            'root' if user == 'root' else 'home/ann'), program)

    step(debian, 'make names the compiler\'s package', 'cd uims; make',
         'needs gcc: apt-get install .*gcc', user='ann', status=2)
    before = told(debian, 'demo', 'gcc', 'libc6-dev', 'python3')
    told(debian, 'check', 'gcc')
    told(debian, 'test', 'gcc', 'kamailio', 'valgrind')

    out = step(debian, 'make demo', 'cd uims; make demo', r'\ngood: ')
    installed = set(' '.join(re.findall(r'^  APT +(.*)$', out, re.M)).split())
    result('make demo installs what it names', before <= installed,
           'named %s, installed %s' % (before, installed))
    debian.write('root/commands', commands)
    step(debian, 'the README\'s program', 'cd uims; unshare -n sh -ec '
         '"ip link set lo up; . ~/commands"', 'event 3 status 0',
         'event 7 status 0')
    step(debian, 'make check', 'cd uims; make check', r'\n\d+ passed, 0 failed')

    step(debian, 'make demo', 'cd uims; make demo', r'\ngood: ', user='ann')


def main():
    if os.geteuid():
        print('skip newcomer: needs root')
        print('0 passed, 0 failed, 1 skipped')
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('terminated'))
    try:
        with Debian() as debian:
            debian.make()
            story(debian)
    except (Stop, OSError, subprocess.CalledProcessError) as why:
        result('a newcomer\'s Debian', False, str(why))
    print('%d passed, %d failed' % (counts[True], counts[False]))
    return 1 if counts[False] else 0


if __name__ == '__main__':
    sys.exit(main())
