"""The computer that an engine runs on, which needn't be this one: what its containers can have."""

from __future__ import annotations

import contextlib
import functools
import os
import platform
from dataclasses import dataclass
from pathlib import Path

from fencepost.errors import EngineError
from fencepost.machine.engine import Engine

# The kernel's names of processors, by Go's, which an engine may use.
_KERNEL_NAMES = {"amd64": "x86_64", "arm64": "aarch64"}


@dataclass(frozen=True)
class Computer:
    """A computer.

    Attributes:
        name: its host name; empty where nobody knows.
        memory: MiB; 0 where nobody knows.
        processors: how many, at least 1.
        architecture: its processors', as the kernel calls it.
    """

    name: str
    memory: int
    processors: int
    architecture: str


@functools.cache
def computer_of(engine: Engine) -> Computer:
    """The computer that an engine's containers run on. Another computer is asked; this one is looked at.

    Raises:
        EngineError: when the engine doesn't answer.
    """
    if not engine.remote:
        return _this_computer()
    told = engine.call("info", "--format", engine.computer_template).stdout.strip()
    try:
        name, memory, processors, architecture = told.split("\t")
        return Computer(name, int(memory) >> 20, max(1, int(processors)), _KERNEL_NAMES.get(architecture, architecture))
    except ValueError as error:
        raise EngineError(f"{engine.name} at {engine.remote} tells nothing of its computer: {told!r}") from error


def _this_computer() -> Computer:
    memory = 0
    with contextlib.suppress(OSError, ValueError):
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        memory = next((int(line.split()[1]) >> 10 for line in lines if line.startswith("MemTotal:")), 0)
    return Computer(platform.node(), memory, os.cpu_count() or 1, platform.machine())
