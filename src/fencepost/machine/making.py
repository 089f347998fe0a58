"""What all code shares that makes machines: what it may do, who is told of it, and whether anybody still waits."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import AnyStr, Self

from fencepost.errors import EngineError

# Is told what takes long.
Say = Callable[[str], None]
_POLL_SECONDS = 0.1
# A build or a bootstrap removes what it has begun.
_TIDIES_SECONDS = 2.0


def _quiet(text: str) -> None:
    del text


@dataclass(frozen=True)
class Making:
    """How machines are made.

    Attributes:
        say: is told what takes long.
        may_pull: whether a registry may be asked.
        again: make things anew even where they are there.
        cancelled: is set once nobody waits any more. Every wait looks at it.
    """

    say: Say = _quiet
    may_pull: bool = True
    again: bool = False
    cancelled: threading.Event = field(default_factory=threading.Event)

    def anew(self, again: bool) -> Self:
        """The same, which makes things anew or not."""
        return replace(self, again=again)

    def check(self) -> None:
        """Gives up where nobody waits any more.

        Raises:
            EngineError: in that case.
        """
        if self.cancelled.is_set():
            raise EngineError("stopped")

    def pause(self, seconds: float = _POLL_SECONDS) -> None:
        """Waits for so long.

        Raises:
            EngineError: as soon as nobody waits any more.
        """
        self.cancelled.wait(seconds)
        self.check()

    def run(
        self, argv: Sequence[str], *, stdin: str = "", seconds: float, patience: float = 0
    ) -> subprocess.CompletedProcess[str]:
        """Runs a program that takes long. However this ends, the program has ended, too.

        Args:
            argv: its command line.
            stdin: what it reads.
            seconds: how long it may take.
            patience: seconds that it gets to end by itself, before it is ended. What it runs in containers is ended at
                once.

        Returns:
            Its exit status and its output, standard error within it.

        Raises:
            EngineError: when nobody waits any more.
            OSError: when it can't be started.
            subprocess.TimeoutExpired: when it takes longer.
        """
        self.check()
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        try:
            output, _ = self.communicate(process, seconds, stdin)
            return subprocess.CompletedProcess(argv, process.returncode, output)
        finally:
            _end(process, patience)

    def communicate(
        self, process: subprocess.Popen[AnyStr], seconds: float, stdin: AnyStr | None = None
    ) -> tuple[AnyStr, AnyStr]:
        """Wait until a program has ended, and return its standard output and standard error.

        Args:
            process: the program.
            seconds: how long it may take.
            stdin: what it reads.

        Raises:
            EngineError: as soon as making is cancelled; the program still runs then.
            subprocess.TimeoutExpired: when it takes longer; it still runs then, too.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                return process.communicate(stdin, timeout=_POLL_SECONDS)
            except subprocess.TimeoutExpired:
                stdin = None
                self.check()
                if time.monotonic() > deadline:
                    raise


def _end(process: subprocess.Popen[str], patience: float) -> None:
    """Ends a program and what it has started, if it still runs."""
    deadline = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < deadline:
        for pid in _descendants(process.pid):
            with contextlib.suppress(OSError):
                if _pid_namespace(pid) != _pid_namespace(process.pid):
                    os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            # Its output has to be taken, or it could not end.
            process.communicate(timeout=_POLL_SECONDS)
    if process.poll() is None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_TIDIES_SECONDS)
                break
    for stream in (process.stdin, process.stdout):
        if stream:
            with contextlib.suppress(OSError):
                stream.close()


def _descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that they have."""
    found: list[int] = []
    with contextlib.suppress(OSError, ValueError):
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, path.read_text().split()):
                found += [child, *_descendants(child)]
    return found


def _pid_namespace(pid: int) -> str:
    return str(Path(f"/proc/{pid}/ns/pid").readlink())
