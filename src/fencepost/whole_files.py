"""Files that are written whole or not at all, and what is left of one whose writer was killed."""

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
    """Writes a file: whoever reads it meanwhile finds the old text or the new one.

    Args:
        path: the file, in a folder that exists.
        data: what it is to hold.
        mode: who may do what with it.
        like: whose owner and group it is to have, where that is permitted; those of whoever writes it otherwise.

    Raises:
        OSError: when it can't be written; the old file is then as it was.
    """
    part = part_of(path)
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(handle, "wb") as file:
            file.write(data)
        if like:
            _give(part, like)
        # Last: a change of the owner takes the set-id bits away.
        os.chmod(part, mode)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def _give(part: Path, like: os.stat_result) -> None:
    # One at a time: who may not give a file away may still change its group to another of theirs.
    for owner, group in ((-1, like.st_gid), (like.st_uid, -1)):
        with contextlib.suppress(OSError):
            os.chown(part, owner, group)


def part_of(path: Path) -> Path:
    """A name beside a file, to write it under before it is moved into its place. It tells who writes."""
    stem = re.sub(r"[^a-zA-Z0-9]", "", path.stem)[:20]
    return path.with_name(f".{stem}.{this_process()}.{secrets.token_hex(4)}{_PART}")


def remove_parts(folder: Path, *, below: bool = True) -> list[Path]:
    """Removes what processes that were killed while they wrote have left in a folder; what that was.

    Args:
        folder: where to look. There may be none.
        below: look in the folders in it, too.
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
