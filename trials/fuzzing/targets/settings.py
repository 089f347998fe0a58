"""The configuration files of a site: Fencepost's settings, and machine.toml."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from fencepost.errors import FencepostError
from fencepost.machine.definition import read_machines
from fencepost.settings import mebibytes, read_settings
from trials.fuzzing.taking import Bytes, holds
from trials.fuzzing.target import ROOT, Target

_KEPT = tempfile.TemporaryDirectory(prefix="fencepost-fuzz-")
FOLDER = Path(_KEPT.name)
MACHINE = FOLDER / "machines" / "a-machine"
MACHINE.mkdir(parents=True)
(MACHINE / "Containerfile").write_text("FROM debian:13\n")
FILES = (FOLDER / "fencepost.toml", FOLDER / "pyproject.toml", MACHINE / "machine.toml")


def one(data: bytes) -> None:
    """Try one of the three files, by the first byte."""
    taken = Bytes(data)
    path = FILES[taken.number(len(FILES))]
    path.write_bytes(taken.rest())
    try:
        settings = read_settings(FOLDER)
        holds(0 < settings.timeout <= 86400 and mebibytes(settings.memory) >= 1, settings)
        machine = read_machines(FOLDER / "machines", FOLDER)["a-machine"].settings
        holds(not machine.memory or mebibytes(machine.memory) >= 1, machine)
        holds(machine.memory.isascii() and machine.disk.isascii(), machine)
        holds(machine.kind == "vm" or (machine.boot, machine.processors) == ("linux", 2), machine)
    except FencepostError as error:
        holds(error.message and error.file and error.line <= len(data.splitlines()) + 1, error)
    finally:
        path.unlink()


def seeds() -> Iterable[bytes]:
    """Yield the repository's own files, and some with all settings."""
    yield b"\x01" + (ROOT / "pyproject.toml").read_bytes()[-900:]
    for path in sorted([*(ROOT / "machines").rglob("machine.toml"), *(ROOT / "tests/machines").rglob("machine.toml")]):
        yield b"\x02" + path.read_bytes()
    yield b'\x02kind = "vm"\nboot = "xen"\nmemory = "3G"\ndisk = "8g"\nboot-timeout = 900\nenv = { A = "b" }\n'
    yield b'\x02capabilities = ["NET_ADMIN"]\ntitle = "A machine"\n'
    yield b'\x00engine = "podman"\npull = "never"\nmemory = "2g"\nprocesses = 99\njobs = 2\nmax-age = 3.5\n'
    yield b'\x00timeout = 60\nvirtual-machines = "never"\nallow-attributes = ["a"]\n'
    yield b"\x01[tool.fencepost]\ntimeout = 30\n[tool.other]\ntimeout = 1\n"


TARGET = Target(
    name="settings",
    says="A setting is within its bounds, or an error names the file and a line in it.",
    code=("settings.py", "machine/definition.py", "errors.py"),
    words=(
        b"[tool.fencepost]\n",
        b"tool = 1",
        b"\nmemory = ",
        b"\nkind = ",
        b'"vm"',
        b"inf",
        b"nan",
        b"[[",
        b"\n[",
        b" = ",
        "٣".encode(),
    ),
    seeds=seeds,
    one=one,
    longest=1000,
)
