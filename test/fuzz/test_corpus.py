#!/usr/bin/python3
# class: test
# needs: clang libclang-rt-14-dev
"""Every input that fuzzing has found is replayed under ASan and UBSan."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'tools'))
import fuzz  # noqa: E402

sys.exit(fuzz.fuzz(0))
