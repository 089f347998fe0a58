"""The labels on containers and volumes that name the process that started them.

By this label, the next check finds and removes what a killed one has left. An engine may serve several computers, or
checks in containers that share its socket, and a process id means nothing on another of them. Computers that are copies
of one image may have the same host name and machine id, so the label contains the computer's boot, too.
"""

from __future__ import annotations

import functools
import hashlib
import secrets
from pathlib import Path

from fencepost.machine.engine import Engine
from fencepost.processes import has_ended, is_of_another_place, this_process

# Another label than that of 0.2, which takes all names with a place in them for ended processes.
LABEL = "fencepost.process"
_PREFIX = "fencepost-"


def owner() -> str:
    """Return the label's value for this process: its name and this computer's boot."""
    return f"{this_process()}-{_this_boot()}"


def fresh_name() -> str:
    """Return a unique name for a container. It contains the owner, for when the container's labels are lost."""
    return f"{_PREFIX}{this_process()}-{secrets.token_hex(4)}"


def owner_in(name: str) -> str:
    """Return the process that started a container, by the container's name; empty if it isn't one of ours."""
    return name.removeprefix(_PREFIX).rpartition("-")[0] if name.startswith(_PREFIX) else ""


def remove_own(engine: Engine) -> None:
    """Remove every container that this process has started."""
    names = engine.call("ps", "--all", "--quiet", "--filter", f"label={LABEL}={owner()}").stdout.split()
    if names:
        remove_containers(engine, names)


def remove_left_behind(engine: Engine) -> list[str]:
    """Remove the containers of checks that have ended, and return their names.

    The owner of a container from another computer, another process id namespace or an earlier boot may still be alive.
    Such a container is removed if it stopped more than a minute ago: it is never started again, and its own check would
    have removed it by then.
    """
    form = f"{{{{.Names}}}}\t{engine.label_template(LABEL)}\t{{{{.Status}}}}"
    output = engine.call("ps", "--all", "--filter", f"label={LABEL}", "--format", form).stdout
    lines = (line.split("\t") for line in output.splitlines())
    orphans = [name for name, owner_label, status in lines if _is_left_behind(engine, owner_label, status)]
    if orphans:
        remove_containers(engine, orphans)
    return orphans


def remove_containers(engine: Engine, names: list[str]) -> None:
    """Remove containers, running or not. One that is gone already is no error."""
    engine.call("rm", "--force", *engine.remove_flags, *names, check=False)


def owner_has_ended(engine: Engine, owner_label: str) -> bool:
    """Return whether the process in a label has ended. False for one of another computer."""
    process, _, boot = owner_label.rpartition("-")
    if boot != _this_boot():
        # With this computer's own engine, a label with its name and another boot is from before the last boot.
        return not engine.remote and bool(boot) and not is_of_another_place(process)
    return has_ended(process)


def _is_left_behind(engine: Engine, owner_label: str, status: str) -> bool:
    if owner_has_ended(engine, owner_label):
        return True
    process, _, boot = owner_label.rpartition("-")
    # Engines print `Exited (0) 3 seconds ago` or `Exited (137) 2 hours ago`.
    stopped_a_while_ago = status.startswith("Exited") and "second" not in status
    return stopped_a_while_ago and (boot != _this_boot() or is_of_another_place(process))


@functools.cache
def _this_boot() -> str:
    """Return a digest of this computer's boot id, which is different for each boot and for copies of one image."""
    try:
        boot_id = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")
    except OSError:
        boot_id = ""
    return hashlib.sha256(boot_id.encode()).hexdigest()[:8]
