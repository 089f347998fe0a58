"""The engine's processes that work on a saved machine, and their ends."""

from __future__ import annotations

import subprocess

_LEAVES_SECONDS = 10


def end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """Ends a process that may have ended by itself."""
    try:
        process.wait(_LEAVES_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()
