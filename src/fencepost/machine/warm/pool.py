"""The warm containers of a check: for each image as many as pages run at a time, and none where they aren't safe."""

from __future__ import annotations

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from fencepost.errors import EngineError
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engine import Engine
from fencepost.machine.image import Image
from fencepost.machine.making import Making
from fencepost.machine.warm.program import provide_program
from fencepost.machine.warm.warm_container import WarmContainer
from fencepost.machine.warm.warm_machine import WarmMachine
from fencepost.settings import Settings

_TRIAL_SECONDS = 60.0
# A folder that is removed and made again shows whether the overlay works. If the image lacks its working folder, the
# engine makes it for a user that isn't in the container's namespace, and not even root can write there.
_TRIAL = """[ -w . ] || { echo "its WORKDIR, $PWD, can't be written there: make it in the Containerfile"; exit 1; }
rm -rf /etc && mkdir /etc && echo works"""


def why_not_warm(engine: Engine, settings: Settings) -> str:
    """Return the reason why pages can't use warm containers; empty if these are as safe.

    The program that opens cells needs CAP_SYS_ADMIN in its container, which is harmless only in a user namespace.
    """
    if settings.isolation == "container":
        return "the site's settings say so"
    if not engine.gives_user_namespaces:
        return f"{engine.name} gives containers no user namespace of their own"
    # Whether that engine is rootless, and on which architecture, is unknown here.
    return "the engine is on another computer" if engine.remote else ""


class WarmPool:
    """Hands out fresh machines, and takes their containers back.

    Args:
        engine: the engine that runs the containers.
        settings: the site's settings.
        making: how the program is made; also receives the reason why a machine can't be warm, once.
        pages: the number of pages to run.
    """

    def __init__(self, engine: Engine, settings: Settings, making: Making, *, pages: int) -> None:
        self._engine = engine
        self._settings = settings
        self._pages = pages
        self._making = making
        self._lock = threading.Lock()
        self._idle: dict[str, list[WarmContainer]] = {}
        self._all: set[WarmContainer] = set()
        self._program: bytes | None = None
        # Machines that can't have a warm container.
        self._impossible: set[str] = set()
        self._closers = ThreadPoolExecutor(4, thread_name_prefix="fencepost-cool")

    def open(self, definition: MachineDefinition, image: Image) -> WarmMachine | None:
        """Return a fresh machine, not yet started; `None` if it can't be warm.

        Raises:
            EngineError: when the engine can't be started.
        """
        container = self._idle_one(definition) or self._new_one(definition, image)
        return WarmMachine(container, lambda used: self._take_back(definition, used)) if container else None

    def has(self, definition: MachineDefinition) -> bool:
        """Return whether a machine can be warm, as far as is known."""
        return definition.name not in self._impossible

    def close(self) -> None:
        """End every container."""
        with self._lock:
            containers, self._all, self._idle = self._all, set(), {}
        for container in containers:
            self._closers.submit(container.close)
        self._closers.shutdown()

    def _idle_one(self, definition: MachineDefinition) -> WarmContainer | None:
        with self._lock:
            idle = self._idle.get(definition.name, [])
            while idle:
                container = idle.pop()
                if container.alive:
                    return container
                self._discard(container)
        return None

    def _new_one(self, definition: MachineDefinition, image: Image) -> WarmContainer | None:
        if definition.name in self._impossible:
            return None
        try:
            with self._lock:
                if self._program is None:
                    self._program = provide_program(self._engine, self._making, pages=self._pages)
            if not self._program:
                self._impossible.add(definition.name)
                return None
            container = WarmContainer(self._engine, image, definition, self._settings, self._program)
        except EngineError as error:
            self._give_up(definition, error.message)
            return None
        if why := _fault_of(container):
            container.close()
            self._give_up(definition, why)
            return None
        with self._lock:
            self._all.add(container)
        return container

    def _give_up(self, definition: MachineDefinition, why: str) -> None:
        with self._lock:
            known = definition.name in self._impossible
            self._impossible.add(definition.name)
        if not known:
            self._making.progress.say(f"each page on {definition.name} gets a container of its own ({why})")

    def _take_back(self, definition: MachineDefinition, container: WarmContainer) -> None:
        with self._lock:
            if container.alive:
                self._idle.setdefault(definition.name, []).append(container)
            else:
                self._discard(container)

    def _discard(self, container: WarmContainer) -> None:
        if container in self._all:
            self._all.discard(container)
            self._closers.submit(container.close)


def _fault_of(container: WarmContainer) -> str:
    """Return the reason why a new container can't open cells; empty if it can."""
    pipe = container.open_cell(["sh", "-c", _TRIAL])
    reading, met = pipe.read_until((b"works",), time.monotonic() + _TRIAL_SECONDS, 1 << 16)
    output = (reading.output + pipe.remarks()).decode("utf-8", "replace").strip() or container.last_words
    if met and container.close_cell():
        return ""
    with contextlib.suppress(EngineError):
        container.abort()
    return output.splitlines()[-1] if output else "the container gave no sign of life"
