"""Checking pages while they are written: only what was saved, and of that only what isn't known yet."""
