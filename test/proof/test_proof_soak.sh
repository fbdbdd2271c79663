#!/bin/sh
# class: soak
# needs: gcc
# The proofs, with every mistake that they must find.
MISTAKES=all exec "$(dirname "$0")/test_proof.py"
