"""Divides the pages of a site among several computers, so that all of them are done at about the same time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from statistics import median

from fencepost.check.even_halves import even_halves
from fencepost.check.nothing import nothing_runs_in
from fencepost.page.page import Page
from fencepost.record.store import RecordStore

# A page on a machine.
_Job = tuple[str, str]

# For a site that was never run: all pages alike.
_UNKNOWN_SECONDS = 10.0
# Of the longer of two shards: what is won by less isn't worth the search. Recorded times vary by more.
_WORTH = 0.005
# How many ways are tried where pages times shards are few; where they are many, the first is as good.
_TURNS, _FEW = 16, 10_000


@dataclass
class Shard:
    """What one of the computers does.

    Attributes:
        seconds: how long that took the last time.
        jobs: pages, each with a machine.
    """

    seconds: float = 0.0
    jobs: list[_Job] = field(default_factory=list)

    @property
    def arguments(self) -> list[str]:
        """The arguments of `fencepost check`."""
        return [f"{page}@{machine}" for page, machine in self.jobs]


def shards_of(pages: Iterable[Page], store: RecordStore, number: int) -> list[Shard]:
    """At most so many shards, none of them empty; always the same ones for the same records.

    What a page takes on a machine is what it took there the last time; see `_expected` for one that was never run. No
    two shards could be divided between them so that the longer one got shorter by more than a hundredth, and none has
    more to do than a third above the best that is possible. A page is never cut in two: one that takes longer than an
    even share makes its shard the longest, whatever the others get.
    """
    every = {
        (page.name, machine): nothing_runs_in(page.snippets_on(machine))
        for page in pages
        for machine in page.front_matter.machines
    }
    # A check of pages in which nothing runs has nothing to do, and complains: they go with others.
    jobs = [job for job, idle in every.items() if not idle]
    idle = [job for job, idle in every.items() if idle] if jobs else []
    jobs = jobs or list(every)
    if not jobs:
        return []
    seconds = _expected(jobs, store)
    number = min(number, len(jobs))
    best_possible = max(sum(seconds.values()) / number, *seconds.values())
    # The longest first is the best order for nearly every site. Where it isn't good enough, others may be better; the
    # same ones each time.
    best: list[Shard] = []
    for turn in range(_TURNS if len(jobs) * number <= _FEW else 1):
        chance = Random(turn)
        order = {job: seconds[job] * chance.uniform(1, 1 + turn) for job in sorted(jobs)}
        shards = _divided(sorted(jobs, key=lambda job: (-order[job], job)), seconds, number)
        if not best or _longest(shards) < _longest(best):
            best = shards
        if _longest(best) <= best_possible * (1 + _WORTH):
            break
    best[0].jobs += idle
    for shard in best:
        shard.jobs.sort()
    return best


def _divided(jobs: Iterable[_Job], seconds: Mapping[_Job, float], number: int) -> list[Shard]:
    """Each job, in this order, to whoever has least to do; then two shards at a time are evened out."""
    shards = [Shard() for _ in range(number)]
    for job in jobs:
        shard = min(shards, key=lambda shard: (shard.seconds, len(shard.jobs)))
        shard.jobs.append(job)
        shard.seconds += seconds[job]
    # The longer of a pair gets shorter by a share of itself, or nothing changes: this comes to an end.
    while sum(_even_out(pair, seconds) for pair in combinations(shards, 2)):
        pass
    return shards


def _longest(shards: Iterable[Shard]) -> float:
    return max(shard.seconds for shard in shards)


def _even_out(pair: tuple[Shard, Shard], seconds: Mapping[_Job, float]) -> bool:
    """Divides two shards anew, where that makes the longer of them shorter by what is worth it; whether it did."""
    shorter, longer = sorted(pair, key=lambda shard: shard.seconds)
    worth_it = longer.seconds * (1 - _WORTH)
    best_possible = max((longer.seconds + shorter.seconds) / 2, *(seconds[job] for job in longer.jobs))
    if best_possible >= worth_it:
        return False
    halves = even_halves(sorted(longer.jobs + shorter.jobs), seconds)
    lengths = [sum(seconds[job] for job in half) for half in halves]
    if not all(halves) or max(lengths) >= worth_it:
        return False
    (longer.jobs, shorter.jobs), (longer.seconds, shorter.seconds) = halves, lengths
    return True


def _expected(jobs: Collection[_Job], store: RecordStore) -> dict[_Job, float]:
    """How long each page is expected to take on each of its machines.

    One that was never run there takes as long as it took on its other machines of the same kind, containers or virtual
    ones; failing that, as long as pages usually take on that machine, or on any.
    """
    records = {job: record for job in jobs if (record := store.read(*job))}
    virtual = {machine for (_, machine), record in records.items() if record.accelerator}
    ran_on = {machine for _, machine in records}
    by_page: dict[tuple[str, bool], list[float]] = {}
    by_machine: dict[str, list[float]] = {}
    for (page, machine), record in records.items():
        by_page.setdefault((page, machine in virtual), []).append(record.seconds)
        by_machine.setdefault(machine, []).append(record.seconds)
    usual = median(record.seconds for record in records.values()) if records else _UNKNOWN_SECONDS

    def guess(page: str, machine: str) -> float:
        # Of a machine on which nothing ever ran nobody knows the kind: most are containers.
        alike = by_page.get((page, machine in virtual)) or (machine not in ran_on and by_page.get((page, True)))
        return median(alike or by_machine.get(machine) or [usual])

    return {job: records[job].seconds if job in records else guess(*job) for job in jobs}
