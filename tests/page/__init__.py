"""Tests of reading pages: which fences are steps, and which file and line each comes from.

A new form of fence is a new file in `forms/`, with the expected steps or errors in a comment at its end.
"""
