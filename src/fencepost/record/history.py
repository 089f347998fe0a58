"""The history of a page on a machine: a line for each run, in a file beside the record of the last one."""

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

# Half a year of daily runs. The last green one is kept however old it is.
KEPT_RUNS = 180


class Run(BaseModel):
    """The summary of one run."""

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
        """True if something was run, and all of it was as documented."""
        return not self.verdict.is_red and self.ran

    @property
    def ran(self) -> bool:
        """True if anything was run. Until 0.2 a page without steps counted as passed."""
        return self.verdict is not Verdict.SKIPPED and not (self.verdict is Verdict.PASSED and self.steps == 0)

    @classmethod
    def of(cls, record: Record) -> Run:
        """Return the summary of a record."""
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
    """Return the runs in a file, oldest first, without lines that can't be read."""
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
    """Open a history's file for appending, and lock it and the record beside it; yields the descriptor.

    Other writers wait. The lock ends with the process, however that ends.

    Raises:
        OSError: when the file can't be opened.
    """
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            # Some network file systems have no locks.
            with contextlib.suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
            # The previous holder may have replaced the file.
            if _is_at(handle, path):
                yield handle
                return
        finally:
            os.close(handle)


def append_run(handle: int, run: Run) -> None:
    """Append a run to a file that is `held`.

    Raises:
        OSError: when that fails.
    """
    size = os.fstat(handle).st_size
    # Start a new line after one that was cut off when the disk was full.
    is_cut_off = size and os.pread(handle, 1, size - 1) != b"\n"
    line = b"\n" * bool(is_cut_off) + run.model_dump_json(exclude_defaults=True).encode() + b"\n"
    # On a disk that fills up, a short write is no error.
    if os.write(handle, line) < len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def shortened(runs: list[Run]) -> list[Run]:
    """Return the runs to keep: the last `KEPT_RUNS`, and the last green one."""
    last = runs[-KEPT_RUNS:]
    green = last_green(runs)
    return last if green is None or green in last else [green, *last]


def merged(*histories: list[Run]) -> list[Run]:
    """Merge histories of the same page and machine. A run that is in several of them is kept once."""
    runs = [run for history in histories for run in history]
    unique = {(run.started, run.seconds, run.verdict, run.image, run.steps_sha256): run for run in runs}
    return sorted(unique.values(), key=lambda run: run.started)


def last_green(runs: list[Run]) -> Run | None:
    """Return the last green run, if any."""
    return next((run for run in reversed(runs) if run.green), None)


def as_lines(runs: list[Run]) -> bytes:
    """Return the content of a file with these runs."""
    return "".join(run.model_dump_json(exclude_defaults=True) + "\n" for run in runs).encode()


def _is_at(handle: int, path: Path) -> bool:
    try:
        at_path = path.stat()
    except OSError:
        return False
    return os.path.samestat(os.fstat(handle), at_path)
