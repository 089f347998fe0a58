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
from typing import Self

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

    def run(self, argv: Sequence[str], *, stdin: str = "", seconds: float) -> subprocess.CompletedProcess[str]:
        """Runs a program that takes long. However this ends, the program has ended, too.

        Args:
            argv: its command line.
            stdin: what it reads.
            seconds: how long it may take.

        Returns:
            Its exit status and its output, standard error within it.

        Raises:
            EngineError: when nobody waits any more.
            OSError: when it can't be started.
            subprocess.TimeoutExpired: when it takes longer.
        """
        self.check()
        deadline = time.monotonic() + seconds
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        given: str | None = stdin
        try:
            while True:
                try:
                    output, _ = process.communicate(given, timeout=_POLL_SECONDS)
                    return subprocess.CompletedProcess(argv, process.returncode, output)
                except subprocess.TimeoutExpired:
                    given = None
                    self.check()
                    if time.monotonic() > deadline:
                        raise
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """Ends a program and what it has started, if it still runs."""
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
