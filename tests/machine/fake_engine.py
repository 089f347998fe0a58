"""Scripts that pretend to be an engine."""

from __future__ import annotations

from pathlib import Path

from fencepost.machine.engine import Engine
from fencepost.machine.engines.docker import Docker
from fencepost.machine.engines.podman import Podman

ENGINES = {engine.name: engine for engine in (Podman, Docker)}


def pretended(folder: Path, body: str, name: str = "podman") -> Engine:
    """An engine whose command line is a script for sh."""
    program = folder / name
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return ENGINES[name](str(program), "9.9.9")
