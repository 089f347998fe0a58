"""The program `cell`: compiled once, in a container, and kept in the cache by the digest of its source."""

from __future__ import annotations

import subprocess
from importlib.resources import files
from pathlib import Path

from fencepost.errors import EngineError
from fencepost.machine.base import Say, cache_folder, only_one
from fencepost.machine.definition import MachineDefinition, MachineSettings
from fencepost.machine.engine import Engine
from fencepost.machine.image import provide_image
from fencepost.whole_files import write_whole

_NAME = "fencepost-cell"
_SECONDS = 60


def program_definition() -> MachineDefinition:
    """What compiles it, as a machine like any other: a folder with a Containerfile."""
    folder = Path(str(files("fencepost.machine.warm"))) / "program"
    return MachineDefinition(_NAME, folder, MachineSettings.model_validate({}), "Fencepost's own cell program")


def provide_program(engine: Engine, *, pull: bool, say: Say) -> bytes:
    """The program, for the processor that the engine runs on.

    Raises:
        EngineError: when it can't be compiled.
    """
    definition = program_definition()
    kept = cache_folder() / f"cell-{engine.name}-{definition.digest[:16]}"
    with only_one(kept.name):
        if not kept.is_file():
            image = provide_image(engine, definition, pull=pull, say=say)
            write_whole(kept, _read_out(engine, image.id), 0o600)
    return kept.read_bytes()


def _read_out(engine: Engine, image: str) -> bytes:
    command = engine.argv(
        "run", "--rm", "--network", "none", "--pull", "never", *engine.run_options, image, "cat", "/cell"
    )
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"the cell program can't be read: {error}") from error
    if done.returncode or not done.stdout.startswith(b"\x7fELF"):
        raise EngineError("the cell program can't be read: " + done.stderr.decode("utf-8", "replace").strip())
    return done.stdout
