"""Checks a site: which pages have to run, on which machines, several at a time."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from fencepost.check.freshness import why_to_run
from fencepost.check.head_start import HeadStart
from fencepost.check.job import Job
from fencepost.check.known_packages import KnownPackages
from fencepost.check.observer import Observer, OneAtATime
from fencepost.check.unrunnable import judge_transcripts
from fencepost.check.workers import Workers
from fencepost.machine.fleet import Fleet
from fencepost.machine.image import NO_IMAGE
from fencepost.page.page import Page
from fencepost.record.model import Record
from fencepost.record.store import RecordStore
from fencepost.site.site import Site

_SWEEP_SECONDS = 20
# Where nothing has run, nobody waits long: the next check looks again.
_SWEEP_SECONDS_WHEN_IDLE = 1


@dataclass(frozen=True)
class CheckOptions:
    """How to check.

    Attributes:
        fresh: run every page, whatever its record says.
        max_age_days: records older than this don't count.
        machines: only on these; empty for every machine of each page.
        only: for some pages, by their names: only on these.
        jobs: pages at a time; 0 for one a processor.
        goes_on: run the steps behind a transcript that prints something else than the page shows.
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
    """Runs what has to be run, writes the records, and tells every page's record, old or new, in short.

    Args:
        site: the site.
        pages: those of its pages that are to be checked.
        begun: what was begun for that site, on the engine that runs its machines.
        observer: is told what happens.
        options: how to check.

    Raises:
        ManyErrors, SiteError: before anything runs, for what is wrong with the pages or the call.
        EngineError: when a machine can't be built, or the disk is full.
        SiteError: when a record can't be written for other reasons.
    """
    judge_transcripts(pages)
    wanted = _wanted_machines(site, pages, options)
    store = RecordStore(site.records)
    told = OneAtATime(observer)
    fleet = Fleet(begun.engine, site.settings, told.say, warm=len(pages), at_hand=begun.images)
    records: list[Record] = []
    to_run: list[tuple[Job, str]] = []
    known: list[tuple[Job, Record]] = []
    for job in jobs_of(site, fleet, wanted):
        record = store.read(job.key)
        why = "asked for" if options.fresh else why_to_run(job, record, site.settings, options.max_age_days)
        if why or record is None:
            to_run.append((job, why))
        else:
            # The page may have got other lines since.
            lines = {snippet.id: snippet.opening.line for snippet in job.snippets}
            known.append((job, record.moved_to(lines).in_short()))
    running = {job.page.name for job, _ in to_run}
    for job, record in known:
        # What is to be written into a page has to be right on all its machines.
        if options.goes_on and job.page.name in running:
            to_run.append((job, "its outputs are compared with those of the page's other machines"))
        else:
            records.append(record)
            told.page_holds(job, record)
    for path in store.unreadable:
        told.say(f"the record {path.name} can't be read, and its page runs again")
    if any(job.definition.settings.kind == "vm" for job, _ in to_run):
        # What a killed check left may still hold on to a saved machine.
        begun.wait_until_swept(_SWEEP_SECONDS)
    with (
        contextlib.closing(fleet),
        contextlib.closing(KnownPackages(begun.engine, store)) as packages,
        contextlib.closing(Workers(fleet, store, told, to_run, packages, goes_on=options.goes_on)) as workers,
    ):
        packages.ask(job for job, _ in to_run)
        records += workers.run(options.jobs or site.settings.jobs or os.cpu_count() or 1)
    begun.wait_until_swept(_SWEEP_SECONDS if to_run else _SWEEP_SECONDS_WHEN_IDLE)
    return sorted(records, key=lambda record: record.key)


def jobs_of(site: Site, fleet: Fleet, wanted: Iterable[tuple[Page, Iterable[str]]]) -> list[Job]:
    """The jobs that pages and the names of their machines come to; images are built where they are missing.

    Raises:
        EngineError: when one can't be built.
    """
    jobs = []
    for page, names in wanted:
        for name in names:
            definition = site.machines[name]
            lacking = fleet.lacking(definition, page.front_matter.requires)
            jobs.append(Job(page, definition, NO_IMAGE if lacking else fleet.image(definition), lacking))
    return jobs


def _wanted_machines(site: Site, pages: Iterable[Page], options: CheckOptions) -> list[tuple[Page, tuple[str, ...]]]:
    for name in options.machines:
        site.machine(name)
    wanted = []
    for page in pages:
        asked = options.only.get(page.name, page.front_matter.machines)
        names = tuple(
            name
            for name in page.front_matter.machines
            if name in asked and (not options.machines or name in options.machines)
        )
        if names:
            wanted.append((page, names))
    return wanted
