"""What is to be run: a page on a machine, and what a run of it depends on."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass

from fencepost.check.unrunnable import nothing_runs_in
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
        image: that machine's image.
        lacking: what this computer can't give, in words; empty where the page can run.
    """

    page: Page
    definition: MachineDefinition
    image: Image = NO_IMAGE
    lacking: str = ""

    @property
    def key(self) -> RunKey:
        """What is run."""
        return RunKey(self.page.name, self.definition.name)

    @property
    def name(self) -> str:
        """How reports call it."""
        return f"{self.page.name} on {self.definition.name}"

    @functools.cached_property
    def snippets(self) -> list[Snippet]:
        """The page's steps on this machine."""
        return self.page.snippets_on(self.definition.name)

    @property
    def needs_no_machine(self) -> bool:
        """Whether none of its steps will run."""
        return bool(self.lacking) or nothing_runs_in(self.snippets)


def inputs_digest(job: Job, settings: Settings) -> str:
    """A digest of what a run depends on besides the page's steps and the machine's image."""
    asked = job.page.front_matter
    told = [
        asked.network,
        asked.timeout or settings.timeout,
        asked.requires,
        job.lacking,
        job.definition.settings.model_dump(exclude_defaults=True, exclude={"title"}),
        settings.memory,
        settings.processes,
        settings.output_limit,
    ]
    # Only where a site says so: records from before there was the word still hold.
    if settings.isolation != "auto":
        told.append(settings.isolation)
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
