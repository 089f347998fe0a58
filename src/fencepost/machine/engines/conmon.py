"""Containers that an engine has lost, but whose monitor, conmon, still runs.

If the engine is killed after it has made a container, but before it has noted that, it believes that the container was
never made. It then removes its entry, and a monitor and a process wait forever on this computer.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fencepost.machine.ownership_labels import owner_in
from fencepost.processes import has_ended

_SECONDS = 10.0
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class _Monitor:
    """A conmon.

    Attributes:
        pid: its process id.
        container: the id of its container.
        name: the container's name.
        runtime: the program that made the container.
    """

    pid: int
    container: str
    name: str
    runtime: str


def end_lost_containers() -> list[str]:
    """End the lost containers of killed checks, and return their names.

    Call it after the engine has removed the containers that it knows.
    """
    lost = [monitor for monitor in _monitors() if has_ended(owner_in(monitor.name))]
    for monitor in lost:
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            command = [monitor.runtime, "delete", "--force", monitor.container]
            subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False)
        _end(monitor)
    return [monitor.name for monitor in lost]


def _monitors() -> Iterator[_Monitor]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            if (folder / "comm").read_text("utf-8") == "conmon\n":
                words = (folder / "cmdline").read_text("utf-8").split("\0")
                container, name, runtime = (words[words.index(flag) + 1] for flag in ("-c", "-n", "-r"))
                yield _Monitor(int(folder.name), container, name, runtime)


def _end(monitor: _Monitor) -> None:
    """End a monitor that doesn't end with its container."""
    with contextlib.suppress(OSError):
        # Use a pidfd, because the process id may be reused meanwhile.
        handle = os.pidfd_open(monitor.pid)
        try:
            deadline = time.monotonic() + _SECONDS
            while monitor in _monitors():
                if time.monotonic() > deadline:
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                    break
                time.sleep(_POLL_SECONDS)
        finally:
            os.close(handle)
