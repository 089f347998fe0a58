"""A job: a page to run on a machine, and a digest of the inputs of that run."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass

from fencepost.check.unrunnable import nothing_runs_in
from fencepost.errors import FencepostError
from fencepost.fence.snippet import Snippet
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.image import NO_IMAGE, Image
from fencepost.page.page import Page
from fencepost.run_key import RunKey
from fencepost.settings import Settings


@dataclass(frozen=True)
class Job:
    """A page, and a machine to run it on.

    Attributes:
        page: the page.
        definition: one of its machines.
        image: that machine's image; `NO_IMAGE` until it is built.
        lacking: the reason why this computer can't run the page; empty if it can.
        machine_error: the reason why the machine can't be made, if that was tried.
    """

    page: Page
    definition: MachineDefinition
    image: Image = NO_IMAGE
    lacking: str = ""
    machine_error: FencepostError | None = None

    @property
    def key(self) -> RunKey:
        """The page and the machine."""
        return RunKey(self.page.name, self.definition.name)

    @property
    def name(self) -> str:
        """The job's name in reports."""
        return f"{self.page.name} on {self.definition.name}"

    @functools.cached_property
    def snippets(self) -> list[Snippet]:
        """The page's steps on this machine."""
        return self.page.snippets_on(self.definition.name)

    @property
    def needs_no_machine(self) -> bool:
        """True if none of its steps will run."""
        return bool(self.lacking) or nothing_runs_in(self.snippets)


def inputs_digest(job: Job, settings: Settings) -> str:
    """Return a digest of what a run depends on besides the page's steps and the machine's image."""
    front_matter = job.page.front_matter
    parts = [
        front_matter.network,
        front_matter.timeout or settings.timeout,
        front_matter.requires,
        job.lacking,
        job.definition.settings.model_dump(exclude_defaults=True, exclude={"title"}),
        settings.memory,
        settings.processes,
        settings.output_limit,
    ]
    # Only if it isn't the default, so that records from before this setting still hold.
    if settings.isolation != "auto":
        parts.append(settings.isolation)
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
