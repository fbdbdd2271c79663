"""What the test programs here share: one coroutine a test, its outcome on
one line, a summary at the end (`ok NAME`, `FAIL NAME: why`, `skip ...`)."""
import asyncio
import fnmatch
import sys
import traceback


class Failure(Exception):
    pass


class Skip(Exception):
    pass


def check(good, why='', *args):
    if not good:
        raise Failure(why % args if args else why)


def equal(got, want, what=''):
    if got != want:
        raise Failure('%s is %r, not %r' % (what, got, want))


def no_complaints(box):
    """A test of the UE passes only if the network has nothing to say."""
    if box.complaints:
        first = box.complaints[0]
        raise Failure('%d complaints; the first: %s in %s: %s' % (
            len(box.complaints), first.rule, first.message, first.text))


def _where(err):
    frames = traceback.extract_tb(err.__traceback__)
    mine = [f for f in frames if f.filename == sys.modules['__main__'].__file__
            and f.name != '<module>']
    return ' (line %d)' % mine[-1].lineno if mine else ''


class Tests:
    """Collects tests with @tests.add('name') and runs them in order."""

    def __init__(self, seconds=60):
        self.tests, self.seconds = [], seconds

    def add(self, name, *args):
        def keep(func):
            self.tests.append((name, func, args))
            return func
        return keep

    def one(self, func, args):
        """'' when it passed, else why it did not."""
        async def run():
            await asyncio.wait_for(func(*args), self.seconds)
        try:
            asyncio.run(run())
        except Failure as err:
            return str(err) + _where(err)
        except asyncio.TimeoutError:
            return 'took more than %d s' % self.seconds
        except Skip:
            raise
        except Exception as err:        # a broken test is a failed one
            return '%s: %s%s' % (type(err).__name__, err, _where(err))
        return ''

    def main(self):
        """[-l] [FILTER]; returns the exit status."""
        args = sys.argv[1:]
        names = [a for a in args if not a.startswith('-')]
        passed = failed = skipped = 0
        for name, func, params in self.tests:
            if names and not any(fnmatch.fnmatch(name, '*%s*' % n)
                                 for n in names):
                continue
            if '-l' in args:
                print(name)
                continue
            try:
                why = self.one(func, params)
            except Skip as err:
                skipped += 1
                print('skip %s: %s' % (name, err), flush=True)
                continue
            passed, failed = passed + (not why), failed + bool(why)
            print('FAIL %s: %s' % (name, ' / '.join(why.splitlines()))
                  if why else 'ok ' + name, flush=True)
        if '-l' not in args:
            print('%d passed, %d failed%s' % (
                passed, failed,
                ', %d skipped' % skipped if skipped else ''))
        return 1 if failed else 0
