"""A virtual machine that was booted once and saved: made when it is missing, sealed, found again, removed.

It lies in a volume of the engine, whose name tells what it was made from. Whatever changes that (the image, the
hardware, the emulator, what is added to the file system) asks for another volume. Two checks never make the same one
at the same time, and none writes to one that is made.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

from fencepost.errors import EngineError, MachineError
from fencepost.machine.base import Say, only_one
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engine import Engine, mend_for
from fencepost.machine.image import Image
from fencepost.machine.owned import LABEL, owner, remove_containers
from fencepost.machine.vm.emulator import KVM, Emulator, accelerator_of, text_of
from fencepost.machine.vm.hardware import CHANNELS, CONSOLE, SAVED, SOCKETS, Hardware
from fencepost.terminal import lines_of

MACHINE_LABEL = "fencepost.machine"
_PREFIX = "fencepost-vm-"
_MAKING_SECONDS = 1800
_TELL_EVERY = 15
_SHOWN_LINES = 15
_SHOWN_WIDTH = 100
_PANIC = re.compile(r"Kernel panic|Panic on CPU|Domain 0 crashed")
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f]")
LAST_WORDS = "\n\0last words of the console\0\n"


@dataclass(frozen=True)
class SavedMachine:
    """A machine as it stood, booted and at rest.

    Attributes:
        volume: the engine's volume that holds it.
        emulator: what runs it.
        hardware: its virtual hardware.
    """

    volume: str
    emulator: Emulator
    hardware: Hardware


def volume_name(definition: MachineDefinition, image: Image, emulator: Emulator, hardware: Hardware) -> str:
    """The name of the volume: it tells everything that the saved machine was made from."""
    made_from = [
        image.id,
        emulator.image.id,
        hardware.arguments(),
        definition.settings.disk,
        list(_added_files(definition).items()),
        text_of("disk_maker.py"),
    ]
    digest = hashlib.sha256(json.dumps(made_from).encode()).hexdigest()
    return f"{_PREFIX}{definition.name}-{digest[:16]}"


def volumes_of(engine: Engine, machine: str | None) -> list[str]:
    """The volumes of a machine's saved states, old ones too; of every machine where it is `None`."""
    told = engine.call(
        "volume", "ls", "--quiet", "--filter", f"label={MACHINE_LABEL}{f'={machine}' if machine else ''}"
    )
    return sorted(told.stdout.split())


def provide_saved(
    definition: MachineDefinition, image: Image, emulator: Emulator, memory: int, say: Say, *, again: bool = False
) -> SavedMachine:
    """Sees to it that a machine has been booted and saved, and that what was saved is whole.

    Args:
        definition: the machine.
        image: its image.
        emulator: what runs it.
        memory: MiB of memory.
        say: is told what takes long.
        again: make it anew even when it is there.

    Raises:
        EngineError, MachineError: when it can't be made or doesn't boot, with the console's last lines.
    """
    hardware = Hardware.of(definition.settings, memory, accelerator_of(emulator))
    volume = volume_name(definition, image, emulator, hardware)
    engine = emulator.engine
    with only_one(f"{engine.name}-{volume}"):
        if volume in volumes_of(engine, definition.name):
            if not again and emulator.succeeds("python3", "-c", text_of("seal.py"), "check", SAVED, volume=volume):
                return SavedMachine(volume, emulator, hardware)
            if not again:
                say(f"what was saved of the machine {definition.name} is damaged or incomplete: it is made again")
            remove_volume(engine, volume)
        engine.call("volume", "create", "--label", f"{MACHINE_LABEL}={definition.name}", volume)
        saved = SavedMachine(volume, emulator, hardware)
        try:
            _make_disk(saved, definition, image, say)
            _boot(saved, definition, say)
            if not emulator.succeeds("python3", "-c", text_of("seal.py"), "make", SAVED, volume=volume, writes=True):
                raise EngineError(f"the machine {definition.name} can't be sealed", "is the disk full?")
        except BaseException:
            with contextlib.suppress(EngineError):
                remove_volume(engine, volume)
            raise
    return saved


def remove_volume(engine: Engine, volume: str) -> None:
    """Removes what was saved of a machine.

    Raises:
        EngineError: when a page is just using it.
    """
    engine.call("volume", "rm", volume)


def _added_files(definition: MachineDefinition) -> dict[str, str]:
    """What every virtual machine gets: names, a way in, a network card that is configured, no timers of its own."""
    name = definition.name
    return {
        "usr/lib/fencepost/agent": text_of("guest/agent"),
        "etc/systemd/system/fencepost.service": text_of("guest/fencepost.service"),
        "etc/systemd/network/50-fencepost.network": text_of("guest/fencepost.network"),
        "etc/fstab": "LABEL=rootfs / ext4 defaults 0 1\n",
        "etc/hostname": f"{name}\n",
        "etc/hosts": f"127.0.0.1 localhost\n127.0.1.1 {name}\n::1 localhost\n",
        "etc/resolv.conf": "nameserver 10.0.2.3\n",
    }


_ADDED_LINKS = {
    "etc/systemd/system/multi-user.target.wants/fencepost.service": "../fencepost.service",
    "etc/systemd/system/multi-user.target.wants/systemd-networkd.service": (
        "/usr/lib/systemd/system/systemd-networkd.service"
    ),
}


def _make_disk(saved: SavedMachine, definition: MachineDefinition, image: Image, say: Say) -> None:
    engine = saved.emulator.engine
    say(f"making the disk of the machine {definition.name}")
    wanted = {
        "saved": SAVED,
        "boot": definition.settings.boot,
        "size": definition.settings.disk,
        "files": _added_files(definition),
        "links": _ADDED_LINKS,
    }
    command = ("python3", "-c", text_of("disk_maker.py"), json.dumps(wanted))
    with _exported(engine, image) as tar:
        maker = subprocess.Popen(
            saved.emulator.argv(*command, volume=saved.volume, writes=True),
            stdin=tar,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            told = maker.communicate(timeout=_MAKING_SECONDS)[1].decode(errors="replace")
        except subprocess.TimeoutExpired as error:
            raise EngineError(f"making the disk took more than {_MAKING_SECONDS} s", file=definition.file) from error
        finally:
            _end(maker)
    wrong = [line for line in told.splitlines() if line.startswith("!")]
    if wrong:
        what, _, mend = wrong[-1][1:].partition("\t")
        raise MachineError(f"the machine {definition.name} can't be booted: {what}", mend, file=definition.file)
    if maker.returncode:
        last = (told.strip().splitlines() or [f"exit status {maker.returncode}"])[-1]
        raise EngineError(f"the disk of {definition.name} can't be made: {last}", mend_for(told), definition.file)


@contextlib.contextmanager
def _exported(engine: Engine, image: Image) -> Iterator[int]:
    """The file system of an image, as a tar that is read while it is made."""
    name = engine.call("create", "--label", f"{LABEL}={owner()}", *engine.run_options, image.id, "true").stdout.strip()
    try:
        exporter = subprocess.Popen(
            engine.argv("export", name),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert exporter.stdout is not None
        try:
            yield exporter.stdout.fileno()
        finally:
            exporter.stdout.close()
            _end(exporter)
    finally:
        remove_containers(engine, [name])


def _boot(saved: SavedMachine, definition: MachineDefinition, say: Say) -> None:
    """Boots the machine for the first time, and has its state saved once it is at rest."""
    hardware, emulator = saved.hardware, saved.emulator
    how = "with KVM" if hardware.accelerator == "kvm" else "emulated, which takes its time"
    say(f"booting the machine {definition.name}, {how}")
    seconds = definition.settings.boot_timeout
    wanted = {
        "mode": "boot",
        "arguments": [
            *hardware.arguments(),
            *hardware.disk(f"{SAVED}/disk", "raw"),
            *hardware.memory_shared(),
            *hardware.card(network=False),
        ],
        "sockets": SOCKETS,
        "channels": CHANNELS,
        "console": CONSOLE,
        "state": f"{SAVED}/state",
        "seconds": seconds,
        "tell_every": _TELL_EVERY,
    }
    process = subprocess.Popen(
        emulator.argv(
            *("python3", "-c", text_of("keeper.py"), json.dumps(wanted)),
            volume=saved.volume,
            writes=True,
            flags=("--cap-drop", "ALL", *(("--device", KVM) if hardware.accelerator == "kvm" else ())),
        ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    deadline = time.monotonic() + 2 * seconds + 600
    assert process.stdout is not None and process.stderr is not None
    try:
        for line in process.stdout:
            _tell(definition, line, say)
            if time.monotonic() > deadline:
                break
        told = "" if time.monotonic() > deadline else process.stderr.read()
    finally:
        _end(process)
    if process.returncode:
        why, _, console = told.partition(LAST_WORDS)
        raise boot_error(definition, why.strip().rpartition("\n")[2] or "it took too long", console)


def boot_error(definition: MachineDefinition, why: str, console: str) -> EngineError:
    """A machine that doesn't come up, with the last lines of its console."""
    lines = console_lines(console)
    shown = "\n    ".join(["its console's last lines:", *lines]) if lines else "its console showed nothing"
    return EngineError(f"the machine {definition.name} doesn't come up: {why}", shown, file=definition.file)


def console_lines(console: str) -> list[str]:
    """The last lines of what a console showed; from the panic on, if there was one."""
    lines = [harmless for line in lines_of(console) if (harmless := _UNSHOWN.sub("", line).strip())]
    panic = next((number for number, line in enumerate(lines) if _PANIC.search(line)), None)
    return lines[-_SHOWN_LINES:] if panic is None else lines[panic : panic + _SHOWN_LINES]


def _tell(definition: MachineDefinition, line: str, say: Say) -> None:
    try:
        told = json.loads(line)
    except ValueError:
        return
    if "saved" in told:
        say(f"{definition.name} was up after {told['up']:.0f} s, and is saved")
    else:
        last = (console_lines(told["console"]) or ["its console shows nothing yet"])[-1]
        say(f"{definition.name}, {told['seconds']} s: {last[:_SHOWN_WIDTH]}")


def _end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """Ends a process that may have ended by itself."""
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()
