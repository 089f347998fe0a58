"""Install the peers into an environment of their own, so that their dependencies don't mix with Fencepost's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".bench" / "venv"
PROGRAMS = FOLDER / "bin"
_PINS = Path(__file__).parent / "constraints.txt"


def provide_peers() -> dict[str, str]:
    """Install the dependency group `peers` as far as possible; return versions by name, in lower case."""
    if not (PROGRAMS / "python").exists():
        venv.create(FOLDER, with_pip=True)
    group = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["peers"]
    # All at once; if that fails, one by one.
    if not _install(group):
        for requirement in group:
            if not _install([requirement]):
                print(f"{requirement} can't be installed here", file=sys.stderr)
    listed = _pip("list", "--format", "json", stdout=subprocess.PIPE).stdout
    return {item["name"].lower().replace("_", "-"): item["version"] for item in json.loads(listed)}


def _install(requirements: list[str]) -> bool:
    return _pip("install", "--constraint", str(_PINS), *requirements).returncode == 0


def _pip(*arguments: str, stdout: int = subprocess.DEVNULL) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAMS / "python"), "-m", "pip", "--disable-pip-version-check", *arguments],
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PIP_NO_INPUT": "1"},
    )
