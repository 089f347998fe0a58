"""Sessions on this computer, for harmless snippets. Each starts in a folder of its test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fencepost.session import python, shell
from fencepost.session.pipe import Pipe, ProcessPipe
from fencepost.session.supervisor import SUPERVISOR

LIMIT = 1 << 20
# Where Python's versions are managed, `python3` is a program that looks for one, with each start.
PATH = f"{sys.base_prefix}/bin:{os.environ['PATH']}"
ENVIRONMENT = {"PATH": PATH, "HOME": "/nonexistent", "LANG": "C.UTF-8", "TZ": "UTC"}


class HostMachine:
    """Stands in for a machine.

    Args:
        folder: where its processes start.
        warning: what the engine's own command line has to say, ahead of everything, on standard error.
    """

    def __init__(self, folder: Path, warning: str = "") -> None:
        self.folder = folder
        self.warning = warning
        self.processes: list[subprocess.Popen[bytes]] = []
        self._pipes: list[Pipe] = []

    def start(self) -> Pipe:
        return self._connect(shell.COMMAND)

    def open_python(self) -> Pipe:
        return self._connect(python.COMMAND)

    def kill_processes(self) -> None:
        """End all processes that were started, except the supervisors, which lead the process groups."""
        supervisors = {process.pid for process in self.processes}
        for group in supervisors:
            # The newest first: once the shell has ended, nothing else may write any more.
            for pid in sorted(_members(group) - supervisors, reverse=True):
                _kill(pid)

    def last_words(self) -> str:
        return ""

    def close(self) -> None:
        for pipe in self._pipes:
            pipe.close()
        self.kill_processes()
        for process in self.processes:
            process.kill()
            process.wait()

    def _connect(self, command: tuple[str, ...]) -> Pipe:
        process = subprocess.Popen(
            ["sh", "-c", 'printf %s "$0" >&2; exec "$@"', self.warning, "sh", "-c", SUPERVISOR, "fencepost", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=self.folder,
            env=ENVIRONMENT,
            start_new_session=True,
        )
        self.processes.append(process)
        self._pipes.append(ProcessPipe(process))
        return self._pipes[-1]


@contextmanager
def host_machine(folder: Path, warning: str = "") -> Iterator[HostMachine]:
    machine = HostMachine(folder, warning)
    try:
        yield machine
    finally:
        machine.close()


def _members(session: int) -> set[int]:
    found = set()
    # Not with the rest of the path as well, or the search itself fails at a process that has just ended.
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            found.add(int(folder.name))
    return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
