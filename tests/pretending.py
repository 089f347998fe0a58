"""Programs that only pretend to be an engine."""

from __future__ import annotations

from pathlib import Path

from fencepost.machine.engine import Engine


def pretended(folder: Path, body: str, name: str = "podman") -> Engine:
    """An engine whose command line is a script for sh."""
    program = folder / name
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return Engine(name, str(program), "9.9.9")
