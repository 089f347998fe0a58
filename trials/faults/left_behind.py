"""Find what killed checks left behind after the next check has ended. It should be nothing."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from trials.faults.places import MARK, Place
from trials.faults.victims import containers_of, processes

# Files of the cache that later checks use; any check may make them for the first time.
_KEPT = ("locks/", "packages/", "bases/", "seccomp-")
# An engine answers before the last process of a removed container has ended.
_WAIT_SECONDS = 20


def files_of(place: Place) -> set[str]:
    """Return the names of the files of the site and the cache."""
    folders = (place.folder, place.cache)
    return {str(path.relative_to(folder)) for folder in folders for path in folder.rglob("*") if path.is_file()}


def volumes_of(place: Place) -> set[str]:
    """Return the engine's volumes of saved virtual machines, including those of other sites."""
    return set(place.call("volume", "ls", "--quiet", "--filter", "label=fencepost.machine").stdout.split())


def left_behind(place: Place, files: set[str], volumes: set[str]) -> list[str]:
    """Return what is left behind, after giving the engine some time to finish.

    Args:
        place: the place in which checks were killed.
        files: the files that an undisturbed check leaves.
        volumes: the volumes that existed before.
    """
    deadline = time.monotonic() + _WAIT_SECONDS
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
    """Return the processes with the trial's mark, or with one of its containers in their command line."""
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
    """Return the locks that a process still holds."""
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
