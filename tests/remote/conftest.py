"""Another computer, with one engine after the other."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from fencepost.machine.engine import Engine
from tests.remote.another_computer import AnotherComputer, another_computer, lacks


@pytest.fixture(scope="session")
def there(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnotherComputer]:
    """Another computer, with one engine after the other. FENCEPOST_REQUIRE may ask for it as `ssh`."""
    if lacking := lacks():
        if "ssh" in os.environ.get("FENCEPOST_REQUIRE", "").split(","):
            pytest.fail(f"FENCEPOST_REQUIRE asks for ssh: {lacking}")
        pytest.skip(lacking)
    with another_computer(tmp_path_factory.mktemp("another") / "computer", engine.name) as computer:
        yield computer
