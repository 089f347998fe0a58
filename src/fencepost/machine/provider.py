"""The interface of the providers of machines: one for containers, one for virtual machines."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Protocol

from fencepost.machine.definition import MachineDefinition
from fencepost.machine.image import Image
from fencepost.machine.making import Making
from fencepost.machine.open_machine import OpenMachine
from fencepost.machine.vm.saved import SavedMachine


class Provider(Protocol):
    """Opens fresh machines of one kind."""

    def lacking(self, definition: MachineDefinition, requires: Collection[str]) -> str:
        """Return the reason why a machine, or what a page requires of it, isn't possible here; empty if it is."""

    def make_ready(self, definition: MachineDefinition, image: Image, making: Making) -> SavedMachine | None:
        """Make a machine ready to be opened; return the saved machine of a virtual one.

        Raises:
            EngineError, MachineError: when that fails.
        """

    def seconds_to_make(self, definition: MachineDefinition, image: Image) -> float:
        """Return about how many seconds it takes until a machine can be opened; 0 if it can be.

        Args:
            definition: the machine.
            image: its image; `NO_IMAGE` if that has to be built, too.
        """

    def opens_at_once(self, definition: MachineDefinition, *, network: bool) -> bool:
        """Return whether opening such a machine ahead of time gains nothing."""

    def open(self, definition: MachineDefinition, image: Image, *, network: bool) -> OpenMachine:
        """Return a fresh machine, not yet started.

        Raises:
            EngineError, MachineError: when it can't be opened.
        """

    def volumes(self, definition: MachineDefinition, image: Image) -> list[str]:
        """Return the engine's volumes with the current saved state of a machine."""

    def turn(self, definition: MachineDefinition) -> AbstractContextManager[None]:
        """Return a context manager that waits until a machine may run."""

    def close(self) -> None:
        """End the containers that no page uses."""
