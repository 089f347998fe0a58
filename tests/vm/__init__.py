"""Tests on real virtual machines: booting, running pages, `fencepost shell`, live mode.

All are marked `vm`. They share one saved machine; tests that change its hardware boot another.
"""
