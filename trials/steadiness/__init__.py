"""Runs steps again and again on a busy computer, and lists those with varying results: `make steady`."""
