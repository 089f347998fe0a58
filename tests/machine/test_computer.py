"""The computer that an engine runs on."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest
from pretending import ENGINES

from fencepost.errors import EngineError
from fencepost.machine.computer import Computer, computer_of
from fencepost.machine.engine import Engine
from fencepost.machine.engines.podman import Podman


def telling(folder: Path, told: str, name: str = "podman") -> Engine:
    program = folder / name
    program.write_text(f"#!/bin/sh\nprintf '{told}'\n")
    program.chmod(0o755)
    return ENGINES[name](str(program), "9.9.9", remote="ssh://root@builder")


def test_another_computer_is_asked(tmp_path: Path) -> None:
    there = Computer("builder", 4096, 16, "aarch64")
    assert computer_of(telling(tmp_path, r"builder\t4294967296\t16\tarm64\n")) == there
    assert computer_of(telling(tmp_path, r"builder\t4294967296\t16\taarch64\n", "docker")) == there


def test_this_computer_is_looked_at_and_no_engine_is_asked() -> None:
    here = computer_of(Podman("/nowhere/podman", "9.9.9"))
    assert (here.processors, here.architecture) == (os.cpu_count(), platform.machine())
    assert here.memory > 100


@pytest.mark.parametrize("told", ["", "builder", r"builder\tmuch\t1\tamd64"])
def test_an_engine_that_tells_nothing(tmp_path: Path, told: str) -> None:
    with pytest.raises(EngineError, match="podman at ssh://root@builder doesn't describe its computer as expected"):
        computer_of(telling(tmp_path, told))
