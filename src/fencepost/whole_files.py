"""Files that are written atomically, and the removal of parts left by writers that were killed."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from pathlib import Path

from fencepost.processes import has_ended, this_process

_PART = ".part"
_LEFT = re.compile(rf"\.[^.]*\.(?P<writer>[^.]*)\.[0-9a-f]*{re.escape(_PART)}")


def write_whole(path: Path, data: bytes, mode: int = 0o644, like: os.stat_result | None = None) -> None:
    """Write a file atomically: a reader sees the old content or the new one.

    Args:
        path: the file, in a folder that exists.
        data: its new content.
        mode: its permissions.
        like: a file's status; its owner and group are copied where that is permitted.

    Raises:
        OSError: when it can't be written; the old file is left as it was.
    """
    part = part_of(path)
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(handle, "wb") as file:
            file.write(data)
        if like:
            _copy_owner(part, like)
        # Last: a change of the owner clears the set-id bits.
        os.chmod(part, mode)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def _copy_owner(part: Path, like: os.stat_result) -> None:
    # Separately: an ordinary user can't change the owner, but can change the group to another of theirs.
    for owner, group in ((-1, like.st_gid), (like.st_uid, -1)):
        with contextlib.suppress(OSError):
            os.chown(part, owner, group)


def part_of(path: Path) -> Path:
    """Return a temporary path beside a file, under which to write it before moving it there; it names the writer."""
    stem = re.sub(r"[^a-zA-Z0-9]", "", path.stem)[:20]
    return path.with_name(f".{stem}.{this_process()}.{secrets.token_hex(4)}{_PART}")


def remove_parts(folder: Path, *, below: bool = True) -> list[Path]:
    """Remove the unfinished files that killed processes have left in a folder, and return their paths.

    Args:
        folder: where to look; it needn't exist.
        below: look in its subfolders, too.
    """
    removed = []
    for place, folders, names in os.walk(folder):
        for name in names:
            if (match := _LEFT.fullmatch(name)) and has_ended(match["writer"]):
                path = Path(place, name)
                with contextlib.suppress(OSError):
                    path.unlink()
                    removed.append(path)
        if not below:
            folders.clear()
    return removed
