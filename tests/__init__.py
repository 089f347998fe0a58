"""Tests of the project as a whole: its structure, its reference, its benchmarks.

Each folder tests the folder of `src/fencepost/` with its name, or one subject, which its `__init__.py` describes.
"""
