"""Virtual machines that were booted once and saved: makes, seals, finds and removes them.

A saved machine is a volume of the engine. Its name contains a digest of everything that it was made from: the image,
the hardware, the emulator, the added files. If one of these changes, another volume is made. A lock keeps two checks
from making the same one at the same time, and no check writes to one that is finished.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from fencepost.errors import EngineError
from fencepost.machine.cache import locked
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engine import Engine
from fencepost.machine.image import Image
from fencepost.machine.making import Making
from fencepost.machine.ownership_labels import LABEL, owner, owner_has_ended
from fencepost.machine.vm.disk import added_files, make_disk
from fencepost.machine.vm.emulator import Emulator, accelerator_of, text_of
from fencepost.machine.vm.first_boot import REST, boot
from fencepost.machine.vm.hardware import SAVED, Hardware
from fencepost.machine.vm.seal import BROKEN

MACHINE_LABEL = "fencepost.machine"
_PREFIX = "fencepost-vm-"
# The label of a second, empty volume, which exists while the first is being made: labels of a volume can't be changed.
_MAKING_LABEL = "fencepost.making"


@dataclass(frozen=True)
class SavedMachine:
    """A machine that was saved booted and idle.

    Attributes:
        volume: the engine's volume with the saved state.
        emulator: the emulator that runs it.
        hardware: its virtual hardware.
        boot_seconds: how long its boot took, if it was booted just now.
    """

    volume: str
    emulator: Emulator
    hardware: Hardware
    boot_seconds: float | None = None


def volume_name(definition: MachineDefinition, image: Image, emulator: Emulator, hardware: Hardware) -> str:
    """Return the name of a saved machine's volume, with a digest of everything that the machine is made from."""
    made_from = [
        image.id,
        emulator.image.id,
        hardware.arguments(),
        definition.settings.disk,
        list(added_files(definition).items()),
        text_of("disk_maker.py"),
        REST,
    ]
    digest = hashlib.sha256(json.dumps(made_from).encode()).hexdigest()
    return f"{_PREFIX}{definition.name}-{digest[:16]}"


def volumes_of(engine: Engine, machine: str | None) -> list[str]:
    """Return the volumes of a machine's saved states, old ones too; for `None`, of every machine."""
    label = f"{MACHINE_LABEL}={machine}" if machine else MACHINE_LABEL
    return sorted(engine.call("volume", "ls", "--quiet", "--filter", f"label={label}").stdout.split())


def provide_saved(
    definition: MachineDefinition,
    image: Image,
    emulator: Emulator,
    memory: int,
    making: Making,
    *,
    turn: AbstractContextManager[None] | None = None,
) -> SavedMachine:
    """Return a machine's saved state, after booting and saving it if that is missing or damaged.

    Args:
        definition: the machine.
        image: its image.
        emulator: the emulator that runs it.
        memory: its memory, in MiB.
        making: how it is made.
        turn: waits until it may be booted; taken only if it is missing.

    Raises:
        EngineError, MachineError: when it can't be made or doesn't boot, with the console's last lines.
    """
    hardware = Hardware.of(definition.settings, memory, accelerator_of(emulator))
    volume = volume_name(definition, image, emulator, hardware)
    engine = emulator.engine
    waits_for = "waiting for another check, which makes the same machine"
    with locked(f"{engine.name}-{volume}", making, waits_for=waits_for):
        if volume in volumes_of(engine, definition.name):
            if not making.again:
                if _is_whole(emulator, volume, definition):
                    return SavedMachine(volume, emulator, hardware)
                making.does("making it again, because its saved state is damaged or incomplete")
            remove_volume(engine, volume)
        with _being_made(engine, volume):
            engine.call("volume", "create", "--label", f"{MACHINE_LABEL}={definition.name}", volume)
            make_disk(emulator, volume, definition, image, making)
            with turn or contextlib.nullcontext():
                boot_seconds = boot(emulator, volume, hardware, definition, making)
            if emulator.status_of("python3", "-c", text_of("seal.py"), "make", SAVED, volume=volume, writes=True):
                message = f"the checksums of the saved machine {definition.name} can't be written"
                raise EngineError(message, "free some space on the engine's disk")
    return SavedMachine(volume, emulator, hardware, boot_seconds)


def _is_whole(emulator: Emulator, volume: str, definition: MachineDefinition) -> bool:
    """Return whether the seal of a saved machine holds.

    Raises:
        EngineError: when that can't be found out. To take it for damaged would cost minutes.
    """
    status = emulator.status_of("python3", "-c", text_of("seal.py"), "check", SAVED, volume=volume)
    if status not in {0, BROKEN}:
        raise EngineError(f"the saved machine {definition.name} can't be checked: status {status}")
    return status == 0


def remove_unfinished(engine: Engine) -> list[str]:
    """Remove the volumes that killed checks didn't finish, which take gigabytes, and return their names.

    Raises:
        EngineError: when the engine doesn't answer.
    """
    form = f"{{{{.Name}}}} {engine.label_template(LABEL)} {engine.label_template(_MAKING_LABEL)}"
    output = engine.call("volume", "ls", "--filter", f"label={_MAKING_LABEL}", "--format", form).stdout
    removed = []
    for line in output.splitlines():
        mark, owner_label, volume = line.split(" ")
        if owner_has_ended(engine, owner_label):
            # If another check is making it by now, keep the mark for the next time.
            with contextlib.suppress(EngineError), locked(f"{engine.name}-{volume}"):
                engine.call("volume", "rm", "--force", volume, check=False)
                remove_volume(engine, mark)
                removed.append(volume)
    return removed


@contextlib.contextmanager
def _being_made(engine: Engine, volume: str) -> Iterator[None]:
    """Mark a volume as unfinished meanwhile, and remove it if that ends with an exception."""
    mark = f"{volume}-making-{secrets.token_hex(4)}"
    engine.call("volume", "create", "--label", f"{_MAKING_LABEL}={volume}", "--label", f"{LABEL}={owner()}", mark)
    try:
        yield
    except BaseException:
        # If the engine can't remove it now, the mark stays, and the next check removes both.
        with contextlib.suppress(EngineError):
            remove_volume(engine, volume)
            remove_volume(engine, mark)
        raise
    with contextlib.suppress(EngineError):
        remove_volume(engine, mark)


def remove_volume(engine: Engine, volume: str) -> None:
    """Remove the volume of a saved machine.

    Raises:
        EngineError: when a page is using it.
    """
    engine.call("volume", "rm", volume)
