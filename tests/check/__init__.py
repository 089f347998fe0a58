"""Tests of checking steps, pages and sites: verdicts, what need not run again, rewritten outputs.

Most sample pages are in `pages/`, each with its expected verdicts in a comment at its end: a new case is a new page.
"""
