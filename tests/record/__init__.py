"""Tests of records: the JSON file of a run, the history beside it, and bundles of both.

Damaged files, unknown keys and older versions belong here; crashes and full disks in `faults/`.
"""
