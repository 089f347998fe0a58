"""Tests of what goes wrong around a check: full disks, killed processes, Ctrl-C, dying engines, wrong clocks.

Each test causes the fault itself, and asserts that no record is lost and nothing is left behind.
"""
