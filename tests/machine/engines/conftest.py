"""Every engine that has to behave like the others: Fencepost's own, and one from a plugin."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fencepost.machine.engine import Engine
from fencepost.machine.engines.registry import OWN_NAMES, find_engine
from tests.helpers.checking import engine_or_skip
from tests.helpers.programs import containers_left
from tests.machine.engines.plugin_packages import install_wharf


@pytest.fixture(scope="module", params=[pytest.param(name, marks=pytest.mark.engine) for name in (*OWN_NAMES, "wharf")])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Each engine of this computer, and one that passes all on to podman."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param in OWN_NAMES:
            found = engine_or_skip(request.param)
        else:
            engine_or_skip("podman")
            install_wharf(tmp_path_factory.mktemp("wharf"), patch)
            found = find_engine(request.param)
        yield found
        assert containers_left(found) == []
