"""Stack use from the call graphs that gcc writes (-fcallgraph-info=su).

Calls through pointers (handlers, tables) are not seen: a path ends there.
"""

import glob
import os
import re

NODE = re.compile(r'node: \{ title: "([^"]+)" label: "[^"]*\\n(\d+) bytes '
                  r'\((\w+)')
EDGE = re.compile(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"')


class CallGraph:
    """Frames and calls of all objects below some folders."""

    def __init__(self, *folders):
        self.frame = {}
        self.calls = {}
        self.dynamic = set()
        for folder in folders:
            for path in glob.glob(os.path.join(folder, '**/*.ci'),
                                  recursive=True):
                with open(path, encoding='utf-8') as f:
                    self._add(f.read())

    def _add(self, text):
        for name, size, kind in NODE.findall(text):
            self.frame[name] = int(size)
            if kind == 'dynamic':
                self.dynamic.add(name)
        for source, target in EDGE.findall(text):
            self.calls.setdefault(source, set()).add(target)

    def recursion(self):
        """Functions that can reach themselves, one list a cycle."""
        cycles, done = [], set()

        def visit(name, path):
            if name in path:
                cycles.append(path[path.index(name):] + [name])
                return
            if name in done:
                return
            for callee in sorted(self.calls.get(name, ())):
                if callee in self.frame:
                    visit(callee, path + [name])
            done.add(name)

        for name in sorted(self.frame):
            visit(name, [])
        return cycles

    def deepest(self):
        """Octets and functions of the path that needs most stack."""
        if self.recursion():
            raise ValueError('no bound: there is recursion')
        best = {}

        def need(name):
            if name not in best:
                below = max((need(c) for c in self.calls.get(name, ())
                             if c in self.frame), default=(0, []))
                best[name] = (self.frame[name] + below[0],
                              [name] + below[1])
            return best[name]

        return max((need(n) for n in self.frame), default=(0, []))
