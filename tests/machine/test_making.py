"""Programs that take long end with the process that asked for them."""

from __future__ import annotations

import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from fencepost.errors import EngineError
from fencepost.machine.making import Making
from fencepost.machine.progress import ProgressLines


def test_a_program_reads_and_says_what_it_should() -> None:
    done = Making().run(["sh", "-c", "cat; echo wrong >&2; exit 3"], stdin="given\n", seconds=20)
    assert (done.returncode, done.stdout) == (3, "given\nwrong\n")


def test_much_goes_through() -> None:
    text = "x" * 99 + "\n"
    assert Making().run(["cat"], stdin=text * 20_000, seconds=60).stdout == text * 20_000


def children_of(folder: Path) -> list[int]:
    return [int(path.read_text()) for path in folder.glob("*.pid")]


def is_gone(pid: int) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
        except OSError:
            return True
        if state in "ZX":
            return True
        time.sleep(0.05)
    return False


SLEEPER = "echo $$ >{0}/shell.pid; sh -c 'echo $$ >{0}/child.pid; exec sleep 600' & wait"


def test_a_program_without_a_waiter_ends_with_its_children(tmp_path: Path) -> None:
    making = Making()

    def cancel() -> None:
        while len(children_of(tmp_path)) < 2:
            time.sleep(0.02)
        time.sleep(0.1)
        making.cancelled.set()

    threading.Thread(target=cancel).start()
    with pytest.raises(EngineError, match="stopped"):
        making.run(["sh", "-c", SLEEPER.format(tmp_path)], seconds=60)
    assert all(map(is_gone, children_of(tmp_path)))


@pytest.mark.slow
def test_a_program_that_ignores_signals_is_killed_in_the_end(tmp_path: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        Making().run(["sh", "-c", f"trap '' TERM; {SLEEPER.format(tmp_path)}; sleep 600"], seconds=0.5)
    assert all(map(is_gone, children_of(tmp_path)))


@pytest.mark.slow
def test_a_program_with_patience_may_end_by_itself(tmp_path: Path) -> None:
    making = Making()
    threading.Timer(0.5, making.cancelled.set).start()
    with pytest.raises(EngineError, match="stopped"):
        making.run(["sh", "-c", f"sleep 2; echo done >{tmp_path}/end"], seconds=60, patience=30)
    assert (tmp_path / "end").read_text() == "done\n"


def test_nothing_starts_after_the_stop(tmp_path: Path) -> None:
    making = Making()
    making.cancelled.set()
    with pytest.raises(EngineError, match="stopped"):
        making.run(["touch", str(tmp_path / "begun")], seconds=20)
    with pytest.raises(EngineError, match="stopped"):
        making.pause(600)
    assert not list(tmp_path.iterdir())


def test_a_lock_is_waited_for_until_it_is_free_or_cancelled() -> None:
    lock = threading.Lock()
    making = Making()
    lines: list[str] = []
    other = replace(making, machine="other", progress=ProgressLines(lines.append))
    with making.holding(lock, "waiting"):
        threading.Timer(0.3, making.cancelled.set).start()
        with pytest.raises(EngineError, match="stopped"), other.holding(lock, "waiting for the image"):
            raise AssertionError("two at a time")
    with other.holding(lock, "waiting"):
        pass
    assert lines == ["other: waiting for the image"]
