"""Whose containers these are: everything that is started carries a label with the process that started it.

What a killed check leaves behind is told by that label, and removed at the next start. An engine may serve several
computers, or checks in containers that share its socket: a process number means nothing on another of them.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import platform
import secrets
from pathlib import Path

from fencepost.machine.engine import Engine

LABEL = "fencepost.owner"


def owner() -> str:
    """Who started a container: this process, by computer, number and start, for numbers are used again."""
    return f"{_computer()}-{os.getpid()}-{_start_of(os.getpid())}"


def fresh_name() -> str:
    """A name for a container that nobody else has."""
    return f"fencepost-{os.getpid()}-{secrets.token_hex(4)}"


def remove_own(engine: Engine) -> None:
    """Removes every container that this process has started."""
    names = engine.call("ps", "--all", "--quiet", "--filter", f"label={LABEL}={owner()}").stdout.split()
    if names:
        remove_containers(engine, names)


def remove_left_behind(engine: Engine) -> list[str]:
    """Removes the containers of checks that are no longer alive; their names.

    What was started on another computer, in other process numbers, or before this computer was last started may belong
    to a living check, for all that can be seen from here. It is removed once it has been at its end for a minute:
    nobody starts it again, and its own engine would have removed it long since.
    """
    label = f'index .Labels "{LABEL}"' if engine.name == "podman" else f'.Label "{LABEL}"'
    form = f"{{{{.Names}}}}\t{{{{{label}}}}}\t{{{{.Status}}}}"
    told = engine.call("ps", "--all", "--filter", f"label={LABEL}", "--format", form).stdout
    lines = (line.split("\t") for line in told.splitlines())
    orphans = [name for name, who, status in lines if _is_left_behind(who, status)]
    if orphans:
        remove_containers(engine, orphans)
    return orphans


def remove_containers(engine: Engine, names: list[str]) -> None:
    """Removes containers, running or not; one that is gone already is no error."""
    flags = ["--time", "0", "--ignore"] if engine.name == "podman" else []
    engine.call("rm", "--force", *flags, *names, check=False)


def _is_left_behind(who: str, status: str) -> bool:
    computer, _, process = who.partition("-")
    if computer != _computer():
        # As the engines put it: `Exited (0) 3 seconds ago`, `Exited (137) 2 hours ago`.
        return status.startswith("Exited") and "second" not in status
    pid, _, start = process.partition("-")
    return pid.isdigit() and not _is_alive(int(pid), start)


@functools.cache
def _computer() -> str:
    """The computer since it was last started, and the process numbers that count here."""
    known = [platform.node()]
    with contextlib.suppress(OSError):
        known.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip())
        known.append(str(Path("/proc/self/ns/pid").readlink()))
    # A letter in front: no earlier version takes it for a process number, and what bears it for its own.
    return "c" + hashlib.sha256("\n".join(known).encode()).hexdigest()[:12]


def _is_alive(pid: int, start: str) -> bool:
    if found := _start_of(pid):
        return found == start
    # Another user's process may be hidden from the eye.
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    # It came up, or is ours and not to be read: either way, no harm is done by waiting.
    return True


def _start_of(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return ""
    # The second field, in parentheses, may hold anything; the 22nd is the start, in ticks since the host's.
    return stat.rpartition(")")[2].split()[19]
