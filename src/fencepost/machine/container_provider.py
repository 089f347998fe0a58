"""Provides containers: one for each page, or a cell of a warm one where that is as safe."""

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


class Containers:
    """Provides containers.

    Args:
        engine: the engine that runs them.
        settings: the site's.
        making: how what they need is made.
        warm: how many pages are to run that may share a container, one after the other; 0 for none.
    """

    def __init__(self, engine: Engine, settings: Settings, making: Making, *, warm: int) -> None:
        self._engine = engine
        self._settings = settings
        self._warm: WarmPool | None = None
        if warm and not why_not_warm(engine, settings):
            self._warm = WarmPool(engine, settings, making, pages=warm)

    def lacking(self, definition: MachineDefinition, requires: Collection[str]) -> str:
        """Why what a page requires can't be had in a container; see `Provider`."""
        del definition
        return "needs KVM, which a container can't give" if "kvm" in requires else ""

    def make_ready(self, definition: MachineDefinition, image: Image, making: Making) -> None:
        """Does nothing: a container needs its image alone."""

    def opens_at_once(self, definition: MachineDefinition, *, network: bool) -> bool:
        """Whether a page gets a cell of a container that others have been in."""
        own = definition.settings
        wants_its_own = network or own.capabilities or own.isolation != "auto"
        return self._warm is not None and not wants_its_own and self._warm.has(definition)

    def open(self, definition: MachineDefinition, image: Image, *, network: bool) -> OpenMachine:
        """A fresh container, or a cell of a warm one; see `Provider`."""
        if self._warm and self.opens_at_once(definition, network=network):
            machine = self._warm.open(definition, image)
            if machine:
                return machine
        return ContainerMachine(self._engine, image, definition, self._settings, network=network)

    def volumes(self, definition: MachineDefinition, image: Image) -> list[str]:
        """None."""
        del definition, image
        return []

    def turn(self) -> AbstractContextManager[None]:
        """Waits for nothing."""
        return contextlib.nullcontext()

    def close(self) -> None:
        """Ends the warm containers."""
        if self._warm:
            self._warm.close()
