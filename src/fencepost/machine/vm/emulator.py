"""The container that QEMU runs in: its image, and whether it can use its computer's KVM."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from fencepost.errors import EngineError
from fencepost.machine.definition import MachineDefinition, MachineSettings
from fencepost.machine.engine import Engine
from fencepost.machine.image import Image, provide_image
from fencepost.machine.making import Making
from fencepost.machine.ownership_labels import LABEL, fresh_name, owner, remove_containers
from fencepost.machine.vm.hardware import CHANNELS, CONSOLE, SAVED, SOCKETS, Accelerator

# The emulator's name as a machine, for its image.
NAME = "fencepost-emulator"
KVM = "/dev/kvm"
# On the keeper's standard error, the console's end follows this.
LAST_WORDS = "\n\0last words of the console\0\n"
_HERE = files("fencepost.machine.vm")
_PROBE_SECONDS = 10
_LEAVES_SECONDS = 1
_COMMAND_SECONDS = 600
# Boots SeaBIOS, which prints its name on this port as soon as a processor runs. It isn't enough that KVM can be opened:
# in some clouds' machines it then fails with the first register that is set.
_PROBE = (
    f"timeout {_PROBE_SECONDS} qemu-system-x86_64 -accel kvm -cpu host -machine q35 -m 128 -nodefaults -display none"
    " -chardev stdio,id=log -device isa-debugcon,iobase=0x402,chardev=log 2>/dev/null | grep -q -m 1 SeaBIOS"
)


@dataclass(frozen=True)
class Emulator:
    """QEMU in a container.

    Attributes:
        engine: the engine that runs it.
        image: its image.
    """

    engine: Engine
    image: Image

    @contextlib.contextmanager
    def running(
        self, *command: str, volume: str, flags: tuple[str, ...] = (), stdin: int = subprocess.DEVNULL
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start a command in a new container that may write to a volume. The container is removed on exit."""
        name = fresh_name()
        argv = self.engine.argv(*self._run(*command, volume=volume, writes=True, flags=("--name", name, *flags)))
        pipe = subprocess.PIPE
        process = subprocess.Popen(argv, stdin=stdin, stdout=pipe, stderr=pipe, start_new_session=True)
        try:
            yield process
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_LEAVES_SECONDS)
        finally:
            if process.poll() is None:
                # First the client: while it lives, it may still create the container.
                process.kill()
                process.wait()
                with contextlib.suppress(EngineError):
                    remove_containers(self.engine, [name])
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()

    def status_of(self, *command: str, volume: str = "", writes: bool = False, flags: tuple[str, ...] = ()) -> int:
        """Run a command in a new container, and return its exit status. See `_run` for the arguments.

        Raises:
            EngineError: when it takes too long, or the engine can't be started.
        """
        arguments = self._run(*command, volume=volume, writes=writes, flags=flags)
        return self.engine.call(*arguments, check=False, seconds=_COMMAND_SECONDS).returncode

    def _run(self, *command: str, volume: str, writes: bool, flags: tuple[str, ...]) -> tuple[str, ...]:
        """Return the engine's arguments to run a command in a new container without a network.

        Args:
            command: the command.
            volume: the volume to mount at `SAVED`; empty for none.
            writes: let the command write to the volume.
            flags: further flags for the engine.
        """
        mounted = ("--volume", f"{volume}:{SAVED}" + ("" if writes else ":ro")) if volume else ()
        return (
            *("run", "--interactive", "--rm", "--network", "none", "--label", f"{LABEL}={owner()}"),
            *("--log-driver", "none", "--pull", "never", "--env", "LC_ALL=C.UTF-8"),
            *("--security-opt", "no-new-privileges", *flags, *mounted),
            *self.engine.run_options,
            self.image.id,
            *command,
        )


def emulator_definition() -> MachineDefinition:
    """Return the emulator's definition as a machine: a folder with a Containerfile."""
    folder = Path(str(_HERE)) / "emulator"
    return MachineDefinition(NAME, folder, MachineSettings.model_validate({}), "Fencepost's own emulator")


def provide_emulator(engine: Engine, making: Making) -> Emulator:
    """Return the emulator, after building its image if the engine's store lacks it.

    Raises:
        EngineError: when it can't be built.
    """
    return Emulator(engine, provide_image(engine, emulator_definition(), making))


@functools.cache
def accelerator_of(emulator: Emulator) -> Accelerator:
    """Return `kvm` if QEMU can run a processor with it on the engine's computer, and otherwise `tcg`, emulation."""
    if not may_use_kvm(emulator.engine):
        return "tcg"
    return "tcg" if emulator.status_of("sh", "-c", _PROBE, flags=kvm_flags("kvm")) else "kvm"


def may_use_kvm(engine: Engine) -> bool:
    """Return whether there may be a KVM on an engine's computer. Only `accelerator_of` finds out whether it works."""
    return bool(engine.remote) or os.access(KVM, os.R_OK | os.W_OK)


@functools.cache
def text_of(name: str) -> str:
    """Return the text of a file that runs in the emulator's container or in the virtual machine."""
    return _HERE.joinpath(name).read_text("utf-8")


def keeper_command(mode: str, **options: object) -> tuple[str, ...]:
    """Return the command, in the emulator's container, that runs a QEMU, or asks the keeper that does.

    Args:
        mode: `boot`, `page`, `join` or `order`.
        options: the mode's options, besides the paths that all modes share.
    """
    paths = {"sockets": SOCKETS, "channels": CHANNELS, "console": CONSOLE, "last_words": LAST_WORDS}
    return ("python3", "-c", text_of("keeper.py"), json.dumps({"mode": mode, **paths, **options}))


def kvm_flags(accelerator: Accelerator) -> tuple[str, ...]:
    """Return the engine's flags that give KVM to a container, if it is used."""
    return ("--device", KVM) if accelerator == "kvm" else ()
