"""How the program `cell` is compiled."""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

import pytest

from fencepost.errors import EngineError
from fencepost.machine.engine import Engine
from fencepost.machine.engines.podman import Podman
from fencepost.machine.making import Making
from fencepost.machine.warm.program import provide_program

NO_ENGINE = Podman("false", "0")


def test_the_program_is_compiled_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    program = provide_program(NO_ENGINE, Making(may_pull=False), pages=1)
    if not program:
        pytest.skip("this computer has no C compiler, or no static C library")
    assert program.startswith(b"\x7fELF")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provide_program(NO_ENGINE, Making(may_pull=False), pages=1) == program


def test_no_cell_where_its_root_would_be_the_computers_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if Path("/proc/self/uid_map").read_text("ascii").split() != ["0", "0", str(2**32 - 1)]:
        pytest.skip("these tests themselves run in a user namespace")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    program = tmp_path / "cell"
    program.write_bytes(provide_program(NO_ENGINE, Making(may_pull=False), pages=1))
    if not program.stat().st_size:
        pytest.skip("this computer has no C compiler, or no static C library")
    program.chmod(0o700)
    done = subprocess.run([program, "0", "1m", "name"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"the engine gives its containers no user namespace\n"


def test_a_few_pages_are_not_worth_a_container_that_compiles_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provide_program(NO_ENGINE, Making(may_pull=False), pages=5) == b""


def test_a_compiler_that_fails_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "cc"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provide_program(NO_ENGINE, Making(may_pull=False), pages=5) == b""


def test_a_full_disk_is_an_error_that_a_check_copes_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("fencepost.machine.warm.program._compiled_here", lambda folder: b"\x7fELF")
    monkeypatch.setattr("fencepost.machine.warm.program.write_whole", full)
    with pytest.raises(EngineError, match="can't be written: No space left on device") as raised:
        provide_program(NO_ENGINE, Making(may_pull=False), pages=5)
    assert raised.value.file.startswith(f"{tmp_path}/fencepost/cell-")


def test_no_room_to_compile_it_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("fencepost.machine.warm.program._compiler", lambda: "cc")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    assert provide_program(NO_ENGINE, Making(may_pull=False), pages=5) == b""


@pytest.mark.engine
def test_a_container_compiles_it_for_many_pages(
    podman: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("fencepost.machine.warm.program._compiled_here", lambda folder: b"")
    assert provide_program(podman, Making(may_pull=False), pages=1000).startswith(b"\x7fELF")
