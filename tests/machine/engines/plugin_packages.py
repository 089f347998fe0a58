"""Installs packages that register engines, without pip."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

WHARF = Path(__file__).parent / "wharf"


def install(folder: Path, package: str, entries: dict[str, str], module: str = "") -> None:
    """Installs a package into a folder.

    Args:
        folder: is on Python's path.
        package: its name.
        entries: the engines that it registers: their objects, as `module:name`, by their names.
        module: the text of its module, which bears the package's name with underscores.
    """
    (folder / f"{package.replace('-', '_')}.py").write_text(module)
    metadata = folder / f"{package.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    lines = [f"{name} = {value}" for name, value in entries.items()]
    (metadata / "entry_points.txt").write_text("\n".join(["[fencepost.engines]", *lines, ""]))


def install_wharf(folder: Path, patch: pytest.MonkeyPatch) -> dict[str, str]:
    """Installs the engine `wharf`, for this process; the environment that does it for another."""
    text = (WHARF / "fencepost_wharf.py").read_text("utf-8")
    install(folder, "fencepost-wharf", {"wharf": "fencepost_wharf:Wharf"}, text)
    shutil.copy(WHARF / "wharf", folder)
    patch.syspath_prepend(folder)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(folder)}
    patch.setenv("PATH", environment["PATH"])
    return environment
