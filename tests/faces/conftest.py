"""A site that can be checked."""

from __future__ import annotations

import pytest

from fencepost.machine.engine import Engine
from tests.helpers.site_builder import SiteBuilder


@pytest.fixture
def site(build: SiteBuilder, engine: Engine) -> SiteBuilder:
    """A site with the machine `plain`, on one engine after the other."""
    build.real_machine("plain")
    build.write("fencepost.toml", f'engine = "{engine.name}"\n')
    return build
