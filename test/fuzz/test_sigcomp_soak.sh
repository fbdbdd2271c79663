#!/bin/sh
# class: soak
# Ten million mutated SigComp messages under ASan and UBSan.
SIGCOMP_MUTATED=${SIGCOMP_MUTATED:-10000000} exec "$(dirname "$0")/test_sigcomp.py"
