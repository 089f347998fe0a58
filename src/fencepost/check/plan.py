"""Divides the pages of a site among several computers, so that all of them are done at about the same time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from fencepost.page.page import Page
from fencepost.record.store import RecordStore

# For a site that was never run: all pages alike.
_UNKNOWN_SECONDS = 10.0


@dataclass
class Shard:
    """What one of the computers does.

    Attributes:
        seconds: how long that took the last time.
        jobs: pages, each with a machine.
    """

    seconds: float = 0.0
    jobs: list[tuple[str, str]] = field(default_factory=list)

    @property
    def arguments(self) -> list[str]:
        """The arguments of `fencepost check`."""
        return [f"{page}@{machine}" for page, machine in self.jobs]


def shards_of(pages: Iterable[Page], store: RecordStore, number: int) -> list[Shard]:
    """At most so many shards, none of them empty; always the same ones for the same records.

    A page that was never run counts as much as the middle one of those that were.
    """
    jobs = [(page.name, machine) for page in pages for machine in page.front_matter.machines]
    known = {job: record.seconds for job in jobs if (record := store.read(*job))}
    usual = median(known.values()) if known else _UNKNOWN_SECONDS
    shards = [Shard() for _ in range(min(number, len(jobs)))]
    # The longest first, each to whoever has least to do.
    for job in sorted(jobs, key=lambda job: (-known.get(job, usual), job)):
        shard = min(shards, key=lambda shard: (shard.seconds, len(shard.jobs)))
        shard.jobs.append(job)
        shard.seconds += known.get(job, usual)
    for shard in shards:
        shard.jobs.sort()
    return shards
