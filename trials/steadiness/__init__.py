"""Runs steps again and again on a busy computer, and lists each that was not always the same."""
