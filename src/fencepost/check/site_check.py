"""Checks a site: finds the pages that have to run, and runs several at a time."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from fencepost.check.announcement import announcement
from fencepost.check.freshness import why_to_run
from fencepost.check.head_start import HeadStart
from fencepost.check.job import Job
from fencepost.check.known_packages import KnownPackages
from fencepost.check.observer import LockedObserver, Observer
from fencepost.check.unrunnable import judge_transcripts
from fencepost.check.workers import Workers
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.fleet import Fleet
from fencepost.machine.image import NO_IMAGE, Image
from fencepost.page.page import Page
from fencepost.record.model import Record
from fencepost.record.store import RecordStore
from fencepost.site.site import Site

_SWEEP_SECONDS = 20
# If nothing has run, don't wait long: the next check sweeps again.
_SWEEP_SECONDS_WHEN_IDLE = 1


@dataclass(frozen=True)
class CheckOptions:
    """How to check.

    Attributes:
        fresh: run every page, even if its record holds.
        max_age_days: run pages whose record is older.
        machines: the machines to run on; empty for every machine of each page.
        only: the machines to run some pages on, by the page's name.
        jobs: pages at a time; 0 for one per processor.
        goes_on: see `PageRun`.
    """

    fresh: bool = False
    max_age_days: float | None = None
    machines: tuple[str, ...] = ()
    only: Mapping[str, Collection[str]] = field(default_factory=dict)
    jobs: int = 0
    goes_on: bool = False


def check_site(
    site: Site,
    pages: Collection[Page],
    begun: HeadStart,
    observer: Observer,
    options: CheckOptions,
) -> list[Record]:
    """Run the pages that have to run, write their records, and return every page's record, old or new, `in_short`.

    Args:
        site: the site.
        pages: the pages to check.
        begun: the site's head start, with the engine that runs its machines.
        observer: receives the progress.
        options: how to check.

    Raises:
        ManyErrors, SiteError: before anything runs, for mistakes in the pages or the call.
        EngineError: when the engine doesn't answer, or the disk is full.
        SiteError: when a record can't be written for other reasons.
    """
    judge_transcripts(pages)
    selected = _selected_machines(site, pages, options)
    store = RecordStore(site.records)
    locked = LockedObserver(observer)
    fleet = Fleet(begun.engine, site.settings, locked, warm=len(pages), at_hand=begun.images)
    records: list[Record] = []
    to_run: list[tuple[Job, str]] = []
    known: list[tuple[Job, Record]] = []
    for job in jobs_of(site, fleet, selected, fleet.image_at_hand):
        record = store.read(job.key)
        why = "asked for" if options.fresh else why_to_run(job, record, site.settings, options.max_age_days)
        if why or record is None:
            to_run.append((job, why))
        else:
            # The steps may have moved to other lines since.
            lines = {snippet.id: snippet.opening.line for snippet in job.snippets}
            known.append((job, record.moved_to(lines).in_short()))
    running = {job.page.name for job, _ in to_run}
    for job, record in known:
        # An output that is written into a page has to be right on all its machines.
        if options.goes_on and job.page.name in running:
            to_run.append((job, "its outputs are compared with those of the page's other machines"))
        else:
            records.append(record)
            locked.page_holds(job, record)
    for path in store.unreadable:
        locked.say(f"the record {path.name} can't be read, and its page runs again")
    if any(job.definition.settings.kind == "vm" for job, _ in to_run):
        # The containers of a killed check may still use a saved machine.
        begun.wait_until_swept(_SWEEP_SECONDS)
    with (
        contextlib.closing(fleet),
        contextlib.closing(KnownPackages(begun.engine, store)) as packages,
        contextlib.closing(Workers(fleet, store, locked, to_run, packages, goes_on=options.goes_on)) as workers,
    ):
        at_a_time = options.jobs or site.settings.jobs or os.cpu_count() or 1
        if announced := announcement([job for job, _ in to_run], fleet, at_a_time):
            locked.say(announced)
        packages.ask(job for job, _ in to_run)
        records += workers.run(at_a_time)
    begun.wait_until_swept(_SWEEP_SECONDS if to_run else _SWEEP_SECONDS_WHEN_IDLE)
    return sorted(records, key=lambda record: record.key)


def jobs_of(
    site: Site,
    fleet: Fleet,
    pages: Iterable[tuple[Page, Iterable[str]]],
    image_of: Callable[[MachineDefinition], Image] | None = None,
) -> list[Job]:
    """Return a job for each of some pages on each of some machines.

    Args:
        site: the site.
        fleet: its machines.
        pages: the pages, each with the names of its machines.
        image_of: returns the image of a machine; by default it is built if it is missing.

    Raises:
        EngineError: when an image can't be built.
    """
    image_of = image_of or fleet.image
    images: dict[str, Image] = {}
    jobs = []
    for page, names in pages:
        for name in names:
            definition = site.machines[name]
            lacking = fleet.lacking(definition, page.front_matter.requires)
            if not lacking and name not in images:
                images[name] = image_of(definition)
            jobs.append(Job(page, definition, NO_IMAGE if lacking else images[name], lacking))
    return jobs


def _selected_machines(site: Site, pages: Iterable[Page], options: CheckOptions) -> list[tuple[Page, tuple[str, ...]]]:
    for name in options.machines:
        site.machine(name)
    selected = []
    for page in pages:
        only = options.only.get(page.name, page.front_matter.machines)
        names = tuple(
            name
            for name in page.front_matter.machines
            if name in only and (not options.machines or name in options.machines)
        )
        if names:
            selected.append((page, names))
    return selected
