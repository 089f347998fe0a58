"""Tests of live mode: pages that are checked as they are saved, on sessions that wait for the next version.

What a browser gets from `mkdocs serve` is tested in `faces/`.
"""
