#!/usr/bin/python3
# class: test
# needs: clang libclang-rt-14-dev libc6-dev-i386 lib32gcc-12-dev
# needs: lib32stdc++-12-dev
"""Every input that fuzzing has found is replayed under ASan and UBSan, as a
64-bit and as a 32-bit program."""

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
both = [fuzz.fuzz(0, m32=m32) for m32 in (False, True)]
both.append((0, len(missing)))
sys.exit(fuzz.summary(*map(sum, zip(*both))))
