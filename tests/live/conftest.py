"""The engine of live mode."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fencepost.machine.engine import Engine
from tests.helpers.programs import containers_left


@pytest.fixture(scope="session", params=[pytest.param("podman", marks=pytest.mark.engine)])
def engine(podman: Engine) -> Iterator[Engine]:
    """podman alone: live mode opens the same machines as a check does. No container is left."""
    yield podman
    assert containers_left(podman) == []
