"""Write the files of a built site, most of which are the same as the last time."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from fencepost import __version__
from fencepost.errors import SiteError, write_error
from fencepost.path_safety import stays_below
from fencepost.terminal import on_one_line
from fencepost.whole_files import remove_parts, write_whole

Content = str | bytes

_MANIFEST = "made-of.json"


class Writer:
    """Writes files into a folder, and makes only those that changed.

    Site generators empty that folder before each build, and a large site has a thousand files of ours. So a copy of
    each is kept elsewhere, with a stamp of what it was made of. A file whose stamp is the same becomes a hard link to
    its copy, which is ten times as fast as a new file.

    Args:
        folder: the built site.
        kept: the folder of the copies. If they can't be linked, they are copied.

    Attributes:
        written: how many files were missing or different.
    """

    def __init__(self, folder: Path, kept: Path) -> None:
        self.folder = folder
        self.kept = kept
        self.written = 0
        self._before = _read_manifest(kept / _MANIFEST)
        self._now: dict[str, str] = {}
        # Folders that exist: to ask again for each file would take longer than to write it.
        self._made: set[Path] = set()

    def write(self, path: str, make: Callable[[], Content], made_of: str = "") -> None:
        """Write a file.

        Args:
            path: its path, relative to the folder.
            make: returns its contents.
            made_of: a text that changes with everything that goes into the file, except Fencepost's own code. If it is
                empty, the file is always made again.

        Raises:
            EngineError: when the disk is full.
            SiteError: when the file can't be written for other reasons, or its path leaves the folder.
        """
        if not stays_below(path):
            raise SiteError(
                f"`{on_one_line(path)}` leads out of the built site",
                "rename the page or the machine that it is called after",
            )
        target, kept = self.folder / path, self.kept / path
        stamp = f"{_code()} {made_of}" if made_of else ""
        try:
            data = None
            if not stamp or self._before.get(path) != f"{stamp} {_written(kept)}":
                content = make()
                data = content.encode("utf-8", "replace") if isinstance(content, str) else content
            when = _written(kept) if data is None else self._keep(kept, data)
            self._place(target, kept, data, may_link=bool(when))
            if stamp and when:
                # Two builds may write the same copy at the same time: each trusts only its own.
                self._now[path] = f"{stamp} {when}"
        except OSError as error:
            raise write_error("can't be written", error, str(target)) from error

    def finish(self) -> None:
        """Save the stamps. Without them, the next build makes all files again."""
        remove_parts(self.kept)
        with contextlib.suppress(OSError):
            self._make(self.kept)
            write_whole(self.kept / _MANIFEST, json.dumps(self._now).encode())

    def _place(self, target: Path, kept: Path, data: bytes | None, *, may_link: bool) -> None:
        if target.is_file():
            if target.read_bytes() == (kept.read_bytes() if data is None else data):
                return
            # It may be a hard link: writing into it would change the copy too.
            target.unlink()
        self._make(target.parent)
        self.written += 1
        if may_link:
            with contextlib.suppress(OSError):
                os.link(kept, target)
                return
        target.write_bytes(kept.read_bytes() if data is None else data)

    def _keep(self, kept: Path, data: bytes) -> int:
        """Keep a copy with these contents, and return when it was written (`_written`); 0 if it couldn't be kept."""
        with contextlib.suppress(OSError):
            if not (kept.is_file() and kept.read_bytes() == data):
                self._make(kept.parent)
                # Replaced, not overwritten: the old file may be linked into another built site.
                write_whole(kept, data)
            # Get the time before reading, so that the contents are never older than it.
            when = _written(kept)
            return when if kept.read_bytes() == data else 0
        return 0

    def _make(self, folder: Path) -> None:
        if folder not in self._made:
            folder.mkdir(parents=True, exist_ok=True)
            self._made.add(folder)


def _written(path: Path) -> int:
    """Return when a file was written, in nanoseconds; 0 if it doesn't exist."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _read_manifest(path: Path) -> dict[str, str]:
    try:
        stamps = json.loads(path.read_text("utf-8"))
        return {str(key): str(value) for key, value in stamps.items()}
    except (OSError, ValueError, AttributeError):
        return {}


@cache
def _code() -> str:
    """Return a text that changes with Fencepost's version and with every edit of its source."""
    package = Path(__file__).parents[1]
    newest = max(path.stat().st_mtime_ns for path in package.rglob("*") if path.suffix not in {"", ".pyc"})
    return f"{__version__} {newest}"
