"""Runs Fencepost and pytest as a person does: as programs of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TextIO


def fencepost(
    folder: Path, *arguments: str, env: dict[str, str] | None = None, stdout: int | TextIO = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """Calls the command line in a folder."""
    return _call(folder, "fencepost", *arguments, env=env, stdout=stdout)


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Calls pytest in a folder."""
    return _call(folder, "pytest", "-p", "no:cacheprovider", *arguments)


def _call(
    folder: Path,
    module: str,
    *arguments: str,
    env: dict[str, str] | None = None,
    stdout: int | TextIO = subprocess.PIPE,
) -> subprocess.CompletedProcess[str]:
    # A parallel run of these tests hands its workers' settings down; the called program is no worker.
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**inherited, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=240,
        check=False,
    )
