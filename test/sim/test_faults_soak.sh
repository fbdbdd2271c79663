#!/bin/sh
# Fault loops: the n-th call of each kind fails, for every n, once and for ever,
# in the whole story, in lives with conferences and in registrations. Prints the
# number of fault points.
# class: soak
cd "$(dirname "$0")/../.." || exit 1
exec "${B:-build/host}/unit" -a faults:
