"""Fixtures for all tests: small sites, and the engines of this computer."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import mkdocs.utils
import pytest

from fencepost.machine.engine import Engine
from tests.helpers.checking import engine_or_skip
from tests.helpers.programs import MARK, containers_left, processes_left, restore_ctrl_c
from tests.helpers.site_builder import SiteBuilder

# The same examples in every run: a failure is the change's, not the day's. Nothing is left in the folder.
hypothesis.settings.register_profile("fencepost", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("fencepost")

# Sample pages: what is wrong with them is the point.
_SAMPLES = [
    "check/containers",
    "check/downloads",
    "check/newest_python",
    "check/pages",
    "found/pages",
    "found/refused",
    "hostile/pages",
    "isolation/pages",
    "kinds/pages",
    "machine/engines/pages",
    "machine/warm/pages",
    "page/digests",
    "page/forms",
    "page/includes",
    "page/templates",
    "remote/pages",
    "second_site/site",
    "mutate/mutation_site/docs",
    "vm/pages",
]
collect_ignore_glob = [f"{folder}/*" for folder in _SAMPLES]

ENGINES = ("podman", "docker")


# Before anything is started.
restore_ctrl_c()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files with the longest tests first: at the end, they would keep one worker busy and the others idle."""
    long = {item.path for item in items if item.get_closest_marker("vm")}
    items.sort(key=lambda item: (item.path not in long, item.get_closest_marker("engine") is None))


@pytest.fixture(scope="session", autouse=True)
def nothing_goes_on() -> Iterator[None]:
    """Fails where a program that a test has started is left at the end."""
    name, _, value = MARK.partition("=")
    os.environ[name] = value
    yield
    assert processes_left() == []


@pytest.fixture(scope="session", autouse=True)
def themes_are_found_once() -> Iterator[None]:
    """Keep MkDocs from searching all installed packages for themes with each site, which takes half of the time."""
    with pytest.MonkeyPatch.context() as patch:
        # With each theme that it loads, MkDocs clears the function's cache: now the outer one of two.
        patch.setattr(mkdocs.utils, "get_themes", functools.cache(mkdocs.utils.get_themes))
        yield


@pytest.fixture
def build(tmp_path: Path) -> SiteBuilder:
    """A site to fill."""
    return SiteBuilder(tmp_path / "site")


@pytest.fixture(scope="session", params=[pytest.param(name, marks=pytest.mark.engine) for name in ENGINES])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine of this computer. FENCEPOST_REQUIRE names those that must not be missing. No container is left."""
    found = engine_or_skip(request.param)
    yield found
    assert containers_left(found) == []


@pytest.fixture(scope="session")
def podman() -> Engine:
    """podman alone, for tests in which the engine makes no difference. They are marked `engine` or `vm`."""
    return engine_or_skip("podman")
