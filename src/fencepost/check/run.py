"""Checks a site: which pages have to run, on which machines, several at a time."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from fencepost.check.freshness import why_to_run
from fencepost.check.known_packages import KnownPackages
from fencepost.check.observer import Observer, OneAtATime
from fencepost.check.page_run import Job
from fencepost.check.transcripts import judge_transcripts
from fencepost.check.workers import Workers
from fencepost.errors import EngineError
from fencepost.machine.base import cache_folder
from fencepost.machine.engine import Engine
from fencepost.machine.fleet import Fleet
from fencepost.machine.image import NO_IMAGE
from fencepost.machine.lost import end_lost_containers
from fencepost.machine.owned import remove_left_behind
from fencepost.machine.vm.saved import remove_unfinished
from fencepost.page.page import Page
from fencepost.record.model import Record
from fencepost.record.store import RecordStore
from fencepost.site.site import Site
from fencepost.whole_files import remove_parts

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
    site: Site, pages: Collection[Page], engine: Engine, observer: Observer, options: CheckOptions
) -> list[Record]:
    """Runs what has to be run, writes the records, and tells every page's record, old or new, in short.

    Raises:
        ManyErrors, SiteError: before anything runs, for what is wrong with the pages or the call.
        EngineError: when a machine can't be built, or a record can't be written.
    """
    judge_transcripts(pages)
    wanted = _wanted_machines(site, pages, options)
    store = RecordStore(site.records)
    told = OneAtATime(observer)
    sweeper = threading.Thread(target=_sweep, args=(engine, site), daemon=True)
    sweeper.start()
    fleet = Fleet(engine, site.settings, told.say, warm=len(pages))
    records: list[Record] = []
    to_run: list[tuple[Job, str]] = []
    known: list[tuple[Job, Record]] = []
    for job in jobs_of(site, fleet, wanted):
        record = store.read(job.page.name, job.definition.name)
        why = "asked for" if options.fresh else why_to_run(job, record, site.settings, options.max_age_days)
        if why or record is None:
            to_run.append((job, why))
        else:
            known.append((job, record.in_short()))
    running = {job.page.name for job, _ in to_run}
    for job, record in known:
        # What is to be written into a page has to be right on all its machines.
        if options.goes_on and job.page.name in running:
            to_run.append((job, "its outputs are compared with those of the page's other machines"))
        else:
            records.append(record)
            told.page_holds(job, record)
    for path in store.unreadable:
        told.say(f"the record {path.name} can't be read: it is set aside, and its page runs again")
    if any(job.definition.settings.kind == "vm" for job, _ in to_run):
        # What a killed check left may still hold on to a saved machine.
        sweeper.join(_SWEEP_SECONDS)
    with (
        contextlib.closing(fleet),
        contextlib.closing(KnownPackages(engine, store)) as packages,
        contextlib.closing(Workers(fleet, store, told, to_run, packages, goes_on=options.goes_on)) as workers,
    ):
        packages.ask(job for job, _ in to_run)
        records += workers.run(options.jobs or site.settings.jobs or os.cpu_count() or 1)
    sweeper.join(_SWEEP_SECONDS if to_run else _SWEEP_SECONDS_WHEN_IDLE)
    return sorted(records, key=lambda record: (record.page, record.machine))


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


def _sweep(engine: Engine, site: Site) -> None:
    """Removes what checks that were killed have left."""
    for folder in (site.records, site.docs):
        remove_parts(folder)
    with contextlib.suppress(EngineError):
        remove_parts(cache_folder())
        remove_left_behind(engine)
        if engine.name == "podman":
            end_lost_containers()
        if any(definition.settings.kind == "vm" for definition in site.machines.values()):
            remove_unfinished(engine)
