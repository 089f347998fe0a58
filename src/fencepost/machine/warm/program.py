"""The program `cell`: compiled once, and kept in the cache by the digest of its source.

This computer's C compiler takes a second for it. Where there is none, a container with one takes a minute, which only a
site of many pages is worth.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from importlib.resources import files
from pathlib import Path

from fencepost.errors import EngineError
from fencepost.machine.cache import cache_folder, cache_path, locked, write_errors
from fencepost.machine.definition import MachineDefinition, MachineSettings
from fencepost.machine.engine import Engine
from fencepost.machine.image import provide_image
from fencepost.machine.making import Making
from fencepost.whole_files import write_whole

_NAME = "fencepost-cell"
_SECONDS = 60
# A container a page costs some tenths of a second more than a cell.
_MANY_PAGES = 100


def program_definition() -> MachineDefinition:
    """What compiles it, as a machine like any other: a folder with a Containerfile."""
    folder = Path(str(files("fencepost.machine.warm"))) / "cell"
    return MachineDefinition(_NAME, folder, MachineSettings.model_validate({}), "Fencepost's own cell program")


def provide_program(engine: Engine, making: Making, *, pages: int) -> bytes:
    """The program, for the processor that the engine runs on; nothing where it isn't worth its time.

    Args:
        engine: the engine, on this computer.
        making: how it is made.
        pages: how many pages there are to run.

    Raises:
        EngineError: when it can't be compiled, or kept.
    """
    definition = program_definition()
    kept = cache_folder() / f"cell-{definition.digest[:16]}"
    with locked(kept.name, making):
        if not kept.is_file():
            program = _compiled_here(definition.folder)
            if not program and pages >= _MANY_PAGES:
                program = _read_out(engine, provide_image(engine, definition, making).id)
            if not program:
                return b""
            with write_errors(kept):
                write_whole(kept, program, 0o600)
    return kept.read_bytes()


def may_make_programs() -> bool:
    """Whether this computer has made the program, or looks as if it could."""
    kept = cache_path() / f"cell-{program_definition().digest[:16]}"
    with contextlib.suppress(OSError):
        if kept.is_file():
            return True
    return bool(_compiler())


def _compiler() -> str | None:
    return shutil.which("cc") or shutil.which("gcc")


def _compiled_here(folder: Path) -> bytes:
    """By this computer's own compiler; nothing where it has none, or no static C library."""
    compiler = _compiler()
    if not compiler:
        return b""
    sources = [str(path) for path in sorted(folder.glob("*.c"))]
    try:
        with tempfile.TemporaryDirectory(prefix="fencepost-") as place:
            made = Path(place, "cell")
            done = subprocess.run(
                [compiler, "-O2", "-static", "-s", "-o", str(made), *sources],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
            return made.read_bytes() if done.returncode == 0 else b""
    except (OSError, subprocess.TimeoutExpired):
        return b""


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
