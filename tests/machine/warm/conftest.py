"""podman, which alone makes warm machines."""

from __future__ import annotations

import os

import pytest

from fencepost.errors import EngineError
from fencepost.machine.engine import Engine
from fencepost.machine.engines.registry import find_engine


@pytest.fixture(scope="module")
def podman() -> Engine:
    try:
        return find_engine("podman")
    except EngineError as error:
        if "podman" in os.environ.get("FENCEPOST_REQUIRE", "").split(","):
            pytest.fail(f"FENCEPOST_REQUIRE asks for podman: {error}")
        pytest.skip(str(error))
