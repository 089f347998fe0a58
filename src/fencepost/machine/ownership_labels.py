"""Whose containers these are: everything that is started carries a label with the process that started it.

What a killed check leaves behind is told by that label, and removed at the next start. An engine may serve several
computers, or checks in containers that share its socket: a process number means nothing on another of them. Copies of
one image may have the same name and machine number, so the label tells which start of its computer that was, too.
"""

from __future__ import annotations

import functools
import hashlib
import secrets
from pathlib import Path

from fencepost.machine.engine import Engine
from fencepost.processes import has_ended, is_of_another_place, this_process

# Not the word of before 0.3, which took every name with a place in it for a dead one.
LABEL = "fencepost.process"
_PREFIX = "fencepost-"


def owner() -> str:
    """Who started a container: this process, on this computer since it was last started."""
    return f"{this_process()}-{_this_start()}"


def fresh_name() -> str:
    """A name for a container that nobody else has. It tells its owner too, where nobody knows of labels any more."""
    return f"{_PREFIX}{this_process()}-{secrets.token_hex(4)}"


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
    form = f"{{{{.Names}}}}\t{engine.label_template(LABEL)}\t{{{{.Status}}}}"
    told = engine.call("ps", "--all", "--filter", f"label={LABEL}", "--format", form).stdout
    lines = (line.split("\t") for line in told.splitlines())
    orphans = [name for name, who, status in lines if _is_left_behind(engine, who, status)]
    if orphans:
        remove_containers(engine, orphans)
    return orphans


def remove_containers(engine: Engine, names: list[str]) -> None:
    """Removes containers, running or not; one that is gone already is no error."""
    engine.call("rm", "--force", *engine.remove_flags, *names, check=False)


def owner_has_ended(engine: Engine, who: str) -> bool:
    """Whether the process that started something has ended. Of another computer's, nobody here can tell."""
    process, _, start = who.rpartition("-")
    if start != _this_start():
        # On an engine of this computer alone, what bears its name is from before it was started anew.
        return not engine.remote and bool(start) and not is_of_another_place(process)
    return has_ended(process)


def _is_left_behind(engine: Engine, who: str, status: str) -> bool:
    if owner_has_ended(engine, who):
        return True
    process, _, start = who.rpartition("-")
    # As the engines put it: `Exited (0) 3 seconds ago`, `Exited (137) 2 hours ago`.
    ended_long_since = status.startswith("Exited") and "second" not in status
    return ended_long_since and (start != _this_start() or is_of_another_place(process))


@functools.cache
def _this_start() -> str:
    """Which start of this computer this is: no two have the same, copies of one image neither."""
    try:
        told = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")
    except OSError:
        told = ""
    return hashlib.sha256(told.encode()).hexdigest()[:8]
