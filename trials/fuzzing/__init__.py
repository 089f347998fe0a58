"""Fuzzing of everything that takes in bytes from a stranger."""
