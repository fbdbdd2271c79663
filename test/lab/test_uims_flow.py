#!/usr/bin/python3
# class: test
"""uims --flow: the messages of a run as a picture."""
import os
import sys
import tempfile
from xml.etree import ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab.scene import scene                                 # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

tests = Tests(60)
SVG = '{http://www.w3.org/2000/svg}'


def rows(path):
    """(upwards?, label) of each arrow; the lowest one; the height"""
    root = ElementTree.parse(path).getroot()
    tips = [p.get('points').split(' ')[0].split(',')
            for p in root.iter(SVG + 'polygon')]
    labels = [t.text for t in root.iter(SVG + 'text')
              if t.get('text-anchor') and not t.get('font-size')]
    return ([(int(x) > 300, label) for (x, _), label in zip(tips, labels)],
            max([int(y) for _, y in tips], default=0),
            int(root.get('height')))


@tests.add('an arrow for each message, in its direction')
async def life():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'flow.svg')
        async with scene(args=('--flow', path)) as s:
            await s.registered()
            s.box.do('send %s OPTIONS Request-URI=sip:a&amp;b@odd.example' %
                     s.sub.imsi)
            await s.event('message')
            # it is a whole picture at any time
            rows(path)
            equal(os.stat(path).st_mode & 0o777, 0o600, 'who reads it')
            await s.deregister()
            await s.quit()
            want = [e['dir'] == 'up' for e in s.ue.named('message')]
        found, lowest, height = rows(path)
        equal([up for up, _ in found], want, found)
        check(lowest < height, '%d of %d', lowest, height)
        labels = [label for _, label in found]
        for part in ('REGISTER sip:', '401 Unauthorized (REGISTER)',
                     'OPTIONS sip:a&amp;b@odd.example'):
            check(any(label.startswith(part) for label in labels),
                  'no %s: %s', part, labels)


if __name__ == '__main__':
    sys.exit(tests.main())
