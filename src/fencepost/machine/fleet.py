"""The machines of a site on one engine: built when they are first needed, and opened fresh for each page."""

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
    """The machines of a site; picks the provider of each.

    Args:
        engine: the engine that builds and runs them.
        settings: the site's settings.
        say: receives a message before anything that takes long.
        warm: the number of pages to run that may use a warm container, one after the other, where that is as safe; 0
            for none. A machine in a warm container opens at once, and can't be entered from a terminal.
        at_hand: images that the engine is known to have, by their names.
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
        """Return a machine's image, after building it if it is missing, or `again`.

        Raises:
            EngineError, MachineError: when it can't be built.
        """
        name = image_name(definition)
        if again or name not in self._images:
            self._images[name] = provide_image(self.engine, definition, self._making.anew(again))
        return self._images[name]

    def make_ready(self, definition: MachineDefinition, image: Image, *, again: bool = False) -> SavedMachine | None:
        """Make a machine ready to be opened: boot and save a virtual one that hasn't been, or `again`.

        Returns:
            The saved machine, for a virtual one.

        Raises:
            EngineError, MachineError: when that fails.
        """
        return self._provider(definition).make_ready(definition, image, self._making.anew(again))

    def opens_at_once(self, definition: MachineDefinition, *, network: bool) -> bool:
        """Return whether opening such a machine ahead of time gains nothing."""
        return self._provider(definition).opens_at_once(definition, network=network)

    def open(self, definition: MachineDefinition, image: Image, *, network: bool) -> OpenMachine:
        """Return a fresh machine, not yet started.

        Args:
            definition: the machine.
            image: its image.
            network: give it a network.
        """
        return self._provider(definition).open(definition, image, network=network)

    def current_names(self, definition: MachineDefinition) -> list[str]:
        """Return the names of a machine's current image and, for a virtual one, its saved state, if they exist."""
        name = image_name(definition)
        image_id = self.engine.image_id(name)
        return [name, *self._provider(definition).volumes(definition, Image(name, image_id))] if image_id else []

    def lacking(self, definition: MachineDefinition, requires: Collection[str] = ()) -> str:
        """Return the reason why a machine, or what a page requires of it, isn't possible here; empty if it is."""
        return self._provider(definition).lacking(definition, requires)

    def turn(self, definition: MachineDefinition) -> AbstractContextManager[None]:
        """Return a context manager that waits until a machine may run."""
        return self._provider(definition).turn()

    def close(self) -> None:
        """End the containers that no page uses."""
        for provider in self._providers.values():
            provider.close()

    def stop(self) -> None:
        """Cancel everything that is being made, and remove all containers of this process."""
        self._making.cancelled.set()
        with contextlib.suppress(EngineError):
            remove_own(self.engine)

    def _provider(self, definition: MachineDefinition) -> Provider:
        return self._providers[definition.settings.kind]
