"""Provides virtual machines: each booted and saved once, and opened as a fresh copy."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Collection, Iterator

from fencepost.errors import FencepostError
from fencepost.machine.computer import computer_of
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engine import Engine
from fencepost.machine.image import Image, image_name
from fencepost.machine.making import Making
from fencepost.machine.vm.emulator import Emulator, accelerator_of, emulator_definition, provide_emulator
from fencepost.machine.vm.hardware import Hardware
from fencepost.machine.vm.saved import SavedMachine, provide_saved, volume_name, volumes_of
from fencepost.machine.vm.virtual_machine import VirtualMachine
from fencepost.settings import Settings, mebibytes

_PROCESSOR = "x86_64"


class VirtualMachines:
    """Provides virtual machines.

    Args:
        engine: the engine that runs their emulator.
        settings: the site's.
        making: how what they need is made.
    """

    def __init__(self, engine: Engine, settings: Settings, making: Making) -> None:
        self._engine = engine
        self._settings = settings
        self._making = making
        self._lock = threading.Lock()
        # Whatever became of it: a machine that doesn't boot isn't booted again for each page.
        self._saved: dict[str, SavedMachine | FencepostError] = {}
        self._emulator: Emulator | None = None
        self._counting = threading.Lock()
        self._turns: threading.Semaphore | None = None

    def lacking(self, definition: MachineDefinition, requires: Collection[str]) -> str:
        """Why a machine, or what a page requires of it, can't be had; see `Provider`."""
        if self._settings.virtual_machines == "never":
            return "needs a virtual machine, which this site's settings switch off"
        there = computer_of(self._engine)
        if there.architecture != _PROCESSOR:
            return f"needs an {_PROCESSOR} computer for its virtual machine, not {there.architecture}"
        asked = self._memory(definition)
        if there.memory and asked > there.memory:
            which = f"{there.name}, where the engine is," if self._engine.remote else "this computer"
            return f"needs {_gib(asked)} of memory for its virtual machine; {which} has {_gib(there.memory)}"
        if "kvm" in requires and accelerator_of(self._emulation()) != "kvm":
            return "needs KVM, which this computer doesn't give"
        return ""

    def make_ready(self, definition: MachineDefinition, image: Image, making: Making) -> SavedMachine:
        """Boots and saves a machine, where that hasn't been done; see `Provider`."""
        # One at a time: two boots side by side take longer than one after the other.
        if making.again or definition.name not in self._saved:
            with self._lock:
                if making.again or definition.name not in self._saved:
                    self._saved[definition.name] = self._make(definition, image, making)
        saved = self._saved[definition.name]
        if isinstance(saved, FencepostError):
            raise saved
        return saved

    def opens_at_once(self, definition: MachineDefinition, *, network: bool) -> bool:
        """Always: a copy is there within a second, and would only take the processor from the page that runs."""
        del definition, network
        return True

    def open(self, definition: MachineDefinition, image: Image, *, network: bool) -> VirtualMachine:
        """A fresh copy; see `Provider`."""
        return VirtualMachine(self.make_ready(definition, image, self._making), definition, network=network)

    def volumes(self, definition: MachineDefinition, image: Image) -> list[str]:
        """The volume with what was saved, if there is one."""
        name = image_name(emulator_definition())
        emulator = self._engine.image_id(name)
        if not emulator:
            return []
        there = Emulator(self._engine, Image(name, emulator))
        hardware = Hardware.of(definition.settings, self._memory(definition), accelerator_of(there))
        volume = volume_name(definition, image, there, hardware)
        return [volume] if volume in volumes_of(self._engine, definition.name) else []

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Waits until a machine may work. Emulated ones take two processors each: with less, correct pages were seen to
        fail, for what runs on them may have time limits that were made for real computers.
        """
        if accelerator_of(self._emulation()) == "kvm":
            yield
            return
        with self._emulated_turns():
            yield

    def close(self) -> None:
        """Ends nothing: each machine ends with its page."""

    def _emulated_turns(self) -> threading.Semaphore:
        # Only now, for another computer has to be asked; and one for all threads.
        with self._counting:
            if self._turns is None:
                self._turns = threading.Semaphore(max(1, computer_of(self._engine).processors // 2))
            return self._turns

    def _make(self, definition: MachineDefinition, image: Image, making: Making) -> SavedMachine | FencepostError:
        try:
            with self.turn():
                return provide_saved(definition, image, self._emulation(), self._memory(definition), making)
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
