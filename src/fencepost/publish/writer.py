"""Writes the files of a built site, most of which say what they said the last time."""

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
    """Writes below a folder, and makes only what is new.

    Site generators empty that folder before each build, and a large site has a thousand files of ours. So copies are
    kept elsewhere, with what each was made of; what didn't change isn't made again, and becomes another name of its
    copy, which is ten times as quick as a new file.

    Args:
        folder: the built site.
        kept: where the copies are. Where links between the two can't be made, files are written.

    Attributes:
        written: how many files were missing or said something else.
    """

    def __init__(self, folder: Path, kept: Path) -> None:
        self.folder = folder
        self.kept = kept
        self.written = 0
        self._before = _read_manifest(kept / _MANIFEST)
        self._now: dict[str, str] = {}
        # Folders that are there: asking again for each file would take longer than writing it.
        self._made: set[Path] = set()

    def write(self, path: str, make: Callable[[], Content], made_of: str = "") -> None:
        """Writes a file.

        Args:
            path: where, below the folder.
            make: what it is to hold.
            made_of: changes with anything that goes into it, but for Fencepost's own code; empty where that is as quick
                to make as to ask for.

        Raises:
            EngineError: when the disk is full.
            SiteError: when it can't be written for other reasons, or would lie elsewhere.
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
                # Two builds at a time may write the same copy: each trusts none but its own.
                self._now[path] = f"{stamp} {when}"
        except OSError as error:
            raise write_error("can't be written", error, str(target)) from error

    def finish(self) -> None:
        """Remembers what everything was made of. Without it, all is made again the next time."""
        remove_parts(self.kept)
        with contextlib.suppress(OSError):
            self._make(self.kept)
            write_whole(self.kept / _MANIFEST, json.dumps(self._now).encode())

    def _place(self, target: Path, kept: Path, data: bytes | None, *, may_link: bool) -> None:
        if target.is_file():
            if target.read_bytes() == (kept.read_bytes() if data is None else data):
                return
            # It may be another name of something else.
            target.unlink()
        self._make(target.parent)
        self.written += 1
        if may_link:
            with contextlib.suppress(OSError):
                os.link(kept, target)
                return
        target.write_bytes(kept.read_bytes() if data is None else data)

    def _keep(self, kept: Path, data: bytes) -> int:
        """When the copy that says so was written; 0 where there is none."""
        with contextlib.suppress(OSError):
            if not (kept.is_file() and kept.read_bytes() == data):
                self._make(kept.parent)
                # A new file: the old one may have a name in a site that somebody still looks at.
                write_whole(kept, data)
            # First the time: what is read behind it is no older.
            when = _written(kept)
            return when if kept.read_bytes() == data else 0
        return 0

    def _make(self, folder: Path) -> None:
        if folder not in self._made:
            folder.mkdir(parents=True, exist_ok=True)
            self._made.add(folder)


def _written(path: Path) -> int:
    """When a file was written, in nanoseconds; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _read_manifest(path: Path) -> dict[str, str]:
    try:
        told = json.loads(path.read_text("utf-8"))
        return {str(key): str(value) for key, value in told.items()}
    except (OSError, ValueError, AttributeError):
        return {}


@cache
def _code() -> str:
    """Changes with Fencepost, and with every edit of its own source."""
    package = Path(__file__).parents[1]
    newest = max(path.stat().st_mtime_ns for path in package.rglob("*") if path.suffix not in {"", ".pyc"})
    return f"{__version__} {newest}"
