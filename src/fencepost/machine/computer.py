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


def _this_computer() -> Computer:
    memory = 0
    with contextlib.suppress(OSError, ValueError):
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        memory = next((int(line.split()[1]) >> 10 for line in lines if line.startswith("MemTotal:")), 0)
    return Computer(platform.node(), memory, os.cpu_count() or 1, platform.machine())
