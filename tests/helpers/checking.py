"""Checks whole sites on real engines, and returns what happened."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from fencepost.check.head_start import HeadStart
from fencepost.check.job import Job
from fencepost.check.site_check import CheckOptions, check_site
from fencepost.errors import EngineError, FencepostError
from fencepost.kinds.result import StepResult
from fencepost.machine.engine import Engine
from fencepost.machine.engines.registry import find_engine
from fencepost.machine.ownership_labels import LABEL, owner
from fencepost.record.model import Record, SnippetRecord
from fencepost.record.store import RecordStore
from tests.helpers.site_builder import SiteBuilder

# A page with a network, although it asks nobody: it installs a package of its own.
INSTALLS = """
    ---
    machine: python
    network: true
    ---

    ```bash { #install }
    mkdir -p fixed/DEBIAN
    printf '%s\\n' 'Package: fixed' 'Version: 1.0' 'Architecture: all' 'Maintainer: nobody' 'Description: none' \\
        >fixed/DEBIAN/control
    dpkg-deb --build fixed
    dpkg --install fixed.deb
    ```
    """


@dataclass
class Story:
    """An observer that keeps what it is notified of.

    Attributes:
        told: the events, one line each.
        when_a_step_begins: called with each step's id.
        records: the full records of the pages.
    """

    told: list[str] = field(default_factory=list)
    when_a_step_begins: Callable[[str], None] = lambda _: None
    records: list[Record] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.told.append(text)

    def machine_does(self, machine: str, what: str) -> None:
        self.told.append(f"{machine}: {what}")

    def machine_prints(self, machine: str, line: str) -> None:
        pass

    def machine_is_ready(self, machine: str) -> None:
        pass

    def machine_fails(self, machine: str, error: FencepostError) -> None:
        self.told.append(f"{machine} fails: {error.message}")

    def page_begins(self, job: Job, why: str) -> None:
        self.told.append(f"{job.name} begins: {why}")

    def page_holds(self, job: Job, record: Record) -> None:
        self.told.append(f"{job.name} holds: {record.verdict}")
        self.records.append(record)

    def step_begins(self, job: Job, number: int) -> None:
        self.when_a_step_begins(job.snippets[number].id)

    def step_ends(self, job: Job, result: StepResult) -> None:
        self.told.append(f"{job.name}: {result.snippet.id} {result.verdict}")

    def page_ends(self, job: Job, record: Record) -> None:
        self.told.append(f"{job.name} ends: {record.verdict}")
        self.records.append(record)


def engine_or_skip(name: str) -> Engine:
    """Return an engine of this computer. Skip the test if it is missing, or fail if FENCEPOST_REQUIRE names it."""
    try:
        return find_engine(name)
    except EngineError as error:
        if name in os.environ.get("FENCEPOST_REQUIRE", "").split(","):
            pytest.fail(f"FENCEPOST_REQUIRE asks for {name}: {error}")
        pytest.skip(str(error))


def check(build: SiteBuilder, engine: Engine, story: Story | None = None, **options: object) -> list[Record]:
    """Check all pages of a site, and return the full records, which the check itself shortens when it is done."""
    site = build.read()
    story = story or Story()
    story.records.clear()
    kept = check_site(site, site.read_pages(), HeadStart(site, engine), story, CheckOptions(**options))  # type: ignore[arg-type]
    told = sorted(story.records, key=lambda record: (record.page, record.machine))
    assert [record.in_short() for record in told] == kept
    return told


def records_of(build: SiteBuilder) -> list[Record]:
    """Return the records that are stored for a site."""
    return RecordStore(build.read().records, read_only=True).read_all()


def steps_of(record: Record) -> dict[str, SnippetRecord]:
    """Return the steps of a record by their ids."""
    return {step.id: step for step in record.snippets}


def left_behind(engine: Engine) -> list[str]:
    """Return the containers of this process that are left once the engine has had ten seconds to remove them."""
    deadline = time.monotonic() + 10
    while names := containers_of_this_process(engine):
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    return names


def containers_of_this_process(engine: Engine) -> list[str]:
    """Return the containers that this process has at this moment."""
    return engine.call("ps", "--all", "--quiet", "--filter", f"label={LABEL}={owner()}").stdout.split()
