"""Tests of images, containers and virtual machines, as far as they need no engine.

Engines are scripts that `fake_engine.py` writes. What needs real ones is in `engines/`, `warm/`, `vm/` and `remote/`.
"""
