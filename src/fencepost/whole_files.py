"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from pathlib import Path


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Writes a file: whoever reads it meanwhile finds the old text or the new one.

    Args:
        path: the file, in a folder that exists.
        data: what it is to hold.
        mode: who may do what with it.

    Raises:
        OSError: when it can't be written; the old file is then as it was.
    """
    handle, name = tempfile.mkstemp(prefix=f".{re.sub(r'[^a-zA-Z0-9]', '', path.stem)[:20]}", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            file.write(data)
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
