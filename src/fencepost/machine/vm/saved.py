"""A virtual machine that was booted once and saved: made when it is missing, sealed, found again, removed.

It lies in a volume of the engine, whose name tells what it was made from. Whatever changes that (the image, the
hardware, the emulator, what is added to the file system) asks for another volume. Two checks never make the same one
at the same time, and none writes to one that is made.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from fencepost.errors import EngineError
from fencepost.machine.cache import only_one
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
# A second, empty volume stands for as long as the first is being made: a volume's own labels can't be changed.
_MAKING_LABEL = "fencepost.making"


@dataclass(frozen=True)
class SavedMachine:
    """A machine as it stood, booted and at rest.

    Attributes:
        volume: the engine's volume that holds it.
        emulator: what runs it.
        hardware: its virtual hardware.
        boot_seconds: how long it took to boot, where that was done just now.
    """

    volume: str
    emulator: Emulator
    hardware: Hardware
    boot_seconds: float | None = None


def volume_name(definition: MachineDefinition, image: Image, emulator: Emulator, hardware: Hardware) -> str:
    """The name of the volume: it tells everything that the saved machine was made from."""
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
    """The volumes of a machine's saved states, old ones too; of every machine where it is `None`."""
    label = f"{MACHINE_LABEL}={machine}" if machine else MACHINE_LABEL
    told = engine.call("volume", "ls", "--quiet", "--filter", f"label={label}")
    return sorted(told.stdout.split())


def provide_saved(
    definition: MachineDefinition,
    image: Image,
    emulator: Emulator,
    memory: int,
    making: Making,
) -> SavedMachine:
    """Sees to it that a machine has been booted and saved, and that what was saved is whole.

    Args:
        definition: the machine.
        image: its image.
        emulator: what runs it.
        memory: MiB of memory.
        making: how it is made.

    Raises:
        EngineError, MachineError: when it can't be made or doesn't boot, with the console's last lines.
    """
    hardware = Hardware.of(definition.settings, memory, accelerator_of(emulator))
    volume = volume_name(definition, image, emulator, hardware)
    engine = emulator.engine
    waits_for = f"another check is making the machine {definition.name}: waiting for it"
    with only_one(f"{engine.name}-{volume}", making, waits_for=waits_for):
        if volume in volumes_of(engine, definition.name):
            if not making.again:
                if _is_whole(emulator, volume, definition):
                    return SavedMachine(volume, emulator, hardware)
                what = f"what was saved of the machine {definition.name}"
                making.say(f"{what} is damaged or incomplete: it is made again")
            remove_volume(engine, volume)
        with _being_made(engine, volume):
            engine.call("volume", "create", "--label", f"{MACHINE_LABEL}={definition.name}", volume)
            make_disk(emulator, volume, definition, image, making)
            boot_seconds = boot(emulator, volume, hardware, definition, making)
            if emulator.status_of("python3", "-c", text_of("seal.py"), "make", SAVED, volume=volume, writes=True):
                raise EngineError(f"the machine {definition.name} can't be sealed", "is the disk full?")
    return SavedMachine(volume, emulator, hardware, boot_seconds)


def _is_whole(emulator: Emulator, volume: str, definition: MachineDefinition) -> bool:
    """Return whether the seal of a saved machine holds.

    Raises:
        EngineError: when that can't be found out. To take it for damaged would cost minutes.
    """
    status = emulator.status_of("python3", "-c", text_of("seal.py"), "check", SAVED, volume=volume)
    if status not in {0, BROKEN}:
        raise EngineError(f"what was saved of the machine {definition.name} can't be checked: status {status}")
    return status == 0


def remove_unfinished(engine: Engine) -> list[str]:
    """Removes what checks that were killed had begun to save, gigabytes that nobody may ask for again; what it was.

    Raises:
        EngineError: when the engine doesn't answer.
    """
    form = f"{{{{.Name}}}} {engine.label_template(LABEL)} {engine.label_template(_MAKING_LABEL)}"
    told = engine.call("volume", "ls", "--filter", f"label={_MAKING_LABEL}", "--format", form)
    removed = []
    for line in told.stdout.splitlines():
        mark, who, volume = line.split(" ")
        if owner_has_ended(engine, who):
            # Somebody else may be making it by now. Then the mark stays for the next time.
            with contextlib.suppress(EngineError), only_one(f"{engine.name}-{volume}"):
                engine.call("volume", "rm", "--force", volume, check=False)
                remove_volume(engine, mark)
                removed.append(volume)
    return removed


@contextlib.contextmanager
def _being_made(engine: Engine, volume: str) -> Iterator[None]:
    """Mark a volume as unfinished while it is made, and remove it if that fails."""
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
    """Removes what was saved of a machine.

    Raises:
        EngineError: when a page is just using it.
    """
    engine.call("volume", "rm", volume)
