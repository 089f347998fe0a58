"""Tests that each engine has to pass, and tests of engines from other packages.

`test_conformance.py` runs on podman, Docker and the sample plugin in `wharf/`; `conftest.py` lists them.
"""
