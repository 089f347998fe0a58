"""Tests of a page's shell and Python, on this computer instead of a machine.

`snippets/` has bash snippets with their expected outcome; `typed.txt` is compared with a real terminal.
"""
