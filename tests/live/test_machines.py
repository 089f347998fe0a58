"""Live mode while a machine is being prepared, which takes minutes if a virtual machine boots."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

import fencepost.live.machines
from fencepost.errors import EngineError
from fencepost.live.live_check import LiveCheck
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.image import Image
from fencepost.machine.open_machine import OpenMachine
from fencepost.record.store import RecordStore
from tests.helpers.host_fleet import ENGINE, HostFleet
from tests.helpers.site_builder import SiteBuilder

PAGE = "---\nmachine: debian-12\n---\n\n```bash\ntrue\n```\n"


@dataclass
class Boot:
    """The boot of a machine: it begins, and ends when it is done or stopped."""

    begun: threading.Event
    ended: threading.Event
    stopped: bool = False


class Listener:
    def __init__(self) -> None:
        self.warnings: list[str] = []

    def info(self, text: str, /) -> None: ...

    def warning(self, text: str, /) -> None:
        self.warnings.append(text)


@pytest.fixture
def boot(monkeypatch: pytest.MonkeyPatch) -> Iterator[Boot]:
    boot = Boot(threading.Event(), threading.Event())

    class SlowFleet(HostFleet):
        def open(self, definition: MachineDefinition, image: Image, *, network: bool) -> OpenMachine:
            boot.begun.set()
            boot.ended.wait()
            if boot.stopped:
                raise EngineError("stopped")
            return super().open(definition, image, network=network)

        def stop(self) -> None:
            boot.stopped = True
            boot.ended.set()

    monkeypatch.setattr(fencepost.live.machines, "Fleet", SlowFleet)
    monkeypatch.setattr(fencepost.live.machines, "find_engine", lambda _: ENGINE)
    yield boot
    boot.ended.set()


def begin(build: SiteBuilder, told: Listener, text: str) -> LiveCheck:
    """Saves a page for the first time."""
    build.page(PAGE)
    live = LiveCheck(told)
    live.look(build.read())
    build.page(text)
    live.look(build.read())
    return live


def until(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while not (so := is_so()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return so


def test_closing_ends_the_boot(build: SiteBuilder, boot: Boot) -> None:
    result = Listener()
    live = begin(build, result, PAGE + "\n")
    assert boot.begun.wait(30)
    live.close()
    assert boot.stopped
    assert not [thread for thread in threading.enumerate() if thread.name == "fencepost-live"]
    assert result.warnings == []
    assert RecordStore(build.read().records).read_all() == []


def test_a_page_that_was_saved_again_meanwhile_is_not_begun(build: SiteBuilder, boot: Boot) -> None:
    result = Listener()
    live = begin(build, result, PAGE.replace("true", "sleep 3000"))
    try:
        assert boot.begun.wait(30)
        build.page(PAGE + "\n")
        live.look(build.read())
        boot.ended.set()
        assert live.wait(30)
        (record,) = RecordStore(build.read().records).read_all()
        assert record.verdict == "passed"
        assert until(lambda: not live.at_work)
    finally:
        live.close()
    assert result.warnings == []
