"""Tests of the command line, the pytest plugin and `mkdocs serve`, called as users call them.

They start programs and compare exit statuses and output. How pages look in a built site is tested in `site/`.
"""
