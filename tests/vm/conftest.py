"""A site with a virtual machine, which is booted once for all tests."""

from __future__ import annotations

import pytest

from tests.helpers.site_builder import SiteBuilder


@pytest.fixture
def vm(build: SiteBuilder) -> SiteBuilder:
    """A site with a virtual machine."""
    build.real_machine("vm")
    build.write("fencepost.toml", "output-limit = 1\n")
    return build
