"""Fencepost runs the code fences in your posts on real machines, and tells your readers which steps still work."""

__version__ = "0.3.0"
