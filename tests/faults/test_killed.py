"""Processes that are killed while they write: complete files stay, and the next process removes the rest."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fencepost.processes import has_ended, this_process
from fencepost.record.store import RecordStore
from fencepost.whole_files import part_of, remove_parts, write_whole
from tests.helpers.records import a_failed_step, a_record, a_step

# Whatever changes what is on the disk.
CALLS = ("open", "write", "chmod", "replace", "unlink")
OLD = a_record(a_step(), seconds=1)
NEW = a_record(a_step(output="another\n"), a_failed_step(), seconds=2, verdict="failed")
NEXT = a_record(a_step(), seconds=3)

PLACE = this_process().rpartition("-")[2]


def killed_at(number: int, do: Callable[[], object]) -> bool:
    """Does something in a process that is killed before a call, counted from 0; whether it got that far."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    left = [number]

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any, **words: Any) -> Any:
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return call(*arguments, **words)

        return counting

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))
    try:
        do()
    finally:
        os._exit(0)


def test_killed_at_each_call_while_writing_a_record(tmp_path: Path) -> None:
    seen = set()
    number = 0
    while True:
        store = RecordStore(tmp_path / str(number), read_only=True)
        store.write(OLD)
        if not killed_at(number, lambda store=store: store.write(NEW)):
            break
        record = store.read(OLD.key)
        assert record in [OLD, NEW]
        seen.add(record.seconds)
        remove_parts(store.folder)
        path = store.path_of(OLD.key)
        assert {item.suffix for item in path.parent.iterdir()} <= {".json", ".runs"}
        # The next check finds the run that was killed behind its record, or one that never was.
        store.write(NEXT)
        known = [1, 2, 3] if record == NEW else [1, 3]
        assert [run.seconds for run in store.history(OLD.key)] == known
        number += 1
    # Before and afterwards: at both of these it was killed.
    assert seen == {1, 2}


def test_only_files_of_dead_processes_are_removed(tmp_path: Path) -> None:
    mine = part_of(tmp_path / "page.json")
    mine.write_text("half")
    (tmp_path / "deep").mkdir()
    child = os.fork()
    if not child:
        part_of(tmp_path / "deep" / "page.json").write_text("half")
        os._exit(0)
    os.waitpid(child, 0)
    others = [tmp_path / name for name in (".part", "a.part", ".a.b.part", ".a.1-1-elsewhere.ff.part")]
    for path in others:
        path.touch()
    (left,) = (tmp_path / "deep").iterdir()
    assert remove_parts(tmp_path) == [left]
    assert sorted(tmp_path.iterdir()) == sorted([mine, tmp_path / "deep", *others])


def test_a_zombie_process_counts_as_dead() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "from fencepost.processes import this_process; print(this_process(), flush=True)"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout
    name = child.stdout.readline().strip()
    child.stdout.read()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert Path(f"/proc/{child.pid}/stat").exists()
    assert has_ended(name)
    child.wait()
    child.stdout.close()


@pytest.mark.parametrize(
    ("name", "ended"),
    [
        (this_process(), False),
        (f"1-1-{PLACE}", True),
        (f"4194399-1-{PLACE}", True),
        ("4194399-1-elsewhere", False),
        ("4194399-1", False),
        ("", False),
        ("nobody", False),
        ("4194399", False),
    ],
    ids=[
        "this one",
        "another with its number",
        "none",
        "elsewhere",
        "nowhere",
        "empty",
        "word",
        "number",
    ],
)
def test_finds_processes_that_have_ended(name: str, ended: bool) -> None:
    assert has_ended(name) is ended


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", json.dumps({}).encode(), 0o640)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640
