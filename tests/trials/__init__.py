"""Tests of the trials in `trials/`: the mutation trial, and the targets of the fuzzers.

`found/` has the inputs that a fuzzer once failed with; each stays fixed.
"""
