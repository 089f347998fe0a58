"""Whose containers these are: everything that is started carries a label with the process that started it.

What a killed check leaves behind is told by that label, and removed at the next start.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from fencepost.machine.engine import Engine

LABEL = "fencepost.owner"


def owner() -> str:
    """Who started a container: this process, by number and start, for numbers are used again."""
    return f"{os.getpid()}-{_start_of(os.getpid())}"


def fresh_name() -> str:
    """A name for a container that nobody else has."""
    return f"fencepost-{os.getpid()}-{secrets.token_hex(4)}"


def remove_own(engine: Engine) -> None:
    """Removes every container that this process has started."""
    names = engine.call("ps", "--all", "--quiet", "--filter", f"label={LABEL}={owner()}").stdout.split()
    if names:
        remove_containers(engine, names)


def remove_left_behind(engine: Engine) -> list[str]:
    """Removes the containers of checks that are no longer alive; their names."""
    label = f'index .Labels "{LABEL}"' if engine.name == "podman" else f'.Label "{LABEL}"'
    told = engine.call("ps", "--all", "--filter", f"label={LABEL}", "--format", f"{{{{.Names}}}} {{{{{label}}}}}")
    orphans = []
    for line in told.stdout.splitlines():
        name, _, who = line.partition(" ")
        pid, _, start = who.partition("-")
        if name and pid.isdigit() and _start_of(int(pid)) != start:
            orphans.append(name)
    if orphans:
        remove_containers(engine, orphans)
    return orphans


def remove_containers(engine: Engine, names: list[str]) -> None:
    """Removes containers, running or not; one that is gone already is no error."""
    flags = ["--time", "0", "--ignore"] if engine.name == "podman" else []
    engine.call("rm", "--force", *flags, *names, check=False)


def _start_of(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return ""
    # The second field, in parentheses, may hold anything; the 22nd is the start, in ticks since the host's.
    return stat.rpartition(")")[2].split()[19]
