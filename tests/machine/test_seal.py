"""The checksum over the saved state of a virtual machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fencepost.machine.vm.emulator import text_of
from fencepost.machine.vm.seal import BROKEN


def seal(what: str, folder: Path) -> int:
    return subprocess.run([sys.executable, "-c", text_of("seal.py"), what, str(folder)], check=False).returncode


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Something saved and sealed, holes and all."""
    with open(tmp_path / "ram", "wb") as file:
        file.truncate(50 << 20)
        file.seek(20 << 20)
        file.write(b"data")
    (tmp_path / "state").write_bytes(b"state" * 1000)
    assert seal("make", tmp_path) == 0
    return tmp_path


def test_an_undamaged_state_passes(folder: Path) -> None:
    assert seal("check", folder) == 0


def test_a_hole_that_was_filled_with_zeros_is_no_damage(folder: Path) -> None:
    with open(folder / "ram", "r+b") as file:
        file.write(bytes(3 << 20))
    assert seal("check", folder) == 0


@pytest.mark.parametrize("at", [0, (20 << 20) + 1, (50 << 20) - 1])
def test_one_changed_byte_is_noticed(folder: Path, at: int) -> None:
    with open(folder / "ram", "r+b") as file:
        file.seek(at)
        file.write(b"X")
    assert seal("check", folder) == BROKEN


def test_truncated_files_are_noticed(folder: Path) -> None:
    with open(folder / "ram", "r+b") as file:
        file.truncate(49 << 20)
    assert seal("check", folder) == BROKEN


def test_missing_and_added_files_are_noticed(folder: Path) -> None:
    (folder / "more").write_text("")
    assert seal("check", folder) == BROKEN
    (folder / "more").unlink()
    (folder / "state").unlink()
    assert seal("check", folder) == BROKEN


@pytest.mark.parametrize("told", ["", "{", "[]"])
def test_a_broken_seal(folder: Path, told: str) -> None:
    (folder / "seal.json").write_text(told)
    assert seal("check", folder) == BROKEN
    (folder / "seal.json").unlink()
    assert seal("check", folder) == BROKEN
