"""Which containers belong to which process, according to a fake engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fencepost.machine.engines.podman import Podman
from fencepost.machine.ownership_labels import owner, remove_left_behind

UP, ENDED, JUST_ENDED = "Up 2 hours", "Exited (137) 2 hours ago", "Exited (0) Less than a second ago"
PID, START, PLACE, SINCE = owner().split("-")
HERE = f"{PLACE}-{SINCE}"


@pytest.fixture(scope="module")
def dead_pid() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen(["true"]) as process:
        pass
    return process.pid


def swept(folder: Path, who: str, status: str, remote: str = "") -> bool:
    """Whether a container is removed that has this owner and is in this state."""
    listed, removed, program = folder / "listed", folder / "removed", folder / "engine"
    listed.write_text(f"it\t{who}\t{status}\n")
    program.write_text(f'#!/bin/sh\n[ "$1" = ps ] && exec cat {listed}\necho "$@" >{removed}\n')
    program.chmod(0o755)
    told = remove_left_behind(Podman(str(program), "9.9.9", remote=remote))
    assert told == (["it"] if removed.exists() else [])
    return removed.exists()


def test_resources_of_a_living_process_stay(tmp_path: Path) -> None:
    assert not swept(tmp_path, owner(), UP)
    assert not swept(tmp_path, owner(), ENDED)


def test_leftovers_of_a_dead_process_go(tmp_path: Path, dead_pid: int) -> None:
    assert swept(tmp_path, f"{dead_pid}-1-{HERE}", UP)


def test_leftovers_go_although_the_process_id_is_in_use_again(tmp_path: Path) -> None:
    assert swept(tmp_path, f"{PID}-{int(START) - 1}-{HERE}", UP)


@pytest.mark.parametrize("status", [UP, JUST_ENDED, "Created", "Paused"])
def test_resources_of_another_computer_stay(tmp_path: Path, dead_pid: int, status: str) -> None:
    assert not swept(tmp_path, f"{dead_pid}-1-01234567-{SINCE}", status)


def test_ended_containers_go_whoever_started_them(tmp_path: Path, dead_pid: int) -> None:
    assert swept(tmp_path, f"{dead_pid}-1-01234567-{SINCE}", ENDED)
    # As versions before this one had it, with the number first.
    assert swept(tmp_path, "1-1", ENDED)


def test_a_copy_of_this_computer_is_another_one(tmp_path: Path, dead_pid: int) -> None:
    """Its name and its number are in the image that both were made of; when it was started is not."""
    copy = f"{dead_pid}-1-{PLACE}-01234567"
    assert not swept(tmp_path, copy, UP, remote="ssh://root@builder")
    assert swept(tmp_path, copy, ENDED, remote="ssh://root@builder")


def test_leftovers_from_before_a_reboot_are_removed(tmp_path: Path) -> None:
    assert swept(tmp_path, f"{PID}-{START}-{PLACE}-01234567", "Created")


@pytest.mark.parametrize("who", ["", "-", "no label of ours", "1-1", f"x-1-{HERE}", f"--{HERE}"])
def test_an_unreadable_owner_stays(tmp_path: Path, who: str) -> None:
    assert not swept(tmp_path, who, UP)


def test_another_users_process_may_be_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int, number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert not swept(tmp_path, f"4194399-1-{HERE}", UP)


def test_a_process_in_its_own_namespace_is_another_owner(tmp_path: Path) -> None:
    command = "from fencepost.machine.ownership_labels import owner; print(owner())"
    unshared = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c", command]
    done = subprocess.run(unshared, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no namespaces here: {done.stderr.strip()}")
    inside = done.stdout.strip()
    assert inside.split("-")[2] != PLACE
    assert not swept(tmp_path, inside, UP)
