"""A digest of the part of Fencepost that decides about verdicts."""

from __future__ import annotations

import hashlib
from pathlib import Path

# How results are shown, published or kept makes no difference to them.
_CORE = ("bash", "check", "fence", "kinds", "machine", "mutate", "page", "session", "transcript")


def sources_digest(package: Path) -> str:
    """Return the digest.

    Args:
        package: the folder of Fencepost's sources.
    """
    digest = hashlib.sha256()
    paths = [path for folder in _CORE for path in (package / folder).rglob("*") if path.suffix != ".pyc"]
    for path in sorted([*(path for path in paths if path.is_file()), *package.glob("*.py")]):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
