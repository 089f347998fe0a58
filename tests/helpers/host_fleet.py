"""A fleet whose machines are folders of this computer. Pages that run on it have to be harmless."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engines.podman import Podman
from fencepost.machine.fleet import Fleet
from fencepost.machine.image import Image
from fencepost.machine.open_machine import OpenMachine
from tests.helpers.host_machine import HostMachine

# It refuses everything.
ENGINE = Podman("false", "0")
IMAGE = Image("plain", "sha256:" + "1" * 64)


class StandIn(HostMachine, OpenMachine):
    """A machine that is a folder."""

    def terminal_command(self, bash_options: str) -> list[str]:
        raise NotImplementedError

    def abort(self) -> None:
        for process in self.processes:
            process.kill()


class HostFleet(Fleet):
    """A fleet whose machines are built already, and are folders."""

    def image(self, definition: MachineDefinition, *, again: bool = False) -> Image:
        return IMAGE

    def image_at_hand(self, definition: MachineDefinition) -> Image:
        return IMAGE

    def opens_at_once(self, definition: MachineDefinition, *, network: bool) -> bool:
        return True

    def open(self, definition: MachineDefinition, image: Image, *, network: bool) -> OpenMachine:
        return StandIn(Path(tempfile.mkdtemp()))
