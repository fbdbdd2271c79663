"""A scene inside ESP, and what its tests ask of it."""
import contextlib

from . import scene as scenes
from .testing import check

# all pairs would make a REGISTER that is too large for UDP
ALGS = 'hmac-sha-1-96/aes-cbc,hmac-sha-1-96/null'


class Secure:
    """What the tests ask of a scene beyond what all scenes have."""

    def __init__(self, scene):
        self.scene = scene

    def __getattr__(self, name):
        return getattr(self.scene, name)

    def sets(self, *states, node=0):
        return [s for s in self.box.do('sec')[node]['sets']
                if not states or s['state'] in states]

    def drops(self, node=0):
        return self.box.do('sec')[node]['drops']

    def registers(self):
        """(kind, inside ESP) of each REGISTER."""
        return [(e.kind, bool(e.pair)) for e in
                self.box.seen('REGISTER', 'up') if e.kind]

    async def reregister(self, seconds=20):
        await self.ue.command('reregister')
        await self.event('reregistered', seconds=seconds)

    async def notified(self, count=1):
        await self.until(lambda: len(
            [e for e in self.box.seen('200', 'up')
             if e.msg.get('CSeq').endswith('NOTIFY')]) >= count,
            '%d NOTIFYs answered' % count)

    def inside(self):
        """TS 33.203 s7.1: from the answer to the challenge on nothing is in
        the clear."""
        start = [e.kind for e in self.box.trace].index('answer')
        for e in self.box.trace[start:]:
            check(e.pair, 'outside ESP: %s', e)


@contextlib.asynccontextmanager
async def scene(*lines, version=4, transport='udp', algs=ALGS, settings=(),
                **kw):
    """With transport udp the UE is told to send nothing over TCP."""
    if transport == 'udp':
        lines = ('set udp_limit 0',) + lines
    found = {'algs': algs}
    found.update(settings)
    async with scenes.scene(*lines, secure=version, transport=transport,
                            settings=found, **kw) as s:
        yield Secure(s)
