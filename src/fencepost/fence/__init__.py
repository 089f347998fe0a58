"""Fences: their attributes, the steps that they make, and the origins of their lines."""
