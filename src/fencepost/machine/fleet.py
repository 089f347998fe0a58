"""All machines of a site, on one engine: built when they are first needed, and opened fresh for each page."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType

from fencepost.errors import EngineError, FencepostError
from fencepost.machine.cache import Say
from fencepost.machine.computer import computer_of
from fencepost.machine.container import ContainerMachine
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engine import Engine
from fencepost.machine.image import Image, image_name, provide_image
from fencepost.machine.open_machine import OpenMachine
from fencepost.machine.owned import remove_own
from fencepost.machine.vm.emulator import Emulator, accelerator_of, emulator_definition, provide_emulator
from fencepost.machine.vm.hardware import Hardware
from fencepost.machine.vm.machine import VirtualMachine
from fencepost.machine.vm.saved import SavedMachine, provide_saved, volume_name, volumes_of
from fencepost.machine.warm.pool import WarmPool, why_not_warm
from fencepost.settings import Settings, mebibytes

_PROCESSOR = "x86_64"


def _quiet(text: str) -> None:
    del text


class Fleet:
    """The machines of a site.

    Args:
        engine: the engine that builds and runs them.
        settings: the site's.
        say: is told what takes long.
        warm: how many pages are to run that may share a container, one after the other, where that is as safe as one
            for each; 0 for none. Such machines are there at once, and can't be entered from a terminal.
        at_hand: images by their names that the engine was already asked for.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        say: Say = _quiet,
        *,
        warm: int = 0,
        at_hand: Mapping[str, Image] = MappingProxyType({}),
    ) -> None:
        self.engine = engine
        self.settings = settings
        self._listener = say
        self._stopped = False
        self._pull = settings.pull != "never"
        self._lock = threading.Lock()
        self._images = dict(at_hand)
        # Whatever became of it: a machine that doesn't boot isn't booted again for each page.
        self._saved: dict[str, SavedMachine | FencepostError] = {}
        self._emulator: Emulator | None = None
        self._counting = threading.Lock()
        self._turns: threading.Semaphore | None = None
        self._warm: WarmPool | None = None
        if warm and not why_not_warm(engine, settings):
            self._warm = WarmPool(engine, settings, pages=warm, pull=self._pull, say=self._say)

    def image(self, definition: MachineDefinition, *, again: bool = False) -> Image:
        """A machine's image, built where it is missing.

        Raises:
            EngineError, MachineError: when it can't be built.
        """
        name = image_name(definition)
        if again or name not in self._images:
            self._images[name] = provide_image(self.engine, definition, pull=self._pull, say=self._say, again=again)
        return self._images[name]

    def make_ready(self, definition: MachineDefinition, image: Image, *, again: bool = False) -> SavedMachine | None:
        """Sees to it that a machine can be opened at once: a virtual one is booted and saved, where it hasn't been.

        Returns:
            What was saved of a virtual one.

        Raises:
            EngineError, MachineError: when that fails.
        """
        return self._provide_saved(definition, image, again=again) if definition.settings.kind == "vm" else None

    def opens_at_once(self, definition: MachineDefinition, *, network: bool) -> bool:
        """Whether there is nothing to gain from opening such a machine ahead of time."""
        # A virtual machine is there within a second, and would only take the processor from the page that runs.
        return definition.settings.kind == "vm" or self._may_share(definition, network=network)

    def _may_share(self, definition: MachineDefinition, *, network: bool) -> bool:
        """Whether a page may have a cell of a container that others have been in, where a warm one is as safe."""
        own = definition.settings
        wants_its_own = network or own.capabilities or own.isolation != "auto" or own.kind != "container"
        return self._warm is not None and not wants_its_own and self._warm.has(definition)

    def open(self, definition: MachineDefinition, image: Image, *, network: bool) -> OpenMachine:
        """A fresh machine, not yet started.

        Args:
            definition: the machine.
            image: its image.
            network: whether it reaches the network.
        """
        if definition.settings.kind == "vm":
            return VirtualMachine(self._provide_saved(definition, image), definition, network=network)
        if self._warm and self._may_share(definition, network=network):
            machine = self._warm.open(definition, image)
            if machine:
                return machine
        return ContainerMachine(self.engine, image, definition, self.settings, network=network)

    def kept(self, definition: MachineDefinition) -> list[str]:
        """What the engine holds of a machine as it is now: its image, and for a virtual one what was saved."""
        name = image_name(definition)
        found = self.engine.image_id(name)
        if not found:
            return []
        emulator = self.engine.image_id(self.emulator_image())
        if definition.settings.kind != "vm" or not emulator:
            return [name]
        there = Emulator(self.engine, Image(self.emulator_image(), emulator))
        hardware = Hardware.of(definition.settings, self._memory(definition), accelerator_of(there))
        volume = volume_name(definition, Image(name, found), there, hardware)
        return [name, volume] if volume in volumes_of(self.engine, definition.name) else [name]

    def emulator_image(self) -> str:
        """The name of the image that virtual machines run in."""
        return image_name(emulator_definition())

    def lacking(self, definition: MachineDefinition, requires: Collection[str] = ()) -> str:
        """Why a machine, or what a page requires of it, can't be had on this computer; empty where it can."""
        virtual = definition.settings.kind == "vm"
        if virtual:
            if self.settings.virtual_machines == "never":
                return "needs a virtual machine, which this site's settings switch off"
            there = computer_of(self.engine)
            if there.architecture != _PROCESSOR:
                return f"needs an {_PROCESSOR} computer for its virtual machine, not {there.architecture}"
            asked = self._memory(definition)
            if there.memory and asked > there.memory:
                which = f"{there.name}, where the engine is," if self.engine.remote else "this computer"
                return f"needs {_gib(asked)} of memory for its virtual machine; {which} has {_gib(there.memory)}"
        if "kvm" in requires:
            if not virtual:
                return "needs KVM, which a container can't give"
            if accelerator_of(self._emulation()) != "kvm":
                return "needs KVM, which this computer doesn't give"
        return ""

    @contextlib.contextmanager
    def turn(self, definition: MachineDefinition) -> Iterator[None]:
        """Waits until a machine may work. Emulated ones take two processors each: with less, correct pages were seen to
        fail, for what runs on them may have time limits that were made for real computers.
        """
        if definition.settings.kind == "container" or accelerator_of(self._emulation()) == "kvm":
            yield
            return
        with self._emulated_turns():
            yield

    def _emulated_turns(self) -> threading.Semaphore:
        # Only now, for another computer has to be asked; and one for all threads.
        with self._counting:
            if self._turns is None:
                self._turns = threading.Semaphore(max(1, computer_of(self.engine).processors // 2))
            return self._turns

    def close(self) -> None:
        """Ends the containers that no page is in."""
        if self._warm:
            self._warm.close()

    def stop(self) -> None:
        """Ends whatever this process has the engine do; what is being made ends at its next word."""
        self._stopped = True
        with contextlib.suppress(EngineError):
            remove_own(self.engine)

    def _say(self, text: str) -> None:
        # An engine may be too busy to end a boot in time: what nobody waits for any more is not to be kept.
        if self._stopped:
            raise EngineError("stopped")
        self._listener(text)

    def _provide_saved(self, definition: MachineDefinition, image: Image, *, again: bool = False) -> SavedMachine:
        # One at a time: two boots side by side take longer than one after the other.
        if again or definition.name not in self._saved:
            with self._lock:
                if again or definition.name not in self._saved:
                    self._saved[definition.name] = self._make(definition, image, again=again)
        saved = self._saved[definition.name]
        if isinstance(saved, FencepostError):
            raise saved
        return saved

    def _make(self, definition: MachineDefinition, image: Image, *, again: bool) -> SavedMachine | FencepostError:
        memory = self._memory(definition)
        try:
            with self.turn(definition):
                emulator, meanwhile = self._emulation(), self._waiting_for(definition)
                return provide_saved(definition, image, emulator, memory, self._say, meanwhile=meanwhile, again=again)
        except FencepostError as error:
            return error

    def _waiting_for(self, definition: MachineDefinition) -> Callable[[], None]:
        """What is to be called while another check makes a machine: it says so once, and ends the wait when stopped."""
        waits = False

        def meanwhile() -> None:
            nonlocal waits
            if not waits or self._stopped:
                self._say(f"another check is making the machine {definition.name}: waiting for it")
            waits = True

        return meanwhile

    def _emulation(self) -> Emulator:
        if self._emulator is None:
            self._emulator = provide_emulator(self.engine, pull=self._pull, say=self._say)
        return self._emulator

    def _memory(self, definition: MachineDefinition) -> int:
        return mebibytes(definition.settings.memory or self.settings.memory)


def _gib(mebi: int) -> str:
    return f"{mebi / 1024:.3g} GiB"
