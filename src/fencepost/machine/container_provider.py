"""The provider of containers: one for each page, or a cell of a warm one where that is as safe."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from contextlib import AbstractContextManager

from fencepost.machine.container_machine import ContainerMachine
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engine import Engine
from fencepost.machine.image import Image
from fencepost.machine.making import Making
from fencepost.machine.open_machine import OpenMachine
from fencepost.machine.warm.pool import WarmPool, why_not_warm
from fencepost.settings import Settings

# About how long building an image takes, in seconds.
_BUILD_SECONDS = 40.0


class Containers:
    """Opens containers.

    Args:
        engine: the engine that runs them.
        settings: the site's settings.
        making: how their requirements are made.
        warm: the number of pages to run that may use a warm container, one after the other; 0 for none.
    """

    def __init__(self, engine: Engine, settings: Settings, making: Making, *, warm: int) -> None:
        self._engine = engine
        self._settings = settings
        self._warm: WarmPool | None = None
        if warm and not why_not_warm(engine, settings):
            self._warm = WarmPool(engine, settings, making, pages=warm)

    def lacking(self, definition: MachineDefinition, requires: Collection[str]) -> str:
        """See `Provider`."""
        del definition
        return "needs KVM, which a container can't give" if "kvm" in requires else ""

    def make_ready(self, definition: MachineDefinition, image: Image, making: Making) -> None:
        """Do nothing: a container needs only its image."""

    def seconds_to_make(self, definition: MachineDefinition, image: Image) -> float:
        """See `Provider`."""
        del definition
        return 0 if image.id else _BUILD_SECONDS

    def opens_at_once(self, definition: MachineDefinition, *, network: bool) -> bool:
        """Return whether a page gets a cell of a warm container."""
        own = definition.settings
        wants_its_own = network or own.capabilities or own.isolation != "auto"
        return self._warm is not None and not wants_its_own and self._warm.has(definition)

    def open(self, definition: MachineDefinition, image: Image, *, network: bool) -> OpenMachine:
        """See `Provider`."""
        if self._warm and self.opens_at_once(definition, network=network):
            machine = self._warm.open(definition, image)
            if machine:
                return machine
        return ContainerMachine(self._engine, image, definition, self._settings, network=network)

    def volumes(self, definition: MachineDefinition, image: Image) -> list[str]:
        """Return no volumes: containers have none."""
        del definition, image
        return []

    def turn(self, definition: MachineDefinition) -> AbstractContextManager[None]:
        """Don't wait."""
        del definition
        return contextlib.nullcontext()

    def close(self) -> None:
        """End the warm containers."""
        if self._warm:
            self._warm.close()
