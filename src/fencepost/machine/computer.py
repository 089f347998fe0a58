"""The computer that an engine runs on, which may be another one: its memory and processors."""

from __future__ import annotations

import contextlib
import functools
import os
import platform
from dataclasses import dataclass
from pathlib import Path

from fencepost.errors import EngineError
from fencepost.machine.engine import Engine

_MEMINFO = "/proc/meminfo"
# The kernel's names of architectures, by Go's names, which engines may use.
_KERNEL_NAMES = {"amd64": "x86_64", "arm64": "aarch64"}


@dataclass(frozen=True)
class Computer:
    """A computer.

    Attributes:
        name: its host name; empty if unknown.
        memory: its memory in MiB; 0 if unknown.
        processors: their number, at least 1.
        architecture: the kernel's name for it.
    """

    name: str
    memory: int
    processors: int
    architecture: str


@functools.cache
def computer_of(engine: Engine) -> Computer:
    """Return the computer that an engine's containers run on.

    Raises:
        EngineError: when an engine on another computer doesn't answer.
    """
    if not engine.remote:
        return _this_computer()
    answer = engine.call("info", "--format", engine.computer_template).stdout.strip()
    try:
        name, memory, processors, architecture = answer.split("\t")
        return Computer(name, int(memory) >> 20, max(1, int(processors)), _KERNEL_NAMES.get(architecture, architecture))
    except ValueError as error:
        message = f"{engine.name} at {engine.remote} doesn't describe its computer as expected: {answer!r}"
        raise EngineError(message) from error


def available_memory(engine: Engine, image: str) -> int:
    """Return the memory of an engine's computer that programs can still get, in MiB; 0 if unknown.

    Args:
        engine: the engine.
        image: the id of an image with a `cat`, which is needed to ask another computer.
    """
    if not engine.remote:
        return _memory_in(_meminfo(), "MemAvailable:")
    done = engine.call("run", "--rm", "--network", "none", *engine.run_options, image, "cat", _MEMINFO, check=False)
    return _memory_in(done.stdout, "MemAvailable:")


def _this_computer() -> Computer:
    return Computer(platform.node(), _memory_in(_meminfo(), "MemTotal:"), os.cpu_count() or 1, platform.machine())


def _meminfo() -> str:
    try:
        return Path(_MEMINFO).read_text("ascii")
    except OSError:
        return ""


def _memory_in(meminfo: str, name: str) -> int:
    """Return a number of the kernel's table in MiB; 0 if it isn't there."""
    with contextlib.suppress(ValueError):
        return next((int(line.split()[1]) >> 10 for line in meminfo.splitlines() if line.startswith(name)), 0)
    return 0
