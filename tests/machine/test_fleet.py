"""All machines of a site."""

from __future__ import annotations

import pytest
from builders import SiteBuilder

from fencepost.errors import EngineError
from fencepost.machine.engine import Engine
from fencepost.machine.fleet import Fleet


def test_what_is_being_made_when_it_is_stopped_ends_at_its_next_word(build: SiteBuilder) -> None:
    site = build.read()
    told: list[str] = []
    # An engine that refuses everything, so that the machine isn't there and nothing can be removed.
    fleet = Fleet(Engine("podman", "false", "0"), site.settings, told.append)
    fleet.stop()
    with pytest.raises(EngineError, match="stopped"):
        fleet.image(site.machine("debian-12"))
    assert told == []
