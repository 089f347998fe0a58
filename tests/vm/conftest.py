"""What the tests of virtual machines share: a site with one, booted once for all of them."""

from __future__ import annotations

import pytest

from fencepost.machine.engine import Engine
from tests.helpers.checking import engine_or_skip
from tests.helpers.site_builder import SiteBuilder


@pytest.fixture
def vm(build: SiteBuilder) -> SiteBuilder:
    """A site with a virtual machine."""
    build.real_machine("vm")
    build.write("fencepost.toml", "output-limit = 1\n")
    return build


@pytest.fixture(scope="session")
def podman() -> Engine:
    """podman alone, where the engine makes no difference."""
    return engine_or_skip("podman")
