"""Tests of the screen model, which turns output into the lines that a terminal shows.

`written_outputs.py` has outputs with their lines. tmux has to show the same.
"""
