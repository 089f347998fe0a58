"""Find a process to kill, only among those of a check of this trial: by its containers' label, and by descent.

| victim | what it is |
|---|---|
| checker | the check itself |
| client | the `podman` or `docker` that the check called |
| monitor | conmon, or containerd's shim |
| runtime | runc, while it makes a container |
| daemon | dockerd |
| first | the container's first process: the session's supervisor, or the keeper of a QEMU |
| qemu | the virtual machine |
| bash, python | the session; the only victims that a page's verdicts may show |
"""

from __future__ import annotations

import os
import random
import signal
from dataclasses import dataclass
from pathlib import Path

from fencepost.machine.ownership_labels import LABEL
from fencepost.machine.vm.emulator import keeper_command
from trials.faults.places import Daemon, Place

SESSION = ("bash", "python")
VICTIMS = {
    "podman": ("checker", "client", "monitor", "runtime", "first", "bash", "python"),
    "docker": ("checker", "client", "monitor", "runtime", "daemon", "first", "bash", "python"),
    "vm": ("checker", "client", "monitor", "first", "qemu", "bash", "python"),
}
_MONITORS = ("conmon", "containerd-shim")
# This computer doesn't see a virtual machine's processes: its keeper runs this command beside the session.
_KILL_INSIDE = (
    "found=1; for p in $(cat $FENCEPOST_SESSION/cgroup.procs); do "
    "grep -qx {name} /proc/$p/comm && kill -9 $p && found=0; done; exit $found"
)
_COMMANDS = {"bash": "bash", "python": "python3"}


@dataclass(frozen=True)
class Process:
    """A process of this computer."""

    pid: int
    parent: int
    name: str
    command: str


def processes() -> dict[int, Process]:
    """Return all processes, by process id."""
    by_pid = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text("utf-8", errors="replace")
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        name = stat.partition("(")[2].rpartition(")")[0]
        pid, parent = int(folder.name), int(stat.rpartition(")")[2].split()[1])
        by_pid[pid] = Process(pid, parent, name, command)
    return by_pid


def descendants(pid: int, everything: dict[int, Process]) -> list[Process]:
    """Return the descendants of a process."""
    children: dict[int, list[Process]] = {}
    for process in everything.values():
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    waiting = [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.append(child)
            waiting.append(child.pid)
    return found


def containers_of(place: Place, owners: set[int]) -> dict[str, str]:
    """Return the names, by id, of the containers that checks started."""
    label = f'index .Labels "{LABEL}"' if place.engine == "podman" else f'.Label "{LABEL}"'
    form = f"{{{{.ID}}}} {{{{.Names}}}} {{{{{label}}}}}"
    names = {}
    for line in place.call(
        "ps", "--all", "--no-trunc", "--filter", f"label={LABEL}", "--format", form
    ).stdout.splitlines():
        # A container that is being removed may have an empty name.
        identity, name, owner = line.split(" ", 2)
        if owner.partition("-")[0] in {str(pid) for pid in owners}:
            names[identity] = name
    return names


def kill_one(victim: str, place: Place, checker: int, daemon: Daemon | None, chance: random.Random) -> str:
    """Kill one process of this kind, if there is one; return its name, or an empty string."""
    if victim == "checker":
        return _kill(processes()[checker])
    if victim == "daemon":
        assert daemon and daemon.process
        return _kill(processes()[daemon.process.pid])
    if victim in SESSION and place.name == "vm":
        return _kill_inside(victim, place, checker)
    candidates = [process for process in _all_of(victim, place, checker, daemon) if process.pid != os.getpid()]
    return _kill(chance.choice(candidates)) if candidates else ""


def _all_of(victim: str, place: Place, checker: int, daemon: Daemon | None) -> list[Process]:
    everything = processes()
    if victim == "client":
        return [process for process in descendants(checker, everything) if process.name in {"podman", "docker"}]
    if victim == "runtime":
        mine = str(daemon.run) if daemon and place.name == "docker" else ""
        names = [mine] if mine else _named_by_monitors(checker, everything)
        return [
            process
            for process in everything.values()
            if process.name.startswith("runc") and any(name in process.command for name in names)
        ]
    identities = containers_of(place, {checker})
    everything = processes()
    monitors = [
        process
        for process in everything.values()
        if process.name.startswith(_MONITORS) and any(identity in process.command for identity in identities)
    ]
    if victim == "monitor":
        return monitors
    inside = [process for monitor in monitors for process in descendants(monitor.pid, everything)]
    inside = [process for process in inside if not process.name.startswith(("runc", *_MONITORS))]
    if victim == "first":
        return [process for process in inside if process.parent in {monitor.pid for monitor in monitors}]
    if victim == "qemu":
        return [process for process in inside if process.name.startswith("qemu-system")]
    return [process for process in inside if process.name == _COMMANDS[victim]]


def _named_by_monitors(checker: int, everything: dict[int, Process]) -> list[str]:
    """Return the ids of podman's containers from conmon's arguments, which show them before the engine does."""
    identities = []
    for process in everything.values():
        words = process.command.split()
        if process.name == "conmon" and f"fencepost-{checker}-" in process.command and "-c" in words:
            identities.append(words[words.index("-c") + 1])
    return identities


def _kill_inside(victim: str, place: Place, checker: int) -> str:
    keeper = keeper_command("order", command=_KILL_INSIDE.format(name=_COMMANDS[victim]))
    for name in containers_of(place, {checker}).values():
        if place.call("exec", name, *keeper).returncode == 0:
            return f"{victim} in the virtual machine"
    return ""


def _kill(process: Process) -> str:
    """Kill a process by a handle, as its id may be reused; return its name, or an empty string if it has ended."""
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return ""
    try:
        now = processes().get(process.pid)
        if now is None or now.command != process.command:
            return ""
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except ProcessLookupError:
        return ""
    finally:
        os.close(handle)
    return process.name
