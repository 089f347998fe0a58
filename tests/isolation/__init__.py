"""Tests of what a page can't reach: the host, other pages, earlier runs, its own record.

Each attempt is a step in `pages/` that passes only if it fails.
"""
