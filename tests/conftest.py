"""What all tests share: small sites, and the engines of this computer."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest
from builders import SiteBuilder
from checking import engine_or_skip

from fencepost.machine.engine import Engine

# The same examples in every run: a failure is the change's, not the day's. Nothing is left in the folder.
hypothesis.settings.register_profile("fencepost", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("fencepost")

# Sample pages: what is wrong with them is the point.
_SAMPLES = [
    "check/containers",
    "check/pages",
    "hostile/pages",
    "isolation/pages",
    "machine/warm/pages",
    "page/digests",
    "page/forms",
    "page/includes",
    "remote/pages",
    "second_site/site",
    "trials/mutation_site/docs",
    "vm/pages",
]
collect_ignore_glob = [f"{folder}/*" for folder in _SAMPLES]

ENGINES = ("podman", "docker")


@pytest.fixture
def build(tmp_path: Path) -> SiteBuilder:
    """A site to fill."""
    return SiteBuilder(tmp_path / "site")


@pytest.fixture(scope="session", params=[pytest.param(name, marks=pytest.mark.engine) for name in ENGINES])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine of this computer. FENCEPOST_REQUIRE names those that must not be missing."""
    return engine_or_skip(request.param)
