"""Makes a bootable disk from a machine's image."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Iterator

from fencepost.errors import EngineError, MachineError
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engine import RESOLVER_OPTIONS, Engine
from fencepost.machine.image import Image
from fencepost.machine.making import Making
from fencepost.machine.ownership_labels import LABEL, owner, remove_containers
from fencepost.machine.vm.emulator import Emulator, text_of
from fencepost.machine.vm.hardware import SAVED

# The folder in the emulator's container that becomes the disk.
_ROOT = "/root-of-the-disk"
_MAKING_SECONDS = 1800
_ENDING_SECONDS = 60


def added_files(definition: MachineDefinition) -> dict[str, str]:
    """Return the files that every virtual machine gets: its names, the agent, and the network's configuration."""
    name = definition.name
    return {
        "usr/lib/fencepost/agent": text_of("guest/agent"),
        "etc/systemd/system/fencepost.service": text_of("guest/fencepost.service"),
        "etc/systemd/network/50-fencepost.network": text_of("guest/fencepost.network"),
        "etc/fstab": "LABEL=rootfs / ext4 defaults 0 1\n",
        "etc/hostname": f"{name}\n",
        "etc/hosts": f"127.0.0.1 localhost\n127.0.1.1 {name}\n::1 localhost\n",
        "etc/resolv.conf": f"nameserver 10.0.2.3\noptions {' '.join(RESOLVER_OPTIONS)}\n",
    }


_ADDED_LINKS = {
    "etc/systemd/system/multi-user.target.wants/fencepost.service": "../fencepost.service",
    "etc/systemd/system/multi-user.target.wants/systemd-networkd.service": (
        "/usr/lib/systemd/system/systemd-networkd.service"
    ),
}


def make_disk(emulator: Emulator, volume: str, definition: MachineDefinition, image: Image, making: Making) -> None:
    """Make a machine's disk in a volume, with its kernel and initrd beside it.

    Raises:
        EngineError, MachineError: when its file system can't boot, or doesn't fit on the disk.
    """
    making.check()
    making.does("making its disk")
    options = {
        "root": _ROOT,
        "saved": SAVED,
        "boot": definition.settings.boot,
        "size": definition.settings.disk,
        "files": added_files(definition),
        "links": _ADDED_LINKS,
    }
    command = ("python3", "-c", text_of("disk_maker.py"), json.dumps(options))
    flags = emulator.engine.image_flags(image.id, _ROOT)
    with (
        contextlib.nullcontext(subprocess.DEVNULL) if flags else _exported(emulator.engine, image, definition) as tar,
        emulator.running(*command, volume=volume, stdin=tar, flags=flags) as maker,
    ):
        try:
            errors = making.communicate(maker, _MAKING_SECONDS)[1].decode(errors="replace")
        except subprocess.TimeoutExpired as error:
            raise EngineError(f"making the disk took more than {_MAKING_SECONDS} s", file=definition.file) from error
        _judge_maker(emulator.engine, definition, maker.returncode, errors)


def _judge_maker(engine: Engine, definition: MachineDefinition, status: int, errors: str) -> None:
    wrong = [line for line in errors.splitlines() if line.startswith("!")]
    if wrong:
        what, _, fix = wrong[-1][1:].partition("\t")
        raise MachineError(f"the machine {definition.name} can't be booted: {what}", fix, file=definition.file)
    if status:
        last = _last_line(errors) or f"exit status {status}"
        what = f"the disk of {definition.name} can't be made: {last}"
        raise EngineError(what, engine.fix_for(errors), definition.file)


@contextlib.contextmanager
def _exported(engine: Engine, image: Image, definition: MachineDefinition) -> Iterator[int]:
    """Export the file system of an image; yields a descriptor from which to read the tar while it is made.

    Raises:
        EngineError: when the export failed, even if its reader succeeded: to tar, an archive that was cut off between
            two members looks complete.
    """
    name = engine.call("create", "--label", f"{LABEL}={owner()}", *engine.run_options, image.id, "true").stdout.strip()
    try:
        exporter = subprocess.Popen(
            engine.argv("export", name),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert exporter.stdout is not None
        with exporter:
            try:
                yield exporter.stdout.fileno()
                _check_exporter(engine, exporter, definition)
            finally:
                # An engine may hang when its output isn't read. Kill its group, because a child of it reads the files.
                if exporter.poll() is None:
                    os.killpg(exporter.pid, signal.SIGKILL)
    finally:
        remove_containers(engine, [name])


def _check_exporter(engine: Engine, exporter: subprocess.Popen[bytes], definition: MachineDefinition) -> None:
    try:
        messages = exporter.communicate(timeout=_ENDING_SECONDS)[1].decode(errors="replace")
    except subprocess.TimeoutExpired:
        why, messages = "it didn't finish", ""
    else:
        if exporter.returncode == 0:
            return
        status = exporter.returncode
        why = _last_line(messages) or (f"it was killed by signal {-status}" if status < 0 else f"exit status {status}")
    what = f"the file system of {definition.name} can't be exported: {why}"
    raise EngineError(what, engine.fix_for(messages), definition.file)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]
