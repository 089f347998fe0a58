"""Names of processes, for labels and file names, so that what a killed process left behind can be recognised.

A name is `PID-START-PLACE`. The start is needed because process ids are reused. The place is needed because several
computers or containers may share an engine or a folder, and none can see whether another's processes are alive.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
from pathlib import Path

# States of a process that has ended, but whose parent hasn't waited for it yet.
_ENDED = ("Z", "X")


def this_process() -> str:
    """Return the name of this process."""
    pid = os.getpid()
    return f"{pid}-{_start_of(pid)}-{_place()}"


def has_ended(name: str) -> bool:
    """Return whether a process has ended. False for one of another place, and for text that isn't a name."""
    pid, start, place = _parts(name)
    if place != _place() or not pid.isdigit() or not start.isdigit():
        return False
    actual_start = _start_of(int(pid))
    return not _is_hidden(int(pid)) if actual_start is None else actual_start != start


def is_of_another_place(name: str) -> bool:
    """Return whether a process ran elsewhere, by its name."""
    return _parts(name)[2] != _place()


def _parts(name: str) -> tuple[str, str, str]:
    pid, _, rest = name.partition("-")
    start, _, place = rest.partition("-")
    return pid, start, place


def _start_of(pid: int) -> str | None:
    """Return when a process started, in clock ticks since boot; empty if it has ended, `None` if it isn't visible."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return None
    # The 2nd field, in parentheses, may hold anything; the 3rd is the state, the 22nd the start.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in _ENDED else fields[19]


def _is_hidden(pid: int) -> bool:
    """Return whether a process exists that /proc doesn't show: another user's may be hidden."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    # It started just now, or can't be read: taking it for alive is safe.
    return True


@functools.cache
def _place() -> str:
    """Return a digest of this computer and this container on it: process ids mean the same only within both."""
    parts = [os.uname().nodename]
    with contextlib.suppress(OSError):
        parts.append(Path("/etc/machine-id").read_text("utf-8"))
    with contextlib.suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]
