"""The machines of a site on one engine: built when they are first needed, and opened fresh for each page."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from types import MappingProxyType

from fencepost.errors import EngineError, FencepostError
from fencepost.machine.computer import computer_of
from fencepost.machine.container_provider import Containers
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engine import Engine
from fencepost.machine.image import NO_IMAGE, Image, image_name, provide_image
from fencepost.machine.making import Making
from fencepost.machine.open_machine import OpenMachine
from fencepost.machine.ownership_labels import remove_own
from fencepost.machine.progress import Progress, ProgressLines
from fencepost.machine.provider import Provider
from fencepost.machine.vm.saved import SavedMachine
from fencepost.machine.vm.vm_provider import VirtualMachines
from fencepost.settings import Settings


class Fleet:
    """The machines of a site; picks the provider of each.

    Args:
        engine: the engine that builds and runs them.
        settings: the site's settings.
        progress: receives the progress of machines that are made.
        warm: the number of pages to run that may use a warm container, one after the other, where that is as safe; 0
            for none. A machine in a warm container opens at once, and can't be entered from a terminal.
        at_hand: images that the engine is known to have, by their names.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        progress: Progress | None = None,
        *,
        warm: int = 0,
        at_hand: Mapping[str, Image] = MappingProxyType({}),
    ) -> None:
        self.engine = engine
        self.settings = settings
        self._making = Making(progress or ProgressLines(), may_pull=settings.pull != "never")
        self._images = dict(at_hand)
        self._locks: dict[str, threading.Lock] = {}
        self._made_again: set[str] = set()
        self._providers: dict[str, Provider] = {
            "container": Containers(engine, settings, self._making, warm=warm),
            "vm": VirtualMachines(engine, settings, self._making),
        }

    def image(self, definition: MachineDefinition, *, again: bool = False) -> Image:
        """Return a machine's image, after building it if it is missing, or `again`.

        Raises:
            EngineError, MachineError: when it can't be built.
        """
        return self._image(definition, self._making.of(definition.name, again=again))

    def image_at_hand(self, definition: MachineDefinition) -> Image:
        """Return a machine's image if the engine has it, and otherwise `NO_IMAGE`.

        Raises:
            EngineError: when the engine doesn't answer.
        """
        name = image_name(definition)
        if name not in self._images and (image_id := self.engine.image_id(name)):
            self._images[name] = Image(name, image_id)
        return self._images.get(name, NO_IMAGE)

    def make_all(
        self, definitions: Iterable[MachineDefinition], *, again: bool = False
    ) -> Iterator[tuple[MachineDefinition, Image | FencepostError]]:
        """Make machines ready, as many at a time as there are processors, containers first.

        Args:
            definitions: the machines.
            again: make them anew even if they exist.

        Yields:
            Each machine as soon as it is ready, with its image, or with the error for which it can't be made.
        """
        containers_first = sorted(definitions, key=lambda definition: definition.settings.kind != "container")
        makers = ThreadPoolExecutor(computer_of(self.engine).processors, thread_name_prefix="fencepost-make")
        futures: dict[Future[Image | FencepostError], MachineDefinition] = {
            makers.submit(self._make, definition, again): definition for definition in containers_first
        }
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            self._making.cancelled.set()
            raise
        finally:
            makers.shutdown(cancel_futures=True)

    def make_ready(self, definition: MachineDefinition, image: Image, *, again: bool = False) -> SavedMachine | None:
        """Make a machine ready to be opened: boot and save a virtual one that hasn't been, or `again`.

        Returns:
            The saved machine, for a virtual one.

        Raises:
            EngineError, MachineError: when that fails.
        """
        return self._provider(definition).make_ready(definition, image, self._making.of(definition.name, again=again))

    def seconds_to_make(self, definition: MachineDefinition) -> float:
        """Return about how many seconds it takes until a machine can be opened; 0 if it can be.

        Raises:
            EngineError: when the engine doesn't answer.
        """
        return self._provider(definition).seconds_to_make(definition, self.image_at_hand(definition))

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
        return self._provider(definition).turn(definition)

    def close(self) -> None:
        """End the containers that no page uses."""
        for provider in self._providers.values():
            provider.close()

    def stop(self) -> None:
        """Cancel everything that is being made, and remove all containers of this process."""
        self._making.cancelled.set()
        with contextlib.suppress(EngineError):
            remove_own(self.engine)

    def _image(self, definition: MachineDefinition, making: Making) -> Image:
        name = image_name(definition)
        lock = self._locks.setdefault(name, threading.Lock())
        with making.holding(lock, f"waiting for the image of {definition.name}, which is being built"):
            if name not in self._images or (making.again and name not in self._made_again):
                for base in definition.bases:
                    self._image(base, making)
                self._images[name] = provide_image(self.engine, definition, making)
                if making.again:
                    self._made_again.add(name)
            return self._images[name]

    def _make(self, definition: MachineDefinition, again: bool) -> Image | FencepostError:
        progress = self._making.progress
        try:
            image = self.image(definition, again=again)
            self.make_ready(definition, image, again=again)
        except FencepostError as error:
            if not self._making.cancelled.is_set():
                progress.machine_fails(definition.name, error)
            return error
        progress.machine_is_ready(definition.name)
        return image

    def _provider(self, definition: MachineDefinition) -> Provider:
        return self._providers[definition.settings.kind]
