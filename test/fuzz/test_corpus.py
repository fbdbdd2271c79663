#!/usr/bin/python3
# class: test
# needs: clang libclang-rt-14-dev libc6-dev-i386 lib32gcc-12-dev
# needs: lib32stdc++-12-dev
"""Every input that fuzzing has found is replayed under ASan and UBSan, as a
64-bit and as a 32-bit program."""

import errno
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'tools'))
import fuzz  # noqa: E402

with open(os.path.join(fuzz.ROOT, 'docs/testing.md'), encoding='utf-8') as f:
    PAGE = f.read()
missing = [name for name in fuzz.names() if '| `%s` |' % name[5:] not in PAGE]
for name in missing:
    print('FAIL %s: no row in docs/testing.md' % name)
passed, failed = fuzz.fuzz(0, m32=False)
skipped = ''
try:
    numbers = fuzz.fuzz(0, m32=True)
    passed, failed = passed + numbers[0], failed + numbers[1]
except OSError as e:
    if e.errno != errno.ENOEXEC:
        raise
    print('skip -m32: 32-bit programs may not run on this kernel')
    skipped = ', 1 skipped'
failed += len(missing)
print('%d passed, %d failed%s' % (passed, failed, skipped))
sys.exit(1 if failed or not passed else 0)
