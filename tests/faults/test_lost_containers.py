"""A podman that is killed at the wrong moment loses a container, which only the next check ends."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fencepost.machine.engines.conmon import end_lost_containers
from fencepost.machine.ownership_labels import fresh_name, owner_in
from fencepost.processes import this_process

Start = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts what looks like conmon, with a runtime that notes what it is told."""
    shutil.copy("/bin/sh", tmp_path / "conmon")
    runtime = tmp_path / "runtime"
    runtime.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/told\n')
    runtime.chmod(0o755)
    started = []

    def start(name: str) -> subprocess.Popen[bytes]:
        # Its `-c` is a container's id there, and here what it does: nothing, until it is told so.
        flags = ["-c", "read line", "conmon", "-n", name, "-r", str(runtime)]
        started.append(subprocess.Popen([str(tmp_path / "conmon"), *flags], stdin=subprocess.PIPE))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def name_of_a_dead_check() -> str:
    script = "from fencepost.machine.ownership_labels import fresh_name; print(fresh_name())"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


def test_lost_containers_of_dead_checks_are_ended(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fencepost.machine.engines.conmon._SECONDS", 1.0)
    name = name_of_a_dead_check()
    mine, others, dead = start(fresh_name()), start("somebody-elses"), start(name)
    # Checks in other tests, which run beside this one, may be quicker: that is as good.
    end_lost_containers()
    assert dead.wait(60) == -9
    assert set((tmp_path / "told").read_text().splitlines()) == {"delete --force read line"}
    assert mine.poll() is others.poll() is None


def test_a_container_name_holds_its_owner() -> None:
    assert owner_in(fresh_name()) == this_process()
    assert fresh_name().startswith(f"fencepost-{os.getpid()}-")
    assert owner_in("somebody-elses-1") == ""
