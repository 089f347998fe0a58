"""All machines of a site, on one engine: built when they are first needed, and opened fresh for each page."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType

from fencepost.errors import EngineError
from fencepost.machine.container_provider import Containers
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engine import Engine
from fencepost.machine.image import Image, image_name, provide_image
from fencepost.machine.making import Making, Say
from fencepost.machine.open_machine import OpenMachine
from fencepost.machine.ownership_labels import remove_own
from fencepost.machine.provider import Provider
from fencepost.machine.vm.saved import SavedMachine
from fencepost.machine.vm.vm_provider import VirtualMachines
from fencepost.settings import Settings


class Fleet:
    """The machines of a site: picks who provides each.

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
        say: Say | None = None,
        *,
        warm: int = 0,
        at_hand: Mapping[str, Image] = MappingProxyType({}),
    ) -> None:
        self.engine = engine
        self.settings = settings
        may_pull = settings.pull != "never"
        self._making = Making(say, may_pull=may_pull) if say else Making(may_pull=may_pull)
        self._images = dict(at_hand)
        self._providers: dict[str, Provider] = {
            "container": Containers(engine, settings, self._making, warm=warm),
            "vm": VirtualMachines(engine, settings, self._making),
        }

    def image(self, definition: MachineDefinition, *, again: bool = False) -> Image:
        """A machine's image, built where it is missing.

        Raises:
            EngineError, MachineError: when it can't be built.
        """
        name = image_name(definition)
        if again or name not in self._images:
            self._images[name] = provide_image(self.engine, definition, self._making.anew(again))
        return self._images[name]

    def make_ready(self, definition: MachineDefinition, image: Image, *, again: bool = False) -> SavedMachine | None:
        """Sees to it that a machine can be opened at once: a virtual one is booted and saved, where it hasn't been.

        Returns:
            What was saved of a virtual one.

        Raises:
            EngineError, MachineError: when that fails.
        """
        return self._provider(definition).make_ready(definition, image, self._making.anew(again))

    def opens_at_once(self, definition: MachineDefinition, *, network: bool) -> bool:
        """Whether there is nothing to gain from opening such a machine ahead of time."""
        return self._provider(definition).opens_at_once(definition, network=network)

    def open(self, definition: MachineDefinition, image: Image, *, network: bool) -> OpenMachine:
        """A fresh machine, not yet started.

        Args:
            definition: the machine.
            image: its image.
            network: whether it reaches the network.
        """
        return self._provider(definition).open(definition, image, network=network)

    def current_names(self, definition: MachineDefinition) -> list[str]:
        """What the engine holds of a machine as it is now: its image, and for a virtual one what was saved."""
        name = image_name(definition)
        found = self.engine.image_id(name)
        return [name, *self._provider(definition).volumes(definition, Image(name, found))] if found else []

    def lacking(self, definition: MachineDefinition, requires: Collection[str] = ()) -> str:
        """Why a machine, or what a page requires of it, can't be had on this computer; empty where it can."""
        return self._provider(definition).lacking(definition, requires)

    def turn(self, definition: MachineDefinition) -> AbstractContextManager[None]:
        """Waits until a machine may work."""
        return self._provider(definition).turn()

    def close(self) -> None:
        """Ends the containers that no page is in."""
        for provider in self._providers.values():
            provider.close()

    def stop(self) -> None:
        """Ends whatever this process has the engine do, and every wait for it."""
        self._making.cancelled.set()
        with contextlib.suppress(EngineError):
            remove_own(self.engine)

    def _provider(self, definition: MachineDefinition) -> Provider:
        return self._providers[definition.settings.kind]
