"""The provider of virtual machines: each is booted and saved once, and opened as a fresh copy."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection
from contextlib import AbstractContextManager

from fencepost.errors import FencepostError
from fencepost.machine.computer import available_memory, computer_of
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engine import Engine
from fencepost.machine.image import Image, image_name
from fencepost.machine.making import Making
from fencepost.machine.vm.emulator import Emulator, accelerator_of, emulator_definition, may_use_kvm, provide_emulator
from fencepost.machine.vm.hardware import Hardware
from fencepost.machine.vm.saved import SavedMachine, provide_saved, volume_name, volumes_of
from fencepost.machine.vm.turns import Turns
from fencepost.machine.vm.virtual_machine import VirtualMachine
from fencepost.settings import Settings, mebibytes

_PROCESSOR = "x86_64"
# About how long it takes to build an image with a kernel, and to boot it emulated or with KVM, in seconds.
_BUILD_SECONDS = 80.0
_BOOT_SECONDS = {False: 90.0, True: 30.0}


class VirtualMachines:
    """Opens virtual machines.

    Args:
        engine: the engine that runs their emulator.
        settings: the site's settings.
        making: how their requirements are made.
    """

    def __init__(self, engine: Engine, settings: Settings, making: Making) -> None:
        self._engine = engine
        self._settings = settings
        self._making = making
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        # Errors too, so that a machine that doesn't boot isn't booted again for each page.
        self._saved: dict[str, SavedMachine | FencepostError] = {}
        self._emulator: Emulator | None = None
        self._counting = threading.Lock()
        self._own_turns: Turns | None = None

    def lacking(self, definition: MachineDefinition, requires: Collection[str]) -> str:
        """See `Provider`."""
        if self._settings.virtual_machines == "never":
            return "needs a virtual machine, which this site's settings switch off"
        computer = computer_of(self._engine)
        if computer.architecture != _PROCESSOR:
            return f"needs an {_PROCESSOR} computer for its virtual machine, not {computer.architecture}"
        memory = self._memory(definition)
        if computer.memory and memory > computer.memory:
            which = f"{computer.name}, where the engine is," if self._engine.remote else "this computer"
            return f"needs {_gib(memory)} of memory for its virtual machine; {which} has {_gib(computer.memory)}"
        if "kvm" in requires and accelerator_of(self._emulation()) != "kvm":
            return "needs KVM, which this computer doesn't give"
        return ""

    def make_ready(self, definition: MachineDefinition, image: Image, making: Making) -> SavedMachine:
        """See `Provider`."""
        if making.again or definition.name not in self._saved:
            with self._locks[definition.name]:
                if making.again or definition.name not in self._saved:
                    self._saved[definition.name] = self._make(definition, image, making)
        saved = self._saved[definition.name]
        if isinstance(saved, FencepostError):
            raise saved
        return saved

    def seconds_to_make(self, definition: MachineDefinition, image: Image) -> float:
        """See `Provider`."""
        if image.id and self.volumes(definition, image):
            return 0
        return (0 if image.id else _BUILD_SECONDS) + _BOOT_SECONDS[may_use_kvm(self._engine)]

    def opens_at_once(self, definition: MachineDefinition, *, network: bool) -> bool:
        """Return True: a copy opens within a second, and would only slow down the page that runs."""
        del definition, network
        return True

    def open(self, definition: MachineDefinition, image: Image, *, network: bool) -> VirtualMachine:
        """See `Provider`."""
        saved = self.make_ready(definition, image, self._making.of(definition.name))
        return VirtualMachine(saved, definition, network=network)

    def volumes(self, definition: MachineDefinition, image: Image) -> list[str]:
        """See `Provider`."""
        name = image_name(emulator_definition())
        image_id = self._engine.image_id(name)
        if not image_id:
            return []
        emulator = Emulator(self._engine, Image(name, image_id))
        hardware = Hardware.of(definition.settings, self._memory(definition), accelerator_of(emulator))
        volume = volume_name(definition, image, emulator, hardware)
        return [volume] if volume in volumes_of(self._engine, definition.name) else []

    def turn(self, definition: MachineDefinition) -> AbstractContextManager[None]:
        """See `Provider`."""
        return self._turn(definition, self._emulation(), self._making)

    def close(self) -> None:
        """Do nothing: each machine ends with its page."""

    def _turn(
        self, definition: MachineDefinition, emulator: Emulator, making: Making, *, boots: bool = False
    ) -> AbstractContextManager[None]:
        # With more emulated processors than real ones, correct pages failed, because programs may have time limits that
        # suit real computers; and all of them together took longer than one after the other.
        processors = 0 if accelerator_of(emulator) == "kvm" else definition.settings.processors
        return self._turns().take(processors, self._memory(definition), making, boots=boots)

    def _turns(self) -> Turns:
        # Made on first use, because it may have to ask another computer, and once for all threads.
        with self._counting:
            if self._own_turns is None:
                processors = computer_of(self._engine).processors
                self._own_turns = Turns(processors, self._available_memory)
            return self._own_turns

    def _available_memory(self) -> int:
        image = self._emulation().image.id if self._engine.remote else ""
        return available_memory(self._engine, image)

    def _make(self, definition: MachineDefinition, image: Image, making: Making) -> SavedMachine | FencepostError:
        try:
            emulator = provide_emulator(self._engine, making)
            turn = self._turn(definition, emulator, making, boots=True)
            return provide_saved(definition, image, emulator, self._memory(definition), making, turn=turn)
        except FencepostError as error:
            return error

    def _emulation(self) -> Emulator:
        if self._emulator is None:
            self._emulator = provide_emulator(self._engine, self._making)
        return self._emulator

    def _memory(self, definition: MachineDefinition) -> int:
        return mebibytes(definition.settings.memory or self._settings.memory)


def _gib(mebi: int) -> str:
    return f"{mebi / 1024:.3g} GiB"
