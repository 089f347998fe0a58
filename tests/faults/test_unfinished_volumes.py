"""A check that is killed while it boots a virtual machine leaves gigabytes, which the next one removes."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from fencepost.machine.cache import locked
from fencepost.machine.definition import MachineDefinition, MachineSettings
from fencepost.machine.engine import Engine
from fencepost.machine.image import Image
from fencepost.machine.making import Making
from fencepost.machine.vm import saved
from fencepost.machine.vm.emulator import Emulator


@pytest.fixture
def name(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A machine's name that nobody else has; whatever is left of it is removed."""
    name = f"killed-{secrets.token_hex(4)}"
    # Checks in other tests, which run beside this one, remove what they find.
    monkeypatch.setattr(saved, "_MAKING_LABEL", f"fencepost.making.{name}")
    yield name
    for volume in volumes(engine, name):
        engine.call("volume", "rm", volume, check=False)


def volumes(engine: Engine, name: str) -> list[str]:
    told = engine.call("volume", "ls", "--quiet").stdout.split()
    return [volume for volume in told if f"-{name}-" in volume]


def make(engine: Engine, name: str) -> None:
    definition = MachineDefinition(name, Path(), MachineSettings.model_validate({"kind": "vm"}), "Containerfile")
    saved.provide_saved(definition, Image("x", "sha256:1"), Emulator(engine, Image("x", "sha256:2")), 640, Making())


def killed(engine: Engine, name: str, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """Makes it in a process that is killed at a certain place."""
    monkeypatch.setattr(saved, "make_disk", lambda *_: None)
    monkeypatch.setattr(saved, "boot", lambda *_: 1.0)
    monkeypatch.setattr(Emulator, "status_of", lambda *_, **__: 0)
    child = os.fork()
    if not child:
        monkeypatch.setattr(saved, at, lambda *_: os.kill(os.getpid(), signal.SIGKILL), raising=False)
        make(engine, name)
        os._exit(0)
    os.waitpid(child, 0)


@pytest.mark.parametrize("at", ["make_disk", "boot", "remove_volume"])
def test_it_is_removed(engine: Engine, name: str, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    killed(engine, name, monkeypatch, at)
    assert len(volumes(engine, name)) == 2
    # One that somebody is making at this moment stays.
    (volume,) = saved.volumes_of(engine, name)
    with locked(f"{engine.name}-{volume}"):
        assert volume not in saved.remove_unfinished(engine)
    saved.remove_unfinished(engine)
    assert volumes(engine, name) == []


def test_one_that_is_finished_stays(engine: Engine, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    killed(engine, name, monkeypatch, "_nothing")
    assert volumes(engine, name) == saved.volumes_of(engine, name) != []
    saved.remove_unfinished(engine)
    assert len(volumes(engine, name)) == 1


def test_one_that_is_being_made_stays(engine: Engine, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def look(*_: object) -> float:
        saved.remove_unfinished(engine)
        seen.extend(saved.volumes_of(engine, name))
        return 1.0

    monkeypatch.setattr(saved, "make_disk", lambda *_: None)
    monkeypatch.setattr(saved, "boot", look)
    monkeypatch.setattr(Emulator, "status_of", lambda *_, **__: 0)
    make(engine, name)
    assert len(seen) == 1
    assert volumes(engine, name) == seen
