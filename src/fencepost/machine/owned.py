"""Whose containers these are: everything that is started carries a label with the process that started it.

What a killed check leaves behind is told by that label, and removed at the next start. An engine may serve several
computers, or checks in containers that share its socket: a process number means nothing on another of them.
"""

from __future__ import annotations

import secrets

from fencepost.machine.engine import Engine
from fencepost.processes import has_ended, is_of_another_place, this_process

# Not the word of before 0.3, which took every name with a place in it for a dead one.
LABEL = "fencepost.process"
_PREFIX = "fencepost-"


def owner() -> str:
    """Who started a container: this process."""
    return this_process()


def fresh_name() -> str:
    """A name for a container that nobody else has. It tells its owner too, where nobody knows of labels any more."""
    return f"{_PREFIX}{owner()}-{secrets.token_hex(4)}"


def owner_in(name: str) -> str:
    """Who started a container, by its name; empty where that isn't one of ours."""
    return name.removeprefix(_PREFIX).rpartition("-")[0] if name.startswith(_PREFIX) else ""


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
    form = f"{{{{.Names}}}}\t{told_label(engine, LABEL)}\t{{{{.Status}}}}"
    told = engine.call("ps", "--all", "--filter", f"label={LABEL}", "--format", form).stdout
    lines = (line.split("\t") for line in told.splitlines())
    orphans = [name for name, who, status in lines if _is_left_behind(who, status)]
    if orphans:
        remove_containers(engine, orphans)
    return orphans


def told_label(engine: Engine, label: str) -> str:
    """What makes an engine tell a label in a list."""
    return f'{{{{index .Labels "{label}"}}}}' if engine.name == "podman" else f'{{{{.Label "{label}"}}}}'


def remove_containers(engine: Engine, names: list[str]) -> None:
    """Removes containers, running or not; one that is gone already is no error."""
    flags = ["--time", "0", "--ignore"] if engine.name == "podman" else []
    engine.call("rm", "--force", *flags, *names, check=False)


def _is_left_behind(who: str, status: str) -> bool:
    # As the engines put it: `Exited (0) 3 seconds ago`, `Exited (137) 2 hours ago`.
    ended_long_since = status.startswith("Exited") and "second" not in status
    return has_ended(who) or (is_of_another_place(who) and ended_long_since)
