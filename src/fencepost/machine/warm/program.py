"""The program `cell`: compiled once, and kept in the cache by the digest of its source.

This computer's C compiler takes a second for it. Without one, a container with a compiler takes a minute, which pays
only on a site of many pages.
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
# A container for each page takes some tenths of a second more than a cell.
_MANY_PAGES = 100


def program_definition() -> MachineDefinition:
    """Return the definition of the machine that compiles it: a folder with a Containerfile."""
    folder = Path(str(files("fencepost.machine.warm"))) / "cell"
    return MachineDefinition(_NAME, folder, MachineSettings.model_validate({}), "Fencepost's own cell program")


def provide_program(engine: Engine, making: Making, *, pages: int) -> bytes:
    """Return the program; empty if compiling it isn't worth the time.

    Args:
        engine: the engine, which must be on this computer.
        making: how it is made.
        pages: the number of pages to run.

    Raises:
        EngineError: when it can't be compiled or written.
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
    """Return whether this computer has compiled the program, or has a compiler for it."""
    kept = cache_path() / f"cell-{program_definition().digest[:16]}"
    with contextlib.suppress(OSError):
        if kept.is_file():
            return True
    return bool(_compiler())


def _compiler() -> str | None:
    return shutil.which("cc") or shutil.which("gcc")


def _compiled_here(folder: Path) -> bytes:
    """Compile the program with this computer's compiler; empty if it has none, or no static C library."""
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
