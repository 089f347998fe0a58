"""Tests of warm machines: one container of podman that serves many pages, one after the other.

The program inside it, `cell`, is compiled from C; `test_program.py` needs a C compiler.
"""
