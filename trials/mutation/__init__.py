"""Breaks each step of each post in turn, and expects its check to fail at that step: `make mutate`."""
