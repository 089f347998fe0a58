"""Paths that are made of what others have written, and have to stay below a folder."""

from __future__ import annotations

from pathlib import PurePosixPath


def stays_below(path: str) -> bool:
    """Whether a path stays below the folder that it is joined to. Links on the disk are not asked."""
    parts = PurePosixPath(path)
    return "\0" not in path and not parts.is_absolute() and ".." not in parts.parts
