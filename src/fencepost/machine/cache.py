"""The folder in which what took long to make is kept between sites, and what has it made by one at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator
from pathlib import Path

from fencepost.errors import EngineError
from fencepost.machine.making import Making


def cache_folder() -> Path:
    """Where what took long to make is kept between sites: below XDG_CACHE_HOME.

    Raises:
        EngineError: when it isn't there and can't be made.
    """
    return ensure_folder(cache_path())


def cache_path() -> Path:
    """Where that is, be it there or not."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fencepost"


@contextlib.contextmanager
def locked(name: str, making: Making | None = None, *, waits_for: str = "") -> Iterator[None]:
    """Lets one process at a time do a thing; the others wait. Freed when the process ends, however it does.

    Args:
        name: of the thing.
        making: whom to tell, and until when to wait; `None` for not at all.
        waits_for: what to say when there is somebody to wait for.

    Raises:
        EngineError: when there is no place for the lock, or somebody has it and nobody waits.
    """
    told = False
    path = ensure_folder(cache_folder() / "locks") / re.sub(r"[^\w.-]", "_", name)
    with contextlib.ExitStack() as stack:
        with write_errors(path):
            lock = stack.enter_context(open(path, "w"))
            while True:
                with contextlib.suppress(BlockingIOError) if making else contextlib.nullcontext():
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                assert making
                if waits_for and not told:
                    making.say(waits_for)
                    told = True
                making.pause()
        yield


def ensure_folder(folder: Path) -> Path:
    """A folder, which is there now.

    Raises:
        EngineError: when it can't be made.
    """
    with write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Tells of what can't be written as people need to read it.

    Args:
        path: what is written.

    Raises:
        EngineError: in place of the system's own.
    """
    try:
        yield
    except OSError as error:
        fix = "free some space there, or set XDG_CACHE_HOME to a folder that can be written"
        raise EngineError(f"can't be written: {error.strerror}", fix, str(path)) from error
