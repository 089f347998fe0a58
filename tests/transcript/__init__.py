"""Tests of console transcripts: parsing, comparing with output, hints, and updating.

They are pure functions: no shell runs. Running a transcript is tested in `session/` and `check/`.
"""
