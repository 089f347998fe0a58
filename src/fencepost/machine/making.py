"""The context of everything that makes machines: what it may do, where it reports progress, whether it is cancelled."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Self

from fencepost.errors import EngineError
from fencepost.machine.progress import Progress, ProgressLines

_POLL_SECONDS = 0.1
# Seconds in which a terminated build or bootstrap cleans up.
_TIDIES_SECONDS = 2.0


@dataclass(frozen=True)
class Making:
    """How machines are made.

    Attributes:
        progress: receives the progress.
        machine: the name of the machine that is made; empty for what several machines share.
        may_pull: allow pulling from registries.
        again: make things anew even if they exist.
        cancelled: ends every wait when it is set.
    """

    progress: Progress = field(default_factory=ProgressLines)
    machine: str = ""
    may_pull: bool = True
    again: bool = False
    cancelled: threading.Event = field(default_factory=threading.Event)

    def of(self, machine: str, *, again: bool | None = None) -> Self:
        """Return the same for another machine, and maybe with another `again`."""
        return replace(self, machine=machine, again=self.again if again is None else again)

    def does(self, what: str) -> None:
        """Report that something begins that takes long."""
        if self.machine:
            self.progress.machine_does(self.machine, what)
        else:
            self.progress.say(what)

    def prints(self, line: str) -> None:
        """Report the line that this printed last."""
        if self.machine:
            self.progress.machine_prints(self.machine, line)

    def check(self) -> None:
        """Give up if cancelled.

        Raises:
            EngineError: when cancelled.
        """
        if self.cancelled.is_set():
            raise EngineError("stopped")

    @contextlib.contextmanager
    def holding(self, lock: threading.Lock, waits_for: str) -> Iterator[None]:
        """Hold a lock of this process.

        Args:
            lock: the lock.
            waits_for: what to report if another thread has it.

        Raises:
            EngineError: when cancelled.
        """
        if not lock.acquire(blocking=False):
            if self.machine:
                self.does(waits_for)
            while not lock.acquire(timeout=_POLL_SECONDS):
                self.check()
        try:
            yield
        finally:
            lock.release()

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
        """Run a program that takes long, and report what it prints. It has ended when this returns or raises.

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
        deadline = time.monotonic() + seconds
        with tempfile.TemporaryFile() as given:
            given.write(stdin.encode())
            given.seek(0)
            process = subprocess.Popen(
                argv, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
            )
        assert process.stdout is not None
        output = []
        try:
            for line in self.lines(process.stdout, deadline):
                output.append(line.decode(errors="replace"))
                if output[-1].strip():
                    self.prints(output[-1])
            self.communicate(process, deadline - time.monotonic())
            return subprocess.CompletedProcess(argv, process.returncode, "\n".join(output))
        except TimeoutError:
            raise subprocess.TimeoutExpired(argv, seconds) from None
        finally:
            _end(process, patience)

    def lines(self, stream: IO[bytes], deadline: float) -> Iterator[bytes]:
        """Yield the lines of a pipe, each as soon as it is complete.

        Args:
            stream: the pipe.
            deadline: the time at which the pipe must have ended, on the monotonic clock.

        Raises:
            EngineError: as soon as making is cancelled.
            TimeoutError: when the pipe is still open at the deadline, for instance because the engine hangs.
        """
        rest = b""
        while time.monotonic() < deadline:
            self.check()
            if select.select([stream], [], [], _POLL_SECONDS)[0]:
                chunk = os.read(stream.fileno(), 1 << 16)
                if not chunk:
                    yield rest
                    return
                *lines, rest = (rest + chunk).split(b"\n")
                yield from lines
        raise TimeoutError

    def communicate(self, process: subprocess.Popen[bytes], seconds: float) -> tuple[bytes, bytes]:
        """Wait until a program has ended, and return its standard output and standard error.

        Args:
            process: the program.
            seconds: how long it may take.

        Raises:
            EngineError: as soon as making is cancelled; the program still runs then.
            subprocess.TimeoutExpired: when it takes longer; it still runs then, too.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                return process.communicate(timeout=_POLL_SECONDS)
            except subprocess.TimeoutExpired:
                self.check()
                if time.monotonic() > deadline:
                    raise


def _end(process: subprocess.Popen[bytes], patience: float) -> None:
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
    if process.stdout:
        process.stdout.close()


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
