"""Helpers that several folders share: sites, records, stand-ins for machines, programs that end with their test.

A helper that only one folder needs belongs into that folder.
"""
