"""Tests of single fences: their attributes, and the file and line that each of their lines comes from.

Whole pages with fences are tested in `page/`.
"""
