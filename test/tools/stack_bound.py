#!/usr/bin/python3
"""Worst-case stack of each task of the firmware: stack_bound.py [-v]

Frames and calls come from the compiler (-fcallgraph-info=su), calls through
pointers from stack_calls.txt, frames of the C library and of assembler from
there, too. Fails when a call through a pointer or a function whose address is
taken is not listed, when there is a way from a function to itself that is not
listed as impossible, and when the deepest way is more than three quarters of
a stack. -v prints the deepest ways.
"""

import fnmatch
import glob
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import firmware_size  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
LIST = os.path.join(HERE, 'stack_calls.txt')
OBJ = 'build/mps2-an385/obj/'
NODE = re.compile(r'node: \{ title: "([^"]+)" label: "[^"]*\\n(\d+) bytes '
                  r'\((\w+)')
EDGE = re.compile(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)" '
                  r'label: "([^"]*)"')
# the expression that is called, from its place on
CALLED = re.compile(r'^[^;{}]*?(\w+)\s*\(')
SKIP = ('test/', 'gen/', 'boards/mps2-an385/syscalls')


class List:
    """stack_calls.txt"""

    def __init__(self, path):
        self.places, self.frames, self.tasks = {}, {}, {}
        self.never, self.once = [], set()
        places, fresh = [], True
        with open(path, encoding='utf-8') as f:
            for line in f:
                line = line.split('#')[0].rstrip()
                word = line.split()
                if not word:
                    continue
                if line[0] == '\t':
                    for p in places:
                        self.places.setdefault(p, []).extend(
                            w for w in word if w != '-')
                    fresh = True
                    continue
                if word[0] == 'frame':
                    for name in word[2:]:
                        self.frames[name] = int(word[1])
                elif word[0] == 'task':
                    self.tasks[word[1]] = (int(word[2]), int(word[3]),
                                           word[4:])
                elif word[0] == 'never':
                    self.never.append((word[1], word[2]))
                elif word[0] == 'once':
                    self.once.update(word[1:])
                else:
                    places = ([] if fresh else places) + [tuple(word[:2])]
                    fresh = False

    def callees(self, file, handler):
        """What may be called at a place, None when it is not listed."""
        for key in ((file, handler), ('*', handler)):
            if key in self.places:
                return self.places[key]
        return None


def counts(path, suffix):
    """An object of the firmware, and its source is still there."""
    name = path[len(OBJ):-len(suffix)]
    return not name.startswith(SKIP) and (
        name.startswith('deps/') or os.path.exists(name + '.c'))


def short(name):
    """build/deps/lwip/src/core/tcp.c:x as lwip/core/tcp.c:x."""
    return re.sub(r'^\S*/deps/(\w+)/(src/|library/)?', r'\1/', name)


class Graph:
    def __init__(self, calls):
        self.list = calls
        self.frame, self.calls, self.trouble = {}, {}, []
        self.lines = {}
        places = []
        for path in glob.glob(OBJ + '**/*.ci', recursive=True):
            if not counts(path, '.ci'):
                continue
            with open(path, encoding='utf-8') as f:
                text = f.read()
            for name, size, kind in NODE.findall(text):
                self.frame[short(name)] = int(size)
                if kind == 'dynamic':
                    self.trouble.append('%s: frame of unknown size' % name)
            for source, target, where in EDGE.findall(text):
                if target == '__indirect_call':
                    places.append((short(source), where))
                else:
                    self.calls.setdefault(short(source), set()).add(
                        short(target))
        self.names = {}
        for name in self.frame:
            self.names.setdefault(name.split(':')[-1], []).append(name)
        self.frame.update(calls.frames)
        # a weak function has its file in its name, a call of it has not
        for callees in self.calls.values():
            for c in [c for c in callees if c not in self.frame and
                      len(self.names.get(c, ())) == 1]:
                callees.remove(c)
                callees.update(self.names[c])
        self.places = {}
        for source, where in places:
            self.places.setdefault(source, set()).add(self.handler(where))

    def handler(self, where):
        """File and word of a call through a pointer."""
        path, line, column = where.rsplit(':', 2)
        if path not in self.lines:
            with open(path, encoding='utf-8') as f:
                self.lines[path] = f.read().splitlines()
        text = self.lines[path][int(line) - 1][int(column) - 1:]
        m = CALLED.match(text)
        return short(path + ':').rstrip(':'), m.group(1) if m else text

    def find(self, name):
        """The functions that a word of the list means."""
        if name in self.frame:
            return [name]
        found = self.names.get(name.split(':')[-1], [])
        if ':' in name:
            found = [f for f in found if fnmatch.fnmatch(f, '*' + name)]
        if len(found) != 1:
            self.trouble.append('%s: %s' % (
                name, 'which of ' + ' '.join(found) if found else
                'there is no such function'))
        return found[:1]

    def link(self, roots):
        """Add the calls through pointers that can be reached."""
        todo, seen = list(roots), set()
        used = set()
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            for file, handler in sorted(self.places.get(name, ())):
                callees = self.list.callees(file, handler)
                if callees is None:
                    self.trouble.append('%s: %s calls through %s()' % (
                        file, name, handler))
                    continue
                used.add(handler)
                for c in callees:
                    self.calls.setdefault(name, set()).update(self.find(c))
            for c in sorted(self.calls.get(name, ())):
                if c not in self.frame:
                    self.trouble.append('%s calls %s(), whose frame is not '
                                        'known' % (name, c))
                    self.frame[c] = 0
                todo.append(c)
        return seen

    def deepest(self, root):
        """Octets and functions of the way that needs most stack."""
        done, open_ = {}, []
        never = set(self.list.never)

        def need(name, once):
            key = (name, once)
            if key in done:
                return done[key]
            if key in open_:
                way = [n for n, _ in open_[open_.index(key):]] + [name]
                self.trouble.append('recursion: ' + ' > '.join(
                    n.split(':')[-1] for n in way))
                return 0, []
            last = name.split(':')[-1]
            inner = once | {last} if last in self.list.once else once
            open_.append(key)
            best = 0, []
            for c in sorted(self.calls.get(name, ())):
                to = c.split(':')[-1]
                if to in inner or (last, to) in never:
                    continue
                best = max(best, need(c, inner), key=lambda b: b[0])
            open_.pop()
            done[key] = self.frame[name] + best[0], [name] + best[1]
            return done[key]

        return need(root, frozenset())


def taken(linked):
    """Functions whose address is in something that is in the image."""
    for path in glob.glob(OBJ + '**/*.o', recursive=True):
        name = path[len(OBJ):]
        if not counts(path, '.o'):
            continue
        out = subprocess.run(['arm-none-eabi-objdump', '-r', path],
                             check=True, text=True,
                             stdout=subprocess.PIPE).stdout
        section = ''
        for line in out.splitlines():
            if line.startswith('RELOCATION'):
                section = line.split('[')[1].split(']')[0]
            m = re.match(r'[0-9a-f]{8} R_ARM_ABS32\s+(?:\.text\.)?([\w.]+)$',
                         line)
            # a table of jumps of its own
            if m and section == '.text.' + m.group(1):
                continue
            if m and (os.path.basename(path), section) in linked:
                yield name.replace('.o', '.c'), m.group(1)


def in_image(path):
    """(object, section) of what the linker has kept."""
    with open(path, encoding='utf-8') as f:
        text = f.read()
    text = text[text.index('Linker script and memory map'):]
    text = re.sub(r'\n (\.[\w.$-]+)\n\s+0x', r'\n \1 0x', text)
    kept = set()
    for line in text.splitlines():
        m = firmware_size.SECTION.match(line)
        if m and int(m.group(3), 16):
            kept.add((re.sub(r'.*[(/](\S+?)\)?$', r'\1', m.group(4)),
                      m.group(1)))
    return kept


def bounds():
    """({task: [octets, stack, way]}, what is wrong)."""
    calls = List(LIST)
    graph = Graph(calls)
    tasks, reached = {}, set()
    for task, (size, base, roots) in calls.tasks.items():
        reached |= graph.link([n for r in roots for n in graph.find(r)])
    for task, (size, base, roots) in calls.tasks.items():
        # interrupts of different priority: one upon the other
        ways = [graph.deepest(n) for r in roots for n in graph.find(r)]
        need = base + sum(w[0] for w in ways)
        tasks[task] = [need, size, sum((w[1] for w in ways), [])]
        if need * 4 > size * 3:
            graph.trouble.append('task %s may need %d octets of its %d' % (
                task, need, size))
    reached |= {f for c in calls.places.get(('none', 'never'), ())
                for f in graph.find(c)}
    listed = {f for v in calls.places.values() for c in v
              for f in graph.find(c)}
    listed |= {n for _, _, roots in calls.tasks.values() for r in roots
               for n in graph.find(r)}
    for file, name in sorted(set(taken(in_image(firmware_size.IMAGE + '.map')))):
        full = [f for f in graph.names.get(name, ())
                if ':' not in f or f.rsplit(':', 1)[0].endswith(
                    re.sub(r'^deps/\w+/', '', file))]
        for f in full:
            if f in reached and f not in listed:
                graph.trouble.append('the address of %s() is taken in %s, '
                                     'but who calls it?' % (name, file))
            elif f not in reached:
                graph.trouble.append('%s() of %s is in the image, but '
                                     'nothing that is listed calls it' % (
                                         name, file))
    return tasks, sorted(set(graph.trouble))


def main():
    tasks, trouble = bounds()
    for task, (need, size, way) in tasks.items():
        print('%-10s %5d of %5d octets (%d %%)' % (task, need, size,
                                                   100 * need / size))
        if '-v' in sys.argv:
            print('  ' + ' > '.join(n.split(':')[-1] for n in way))
    for line in trouble:
        print(line)
    return 1 if trouble else 0


if __name__ == '__main__':
    sys.exit(main())
