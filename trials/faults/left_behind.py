"""What killed checks have left, once the next one has come to its end: nothing, it should be."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from trials.faults.places import MARK, Place
from trials.faults.victims import containers_of, processes

# What the cache keeps for the next check, and may need for the first time after any kill.
_KEPT = ("locks/", "packages/", "bases/", "seccomp-")
# An engine is told to remove a container, and answers; its last process goes a moment later.
_PATIENCE_SECONDS = 20


def files_of(place: Place) -> set[str]:
    """The files of the site and of the cache, by name."""
    folders = (place.folder, place.cache)
    return {str(path.relative_to(folder)) for folder in folders for path in folder.rglob("*") if path.is_file()}


def volumes_of(place: Place) -> set[str]:
    """The engine's volumes of saved virtual machines, those of others too."""
    return set(place.call("volume", "ls", "--quiet", "--filter", "label=fencepost.machine").stdout.split())


def left_behind(place: Place, files: set[str], volumes: set[str]) -> list[str]:
    """What is left, after a while in which an engine may come to its end.

    Args:
        place: where checks were killed.
        files: those that an undisturbed check leaves.
        volumes: those that were there before.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while left := [*_containers(place), *_processes(place), *_locks(place)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.5)
    left += [f"file {name}" for name in sorted(files_of(place) - files) if not name.startswith(_KEPT)]
    mine = [name for name in volumes_of(place) - volumes if f"-{place.machine}-" in name]
    return left + [f"volume {name}" for name in mine]


def _containers(place: Place) -> list[str]:
    return [f"container {name}" for name in containers_of(place, place.owners).values()]


def _processes(place: Place) -> list[str]:
    """Processes that carry the trial's mark, or name one of its checks' containers."""
    mark = f"{MARK}={place.environment[MARK]}".encode()
    names = [f"fencepost-{owner}-" for owner in place.owners]
    left = []
    for process in processes().values():
        try:
            marked = mark in Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
        except OSError:
            marked = False
        if marked or any(name in process.command for name in names):
            left.append(f"process {process.pid} {process.name}")
    return left


def _locks(place: Place) -> list[str]:
    """Locks that somebody still holds."""
    held = []
    for path in (place.cache / "locks").glob("*"):
        handle = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.append(f"lock {path.name}")
        finally:
            os.close(handle)
    return held
