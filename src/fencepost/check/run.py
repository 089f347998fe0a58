"""Checks a site: which pages have to run, on which machines, several at a time."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from fencepost.check.freshness import why_to_run
from fencepost.check.judge import StepResult
from fencepost.check.page_run import Job, PageRun
from fencepost.check.transcripts import judge_transcripts
from fencepost.errors import EngineError, SiteError, near
from fencepost.machine.base import Say
from fencepost.machine.container import remove_left_behind
from fencepost.machine.engine import Engine
from fencepost.machine.image import Image, provide_image
from fencepost.page.page import Page
from fencepost.record.model import Record
from fencepost.record.store import RecordStore
from fencepost.site.site import Site
from fencepost.verdicts import Verdict


class Observer(Protocol):
    """Who wants to know how a check goes on. Called from several threads, one call at a time."""

    def say(self, text: str) -> None:
        """Something that takes long has begun."""

    def page_begins(self, job: Job, why: str) -> None:
        """A page is run on a machine, for this reason."""

    def page_holds(self, job: Job, record: Record) -> None:
        """A page needn't be run: its record still holds."""

    def step_begins(self, job: Job, number: int) -> None:
        """A step of a page, counted from 0, is run."""

    def step_ends(self, job: Job, result: StepResult) -> None:
        """A step has its verdict."""

    def page_ends(self, job: Job, record: Record) -> None:
        """All steps of a page have theirs."""


@dataclass(frozen=True)
class CheckOptions:
    """How to check.

    Attributes:
        fresh: run every page, whatever its record says.
        max_age_days: records older than this don't count.
        machines: only on these; empty for every machine of each page.
        jobs: pages at a time; 0 for one a processor.
    """

    fresh: bool = False
    max_age_days: float | None = None
    machines: tuple[str, ...] = ()
    jobs: int = 0


def check_site(
    site: Site, pages: Collection[Page], engine: Engine, observer: Observer, options: CheckOptions
) -> list[Record]:
    """Runs what has to be run, writes the records, and tells every page's record, old or new.

    Raises:
        ManyErrors, SiteError: before anything runs, for what is wrong with the pages or the call.
        EngineError: when a machine can't be built, or a record can't be written.
    """
    judge_transcripts(pages)
    wanted = _wanted_machines(site, pages, options.machines)
    store = RecordStore(site.records)
    told = _OneAtATime(observer)
    sweeper = threading.Thread(target=_sweep, args=(engine,), daemon=True)
    sweeper.start()
    images = provide_images(site, engine, {name for _, names in wanted for name in names}, told.say)
    records: list[Record] = []
    to_run: list[tuple[Job, str]] = []
    for page, names in wanted:
        for name in names:
            job = Job(page, site.machines[name], images[name])
            record = store.read(page.name, name)
            why = "asked for" if options.fresh else why_to_run(job, record, site.settings, options.max_age_days)
            if why or record is None:
                to_run.append((job, why))
            else:
                records.append(record)
                told.page_holds(job, record)
    for path in store.set_aside:
        told.say(f"the record {path.name} can't be read: it is set aside, and its page runs again")
    with contextlib.closing(_Workers(site, engine, store, told, to_run)) as workers:
        records += workers.run(options.jobs or site.settings.jobs or os.cpu_count() or 1)
    sweeper.join(10)
    return sorted(records, key=lambda record: (record.page, record.machine))


def provide_images(site: Site, engine: Engine, names: Collection[str], say: Say) -> dict[str, Image]:
    """The images of machines, built where they are missing.

    Raises:
        EngineError: when one can't be built.
    """
    pull = site.settings.pull != "never"
    return {name: provide_image(engine, site.machines[name], pull=pull, say=say) for name in sorted(names)}


def _wanted_machines(site: Site, pages: Iterable[Page], only: Collection[str]) -> list[tuple[Page, tuple[str, ...]]]:
    for name in only:
        if name not in site.machines:
            raise SiteError(f"unknown machine `{name}`", near(name, sorted(site.machines)))
    wanted = []
    for page in pages:
        names = tuple(name for name in page.front_matter.machines if not only or name in only)
        if names:
            wanted.append((page, names))
    return wanted


def _sweep(engine: Engine) -> None:
    with contextlib.suppress(EngineError):
        remove_left_behind(engine)


class _OneAtATime:
    """Passes everything on to an observer, under a lock."""

    def __init__(self, observer: Observer) -> None:
        lock = threading.Lock()

        def locked(method: Callable[..., None]) -> Callable[..., None]:
            def call(*arguments: object) -> None:
                with lock:
                    method(*arguments)

            return call

        self.say: Say = locked(observer.say)
        self.page_begins = locked(observer.page_begins)
        self.page_holds = locked(observer.page_holds)
        self.step_begins = locked(observer.step_begins)
        self.step_ends = locked(observer.step_ends)
        self.page_ends = locked(observer.page_ends)


class _Workers:
    """Runs pages, several at a time. Each worker starts its next page's machine while it runs one."""

    def __init__(
        self, site: Site, engine: Engine, store: RecordStore, told: Observer, jobs: list[tuple[Job, str]]
    ) -> None:
        self._site = site
        self._engine = engine
        self._store = store
        self._told = told
        self._queue: queue.SimpleQueue[tuple[Job, str]] = queue.SimpleQueue()
        for item in jobs:
            self._queue.put(item)
        self._count = len(jobs)
        self._stop = threading.Event()
        self._runs: set[PageRun] = set()
        self._closers = ThreadPoolExecutor(4, thread_name_prefix="fencepost-close")

    def run(self, workers: int) -> list[Record]:
        """Runs all pages; their records."""
        with ThreadPoolExecutor(max(1, min(workers, self._count)), thread_name_prefix="fencepost") as pool:
            futures = [pool.submit(self._work) for _ in range(min(workers, self._count))]
            try:
                return [record for future in futures for record in future.result()]
            except BaseException:
                self._stop.set()
                # A worker may be in the middle of a step that takes minutes: without its machine it ends at once.
                for run in list(self._runs):
                    run.abort()
                raise

    def close(self) -> None:
        """Removes every machine that is still there."""
        for run in list(self._runs):
            self._closers.submit(run.close)
        self._closers.shutdown()

    def _work(self) -> list[Record]:
        records = []
        following = self._next()
        while following and not self._stop.is_set():
            (run, why), following = following, self._next()
            try:
                records.append(self._run_page(run, why))
            finally:
                self._closers.submit(self._close, run)
        return records

    def _next(self) -> tuple[PageRun, str] | None:
        try:
            job, why = self._queue.get_nowait()
        except queue.Empty:
            return None
        run = PageRun(job, self._engine, self._site.settings)
        self._runs.add(run)
        # An engine that fails here fails again with the first step, which then tells.
        with contextlib.suppress(EngineError):
            run.prepare()
        return run, why

    def _run_page(self, run: PageRun, why: str) -> Record:
        self._told.page_begins(run.job, why)
        for number, snippet in enumerate(run.job.snippets):
            if self._stop.is_set():
                break
            self._told.step_begins(run.job, number)
            self._told.step_ends(run.job, run.step(snippet))
        record = run.record()
        # An error says nothing about the page: what was known of it stays.
        if record.verdict is not Verdict.ERROR and not self._stop.is_set():
            self._store.write(record)
        self._told.page_ends(run.job, record)
        return record

    def _close(self, run: PageRun) -> None:
        run.close()
        self._runs.discard(run)
