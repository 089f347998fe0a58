"""A provider of machines of one kind: containers, virtual ones."""

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
        """Why a machine, or what a page requires of it, can't be had on this computer; empty where it can."""

    def make_ready(self, definition: MachineDefinition, image: Image, making: Making) -> SavedMachine | None:
        """Sees to it that a machine can be opened at once; what was saved of a virtual one.

        Raises:
            EngineError, MachineError: when that fails.
        """

    def opens_at_once(self, definition: MachineDefinition, *, network: bool) -> bool:
        """Whether there is nothing to gain from opening such a machine ahead of time."""

    def open(self, definition: MachineDefinition, image: Image, *, network: bool) -> OpenMachine:
        """A fresh machine, not yet started.

        Raises:
            EngineError, MachineError: when it can't be had.
        """

    def volumes(self, definition: MachineDefinition, image: Image) -> list[str]:
        """The engine's volumes that hold what is known of a machine as it is now."""

    def turn(self) -> AbstractContextManager[None]:
        """Waits until a machine of this kind may work."""

    def close(self) -> None:
        """Ends what no page is in."""
