"""The only boot of a virtual machine, up to the moment when it is idle and its state is saved."""

from __future__ import annotations

import json
import re
import time

from fencepost.errors import EngineError
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.making import Making
from fencepost.machine.vm.emulator import LAST_WORDS, Emulator, keeper_command, kvm_flags
from fencepost.machine.vm.hardware import SAVED, Hardware
from fencepost.terminal import lines_of

# After this, all services and drivers have started, and no timer will start anything in the middle of a page.
REST = (
    "timeout 300 systemctl is-system-running --wait; timeout 60 udevadm settle; systemctl stop '*.timer'; sync; sleep 2"
)
_REPORT_SECONDS = 2
_SAVING_SECONDS = 600
_SHOWN_LINES = 15
_PANIC = re.compile(r"Kernel panic|Panic on CPU|Domain 0 crashed")
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def boot(emulator: Emulator, volume: str, hardware: Hardware, definition: MachineDefinition, making: Making) -> float:
    """Boot the machine for the first time, and save its state once it is idle.

    Returns:
        The seconds until it was up.

    Raises:
        EngineError: when it doesn't come up, with the console's last lines.
    """
    how = "with KVM" if hardware.accelerator == "kvm" else "emulated, which takes a while"
    making.does(f"booting, {how}")
    seconds = definition.settings.boot_timeout
    arguments = [
        *hardware.arguments(),
        *hardware.disk(f"{SAVED}/disk", "raw"),
        *hardware.memory_shared(),
        *hardware.card(network=False),
    ]
    command = keeper_command(
        "boot", arguments=arguments, state=f"{SAVED}/state", rest=REST, seconds=seconds, report_seconds=_REPORT_SECONDS
    )
    flags = ("--cap-drop", "ALL", *kvm_flags(hardware.accelerator))
    deadline = time.monotonic() + 2 * seconds + _SAVING_SECONDS
    up = 0.0
    with emulator.running(*command, volume=volume, flags=flags) as process:
        assert process.stdout is not None and process.stderr is not None
        try:
            for line in making.lines(process.stdout, deadline):
                up = _report(line, making) or up
            messages = b"\n".join(making.lines(process.stderr, deadline)).decode(errors="replace")
        except TimeoutError as error:
            raise boot_error(definition, "it took too long", "") from error
    if process.returncode:
        why, _, console = messages.partition(LAST_WORDS)
        raise boot_error(definition, why.strip().rpartition("\n")[2] or "its emulator ended", console)
    return up


def boot_error(definition: MachineDefinition, why: str, console: str) -> EngineError:
    """Return the error for a machine that doesn't come up, with the last lines of its console."""
    lines = console_lines(console)
    shown = "\n    ".join(["its console's last lines:", *lines]) if lines else "its console showed nothing"
    return EngineError(f"the machine {definition.name} doesn't come up: {why}", shown, file=definition.file)


def console_lines(console: str) -> list[str]:
    """Return the last lines of a console's output; those from the panic on, if there was one."""
    lines = [harmless for line in lines_of(console) if (harmless := _UNSHOWN.sub("", line).strip())]
    panic = next((number for number, line in enumerate(lines) if _PANIC.search(line)), None)
    return lines[-_SHOWN_LINES:] if panic is None else lines[panic : panic + _SHOWN_LINES]


def _report(line: bytes, making: Making) -> float:
    """Pass on a line of progress from the keeper; return the seconds of the boot, or 0 if it goes on."""
    try:
        progress = json.loads(line)
    except ValueError:
        return 0.0
    if "seconds" in progress:
        making.prints((console_lines(progress["console"]) or ["its console shows nothing yet"])[-1])
    return float(progress.get("up", 0.0))
