"""What the doctor finds, with an engine that is only pretended."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest
from pretending import pretended

from fencepost.machine.doctor import Finding, examine

_Usage = namedtuple("_Usage", "total used free")
GIBIBYTE = 1 << 30


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the only programs there are, a store, and a cache that isn't there yet."""
    for name in ("CONTAINER_HOST", "CONTAINER_CONNECTION", "DOCKER_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "store").mkdir()
    return tmp_path


def engine_in(folder: Path, name: str, asked: str, storage: str) -> None:
    pretended(folder, f'case "$*" in *{asked}*) {storage};; *) echo 9.9.9;; esac', name)


def found(what: str) -> list[Finding]:
    return [finding for finding in examine() if finding.what == what]


@pytest.mark.parametrize(("name", "asked"), [("podman", "Store.GraphRoot"), ("docker", "DockerRootDir")])
def test_what_is_free_is_measured_where_the_engine_keeps_its_images(
    here: Path, monkeypatch: pytest.MonkeyPatch, name: str, asked: str
) -> None:
    engine_in(here, name, asked, f"echo {here}/store")
    free = {str(here / "store"): 3 * GIBIBYTE}
    monkeypatch.setattr(shutil, "disk_usage", lambda path: _Usage(0, 0, free.get(str(path), 99 * GIBIBYTE)))
    (disk,) = found("disk")
    assert not disk.good
    assert disk.text.startswith(f"3 GiB free in {here}/store for {name}'s images")


@pytest.mark.parametrize("storage", ["echo /nowhere/at/all", "exit 125"], ids=["elsewhere", "refused"])
def test_a_store_that_nobody_can_look_at_is_merely_told(here: Path, storage: str) -> None:
    engine_in(here, "podman", "Store.GraphRoot", storage)
    (disk,) = found("disk")
    assert disk.good is None


def test_nothing_is_changed(here: Path) -> None:
    engine_in(here, "podman", "Store.GraphRoot", f"echo {here}/store")
    assert found("cache") == []
    assert not (here / "cache").exists()


def test_a_cache_that_cannot_be_written_is_found(here: Path) -> None:
    engine_in(here, "podman", "Store.GraphRoot", f"echo {here}/store")
    (here / "cache").touch()
    (cache,) = found("cache")
    assert cache.good is False
    assert "XDG_CACHE_HOME" in cache.fix
