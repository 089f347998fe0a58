"""What became of a page on a machine, run after run: a line each, beside the record of the last one."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from fencepost.record.model import Moment, Record, Seconds
from fencepost.verdicts import Verdict

# A run a day for half a year. The last one that was green stays however old it is.
KEPT_RUNS = 180


class Run(BaseModel):
    """One run, in short."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    started: Moment
    seconds: Seconds
    verdict: Verdict
    passed: int
    steps: int
    red: tuple[str, ...] = Field((), description="The steps that were not as documented.")
    image: str
    fencepost: str
    steps_sha256: str = ""
    inputs_sha256: str = ""
    machine_sha256: str = ""
    installed: dict[str, str] = {}

    @property
    def green(self) -> bool:
        """Whether all was as documented, and was run at all."""
        return not self.verdict.is_red and self.ran

    @property
    def ran(self) -> bool:
        """Whether anything was run. Before 0.3 a page without steps had passed."""
        return self.verdict is not Verdict.SKIPPED and not (self.verdict is Verdict.PASSED and self.steps == 0)

    @classmethod
    def of(cls, record: Record) -> Run:
        """A record in short."""
        passed, steps, _ = record.counted
        return cls(
            started=record.started,
            seconds=record.seconds,
            verdict=record.verdict,
            passed=passed,
            steps=steps,
            red=tuple(snippet.id for snippet in record.snippets if snippet.verdict.is_red),
            image=record.image,
            fencepost=record.fencepost,
            steps_sha256=record.steps_sha256,
            inputs_sha256=record.inputs_sha256,
            machine_sha256=record.machine_sha256,
            installed=record.installed,
        )


def read_history(path: Path) -> list[Run]:
    """The runs in a file, oldest first; lines that can't be read are left out."""
    runs = []
    try:
        text = path.read_text("utf-8", errors="replace")
    except OSError:
        return []
    for line in text.split("\n"):
        try:
            runs.append(Run.model_validate_json(line))
        except ValueError:
            continue
    return sorted(runs, key=lambda run: run.started)


@contextlib.contextmanager
def held(path: Path) -> Iterator[int]:
    """A history's file, opened for adding to it, and held: whoever else wants to write it, or the record beside it,
    waits. Freed when the process ends, however it does.

    Raises:
        OSError: when it can't be opened.
    """
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            # Not every network's file system knows locks.
            with contextlib.suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
            # Whoever held it may have put another file into its place.
            if _is_at(handle, path):
                yield handle
                return
        finally:
            os.close(handle)


def append_run(handle: int, run: Run) -> None:
    """Adds a run to a file that is held.

    Raises:
        OSError: when that fails.
    """
    size = os.fstat(handle).st_size
    # A line that was cut off when the disk was full must not take this one along.
    torn = size and os.pread(handle, 1, size - 1) != b"\n"
    line = b"\n" * bool(torn) + run.model_dump_json(exclude_defaults=True).encode() + b"\n"
    # A disk that fills up takes a part of it, and calls that no error.
    if os.write(handle, line) < len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def shortened(runs: list[Run]) -> list[Run]:
    """The runs that are kept: the last ones, and the last green one."""
    last = runs[-KEPT_RUNS:]
    green = last_green(runs)
    return last if green is None or green in last else [green, *last]


def merged(*histories: list[Run]) -> list[Run]:
    """Several histories of the same page and machine as one: a run that several tell is one.

    In a single history two runs may well tell the same: checks that run side by side take the same time.
    """
    runs = [run for history in histories for run in history]
    unique = {(run.started, run.seconds, run.verdict, run.image, run.steps_sha256): run for run in runs}
    return sorted(unique.values(), key=lambda run: run.started)


def last_green(runs: list[Run]) -> Run | None:
    """The last run in which all was as documented."""
    return next((run for run in reversed(runs) if run.green), None)


def as_lines(runs: list[Run]) -> bytes:
    """Their file's content."""
    return "".join(run.model_dump_json(exclude_defaults=True) + "\n" for run in runs).encode()


def _is_at(handle: int, path: Path) -> bool:
    try:
        there = path.stat()
    except OSError:
        return False
    mine = os.fstat(handle)
    return (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino)
