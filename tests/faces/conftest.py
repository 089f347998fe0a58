"""A site that can be checked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fencepost.machine.engine import Engine
from tests.helpers.programs import containers_left
from tests.helpers.site_builder import SiteBuilder


@pytest.fixture(scope="session", params=[pytest.param("podman", marks=pytest.mark.engine)])
def engine(podman: Engine) -> Iterator[Engine]:
    """podman alone: `tests/check` and `tests/second_site` run on every engine. No container is left."""
    yield podman
    assert containers_left(podman) == []


@pytest.fixture
def site(build: SiteBuilder, engine: Engine) -> SiteBuilder:
    """A site with the machine `plain`."""
    build.real_machine("plain")
    build.write("fencepost.toml", f'engine = "{engine.name}"\n')
    return build
