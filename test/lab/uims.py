"""Runs build/host/uims and reads its events (one JSON object a line)."""
import asyncio
import json
import os
import re
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROGRAM = os.environ.get('UIMS') or os.path.join(
    ROOT, os.environ.get('BUILD', 'build'), 'host', 'uims')


def exists():
    return os.access(PROGRAM, os.X_OK)


def help_text():
    """Commands and settings that the program has."""
    return subprocess.run([PROGRAM, '--help'], check=False, text=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT).stdout


def has_ipsec():
    """Whether this build knows the setting sec=ipsec."""
    return re.search(r'^ *sec .*ipsec', help_text(), re.M) is not None


def settings_for(sub, pcscf, local, transport, secure=False):
    """The settings of one subscriber: an hss.Subscriber of the lab.  secure:
    with security agreement and ESP of its own."""
    found = {'impi': sub.impi, 'impu': sub.temporary, 'home': sub.home,
             'pcscf': pcscf, 'local': local, 'transport': transport,
             'sec': 'ipsec' if secure else 'none'}
    if secure:
        found['esp'] = 'tun'
    if sub.password:
        found['password'] = sub.password.decode()
    else:
        found['usim'] = 'soft'
        found['k'] = sub.alg.k.hex()
        if hasattr(sub.alg, 'opc'):
            found['opc'] = sub.alg.opc.hex()
        else:
            found['algorithm'] = 'tuak'
            found['opc'] = sub.alg.topc.hex()
    return found


class Uims:
    """async with Uims(settings) as ue: await ue.command('register') ...

    Without commands it reads them from standard input, so that a test can
    act between them; with commands they are given with -e.  ns: the
    netns.Namespace that it runs in.
    """

    def __init__(self, settings, commands=None, args=(), on_event=None,
                 folder=None, ns=None):
        self.ns = ns
        self.settings, self.commands = dict(settings), commands
        self.args, self.on_event = list(args), on_event
        self.events, self.pos, self.stderr = [], 0, ''
        self.passed = []                # by event(), see there
        self.proc, self.status = None, None
        self.own, self.folder = folder is None, folder

    def words(self):
        """The command that starts the program."""
        found = [PROGRAM, '--json']
        for key, value in self.settings.items():
            for one in value if isinstance(value, list) else [value]:
                found += ['-s', '%s=%s' % (key, one)]
        if self.commands is not None:
            found += ['-e', self.commands]
        return found

    async def start(self):
        if self.own:
            self.folder = tempfile.mkdtemp(prefix='uims-test-')
        env = dict(os.environ, HOME=self.folder, XDG_STATE_HOME=self.folder)
        # the first UE of a test draws its messages (test/tools/pictures.py)
        picture = os.environ.pop('UIMS_FLOW', None)
        drawn = ['--flow', picture] if picture else []
        self.proc = await asyncio.create_subprocess_exec(
            *self.words(), *self.args, *drawn, cwd=self.folder, env=env,
            preexec_fn=self.ns.join if self.ns else None,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE)
        self.readers = [asyncio.ensure_future(self._events()),
                        asyncio.ensure_future(self._errors())]
        return self

    async def _events(self):
        while True:
            line = await self.proc.stdout.readline()
            if not line:
                return
            try:
                event = json.loads(line)
            except ValueError:
                event = {'event': 'not-json', 'text': line.decode(
                    'utf-8', 'replace')}
            self.events.append(event)
            if self.on_event:
                self.on_event(event)

    async def _errors(self):
        while True:
            line = await self.proc.stderr.readline()
            if not line:
                return
            self.stderr += line.decode('utf-8', 'replace')

    def something_new(self):
        """What happened up to now is the effect of something else."""
        self.passed = []

    async def command(self, line):
        self.something_new()
        self.proc.stdin.write(os.fsencode(line) + b'\n')
        await self.proc.stdin.drain()

    def named(self, name):
        return [e for e in self.events if e.get('event') == name]

    async def event(self, *names, seconds=15):
        """The next event of one of these names; None when none came or the
        program ended.  What one thing causes may come in any order: an
        event that was passed over since the last command (or something_new)
        is still there to be asked for."""
        for event in self.passed:
            if event.get('event') in names:
                self.passed.remove(event)
                return event
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            while self.pos < len(self.events):
                event = self.events[self.pos]
                self.pos += 1
                if event.get('event') in names:
                    return event
                self.passed.append(event)
            if self.readers[0].done() and self.pos >= len(self.events):
                return None
            await asyncio.sleep(0.01)
        return None

    async def wait(self, seconds=30):
        """Exit status; None when it would not end."""
        try:
            self.status = await asyncio.wait_for(self.proc.wait(), seconds)
            await asyncio.gather(*self.readers)
        except asyncio.TimeoutError:
            self.status = None
        return self.status

    async def stop(self):
        if self.proc and self.proc.returncode is None:
            try:
                self.proc.kill()
            except ProcessLookupError:
                pass
            await self.proc.wait()
        if self.proc:
            await asyncio.gather(*self.readers, return_exceptions=True)
        if self.own and self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    async def __aenter__(self):
        return await self.start()

    async def __aexit__(self, *exc):
        await self.stop()
