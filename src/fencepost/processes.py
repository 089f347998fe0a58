"""Processes by name: labels and file names tell whose a thing is, so that what a killed one has left is known as such.

A name is `PID-START-PLACE`: numbers are used again, and an engine or a folder may be shared by several computers, or by
containers on one, of which none can tell whether another's processes are alive.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
from pathlib import Path

# A process that has ended, and whose parent hasn't asked yet what became of it.
_ENDED = ("Z", "X")


def this_process() -> str:
    """The name of this process."""
    pid = os.getpid()
    return f"{pid}-{_start_of(pid)}-{_place()}"


def has_ended(name: str) -> bool:
    """Whether a process of this place has ended. Of others, and of what is no name, nobody here can tell."""
    pid, start, place = _parts(name)
    if place != _place() or not pid.isdigit() or not start.isdigit():
        return False
    found = _start_of(int(pid))
    return not _is_hidden(int(pid)) if found is None else found != start


def is_of_another_place(name: str) -> bool:
    """Whether a process ran elsewhere, as far as its name tells."""
    return _parts(name)[2] != _place()


def _parts(name: str) -> tuple[str, str, str]:
    pid, _, rest = name.partition("-")
    start, _, place = rest.partition("-")
    return pid, start, place


def _start_of(pid: int) -> str | None:
    """When a process started, in ticks since the computer did; empty where it has ended, `None` where there is none to
    be seen.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return None
    # The second field, in parentheses, may hold anything; the 3rd is the state, the 22nd the start.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in _ENDED else fields[19]


def _is_hidden(pid: int) -> bool:
    """Whether a process is there that can't be seen: another user's may be hidden."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    # It came up just now, or is ours and not to be read: no harm is done by waiting.
    return True


@functools.cache
def _place() -> str:
    """Where process numbers mean what they mean here: this computer, and this container on it."""
    told = [os.uname().nodename]
    with contextlib.suppress(OSError):
        told.append(Path("/etc/machine-id").read_text("utf-8"))
    with contextlib.suppress(OSError):
        told.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:8]
