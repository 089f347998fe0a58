"""Breaks the steps of this repository's posts in every way, and writes the results: `make mutate`."""
