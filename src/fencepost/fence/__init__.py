"""Fences: what their headers may say, the steps that they are, and where their lines come from."""
