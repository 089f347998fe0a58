"""The container that QEMU runs in: its image, and whether it can use this computer's KVM."""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from fencepost.errors import EngineError
from fencepost.machine.base import Say
from fencepost.machine.definition import MachineDefinition, MachineSettings
from fencepost.machine.engine import Engine
from fencepost.machine.image import Image, provide_image
from fencepost.machine.owned import LABEL, owner, remove_containers
from fencepost.machine.vm.hardware import SAVED, Accelerator

# No machine of a site may be called so: capital letters are not for them, and dots not at the end.
NAME = "fencepost-emulator"
KVM = "/dev/kvm"
_HERE = files("fencepost.machine.vm")
_PROBE_SECONDS = 10
_LEAVES_SECONDS = 1
# SeaBIOS says its name on this port as soon as a processor executes anything. A KVM that merely opens is not enough:
# inside some clouds' machines it fails with the first register that is set.
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
        """A command in a new container that may write to a volume. However this ends, the container is gone then."""
        name = f"fencepost-{os.getpid()}-{secrets.token_hex(4)}"
        argv = self.argv(*command, volume=volume, writes=True, flags=("--name", name, *flags))
        pipe = subprocess.PIPE
        process = subprocess.Popen(argv, stdin=stdin, stdout=pipe, stderr=pipe, start_new_session=True)
        try:
            yield process
        finally:
            try:
                process.wait(_LEAVES_SECONDS)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(EngineError):
                    remove_containers(self.engine, [name])
                process.kill()
                process.wait()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()

    def argv(self, *command: str, volume: str = "", writes: bool = False, flags: tuple[str, ...] = ()) -> list[str]:
        """A command in a new container without a network, as an argument vector.

        Args:
            command: what to run.
            volume: is mounted where saved machines lie.
            writes: whether the command writes there.
            flags: further flags for the engine.
        """
        mounted = ("--volume", f"{volume}:{SAVED}" + ("" if writes else ":ro")) if volume else ()
        return self.engine.argv(
            *("run", "--interactive", "--rm", "--network", "none", "--label", f"{LABEL}={owner()}"),
            *("--log-driver", "none", "--pull", "never", "--env", "LC_ALL=C.UTF-8"),
            *("--security-opt", "no-new-privileges", *flags, *mounted),
            *self.engine.run_options,
            self.image.id,
            *command,
        )

    def succeeds(self, *command: str, volume: str = "", writes: bool = False, flags: tuple[str, ...] = ()) -> bool:
        """Whether a command in a new container ends with status 0."""
        argv = self.argv(*command, volume=volume, writes=writes, flags=flags)
        try:
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=600, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EngineError(f"{self.engine.name} can't run {command[0]}: {error}") from error
        return done.returncode == 0


def emulator_definition() -> MachineDefinition:
    """The emulator as a machine like any other: a folder with a Containerfile."""
    folder = Path(str(_HERE)) / "emulator"
    return MachineDefinition(NAME, folder, MachineSettings.model_validate({}), "Fencepost's own emulator")


def provide_emulator(engine: Engine, *, pull: bool, say: Say) -> Emulator:
    """Sees to it that the emulator's image is in the engine's store.

    Raises:
        EngineError: when it can't be built.
    """
    return Emulator(engine, provide_image(engine, emulator_definition(), pull=pull, say=say))


@functools.cache
def accelerator_of(emulator: Emulator) -> Accelerator:
    """`kvm` where QEMU can run a processor with it on this computer, `tcg` for emulation elsewhere."""
    if not os.access(KVM, os.R_OK | os.W_OK):
        return "tcg"
    return "kvm" if emulator.succeeds("sh", "-c", _PROBE, flags=("--device", KVM)) else "tcg"


@functools.cache
def text_of(name: str) -> str:
    """A file that runs in the emulator's container or in the virtual machine."""
    return _HERE.joinpath(name).read_text("utf-8")
