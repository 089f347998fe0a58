"""Tests of the kinds of steps, and of plugins that register languages.

`packages/` has two sample plugins. The kinds that Fencepost comes with run in `check/` and `session/`, too.
"""
