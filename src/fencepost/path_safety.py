"""Guards against paths from untrusted text that lead out of a folder."""

from __future__ import annotations

from pathlib import PurePosixPath


def stays_below(path: str) -> bool:
    """Return whether a path stays inside the folder that it is joined to. Symbolic links aren't followed."""
    parts = PurePosixPath(path)
    return "\0" not in path and not parts.is_absolute() and ".." not in parts.parts
