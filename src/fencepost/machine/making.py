"""The context of everything that makes machines: what it may do, where it reports progress, whether it is cancelled."""

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

# Receives a message before anything that takes long.
Say = Callable[[str], None]
_POLL_SECONDS = 0.1
# Seconds in which a terminated build or bootstrap cleans up.
_TIDIES_SECONDS = 2.0


def _quiet(text: str) -> None:
    del text


@dataclass(frozen=True)
class Making:
    """How machines are made.

    Attributes:
        say: receives a message before anything that takes long.
        may_pull: allow pulling from registries.
        again: make things anew even if they exist.
        cancelled: ends every wait when it is set.
    """

    say: Say = _quiet
    may_pull: bool = True
    again: bool = False
    cancelled: threading.Event = field(default_factory=threading.Event)

    def anew(self, again: bool) -> Self:
        """Return the same with another `again`."""
        return replace(self, again=again)

    def check(self) -> None:
        """Give up if cancelled.

        Raises:
            EngineError: when cancelled.
        """
        if self.cancelled.is_set():
            raise EngineError("stopped")

    def pause(self, seconds: float = _POLL_SECONDS) -> None:
        """Wait for some seconds.

        Raises:
            EngineError: as soon as it is cancelled.
        """
        self.cancelled.wait(seconds)
        self.check()

    def run(
        self, argv: Sequence[str], *, stdin: str = "", seconds: float, patience: float = 0
    ) -> subprocess.CompletedProcess[str]:
        """Run a program that takes long. It has ended when this returns or raises.

        Args:
            argv: its command line.
            stdin: its standard input.
            seconds: how long it may take.
            patience: the seconds that it gets to end by itself before it is killed. Its processes in containers are
                killed at once.

        Returns:
            Its exit status, and its output including standard error.

        Raises:
            EngineError: when cancelled.
            OSError: when it can't be started.
            subprocess.TimeoutExpired: when it takes longer than `seconds`.
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
    """End a program and the processes that it has started, if it still runs."""
    deadline = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < deadline:
        for pid in _descendants(process.pid):
            with contextlib.suppress(OSError):
                if _pid_namespace(pid) != _pid_namespace(process.pid):
                    os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            # Read its output: otherwise it may block and never end.
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
    """Return the children of a process, their children, and so on."""
    descendants: list[int] = []
    with contextlib.suppress(OSError, ValueError):
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, path.read_text().split()):
                descendants += [child, *_descendants(child)]
    return descendants


def _pid_namespace(pid: int) -> str:
    return str(Path(f"/proc/{pid}/ns/pid").readlink())
