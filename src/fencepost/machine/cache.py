"""The cache folder, which all sites share, and its locks."""

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
    """Return the cache folder, in XDG_CACHE_HOME, after making it if it is missing.

    Raises:
        EngineError: when it can't be made.
    """
    return ensure_folder(cache_path())


def cache_path() -> Path:
    """Return the path of the cache folder, which may not exist."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fencepost"


@contextlib.contextmanager
def locked(name: str, making: Making | None = None, *, waits_for: str = "") -> Iterator[None]:
    """Hold a lock that one process at a time can have. It ends with the process, however that ends.

    Args:
        name: the lock's name.
        making: the context to wait in, until it is cancelled; `None` to fail at once if another process has the lock.
        waits_for: a message for `making` when it has to wait.

    Raises:
        EngineError: when the lock can't be written, or another process has it and `making` is `None` or cancelled.
    """
    has_said = False
    path = ensure_folder(cache_folder() / "locks") / re.sub(r"[^\w.-]", "_", name)
    with contextlib.ExitStack() as stack:
        with write_errors(path):
            lock = stack.enter_context(open(path, "w"))
            while True:
                with contextlib.suppress(BlockingIOError) if making else contextlib.nullcontext():
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                assert making
                if waits_for and not has_said:
                    making.does(waits_for)
                    has_said = True
                making.pause()
        yield


def ensure_folder(folder: Path) -> Path:
    """Make a folder if it is missing, and return it.

    Raises:
        EngineError: when it can't be made.
    """
    with write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Turn system errors into errors for users: a file of the cache can't be written.

    Args:
        path: the file or folder that is written.

    Raises:
        EngineError: in place of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        fix = "free some space there, or set XDG_CACHE_HOME to a folder that can be written"
        raise EngineError(f"can't be written: {error.strerror}", fix, str(path)) from error
