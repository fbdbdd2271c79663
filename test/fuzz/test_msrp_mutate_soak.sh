#!/bin/sh
# class: soak
# Ten million mutated MSRP streams under ASan and UBSan.
MSRP_MUTATED=${MSRP_MUTATED:-10000000} exec "$(dirname "$0")/test_msrp_mutate.py"
