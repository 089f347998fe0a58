"""Runs pages, several at a time, on machines that are made ready meanwhile."""

from __future__ import annotations

import contextlib
import queue
import threading
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import Any

from fencepost.check.finish_run import finish_run
from fencepost.check.job import Job
from fencepost.check.known_packages import KnownPackages
from fencepost.check.observer import OneAtATime
from fencepost.check.page_run import PageRun
from fencepost.errors import FencepostError
from fencepost.machine.fleet import Fleet
from fencepost.record.model import Record
from fencepost.record.store import RecordStore

_WAITS_SECONDS = 0.2


class Workers:
    """Runs pages. Each worker starts its next page's machine while it runs one.

    Pages in containers come first: meanwhile a thread boots the virtual machines that haven't been, one after the
    other, and hands over the pages of each.

    Args:
        fleet: where machines come from.
        store: where records go.
        told: is told how it goes on.
        jobs: the pages, and why each is run.
        packages: what the machines have.
        goes_on: see `PageRun`.
    """

    def __init__(
        self,
        fleet: Fleet,
        store: RecordStore,
        told: OneAtATime,
        jobs: list[tuple[Job, str]],
        packages: KnownPackages,
        *,
        goes_on: bool = False,
    ) -> None:
        self._fleet = fleet
        self._store = store
        self._told = told
        self._jobs = jobs
        self._packages = packages
        self._goes_on = goes_on
        # An empty one is the end.
        self._queue: queue.SimpleQueue[tuple[Job, str] | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._runs: set[PageRun] = set()
        self._closers = ThreadPoolExecutor(4, thread_name_prefix="fencepost-close")

    def run(self, workers: int) -> list[Record]:
        """Runs all pages, so many at a time; their records, in short."""
        workers = max(1, min(workers, len(self._jobs)))
        with ThreadPoolExecutor(workers + 1, thread_name_prefix="fencepost") as pool:
            preparing = pool.submit(self._hand_out)
            futures = [pool.submit(self._work) for _ in range(workers)]
            threads: list[Future[Any]] = [preparing, *futures]
            try:
                # In short waits: a Ctrl-C may reach another thread, and wakes this one only then.
                while (waited := wait(threads, _WAITS_SECONDS, FIRST_EXCEPTION)).not_done:
                    for future in waited.done:
                        future.result()
                records = [record for future in futures for record in future.result()]
                preparing.result()
            except BaseException:
                self._stop.set()
                # A worker may be in the middle of a step that takes minutes: without its machine it ends at once. Or it
                # is just opening one, which the engine will know of only in a moment.
                while not all(thread.done() for thread in threads):
                    self._fleet.stop()
                    wait(threads, _WAITS_SECONDS)
                raise
        return records

    def close(self) -> None:
        """Removes every machine that is still there."""
        for run in list(self._runs):
            self._closers.submit(run.close)
        self._closers.shutdown()

    def _hand_out(self) -> None:
        """Puts jobs into the queue as soon as their machines are ready."""
        try:
            waiting: dict[str, list[tuple[Job, str]]] = {}
            for job, why in self._jobs:
                if job.needs_no_machine or job.definition.settings.kind == "container":
                    self._queue.put((job, why))
                else:
                    waiting.setdefault(job.definition.name, []).append((job, why))
            for jobs in waiting.values():
                if self._stop.is_set():
                    break
                # What goes wrong here is told again by each page's first step.
                with contextlib.suppress(FencepostError):
                    self._fleet.make_ready(jobs[0][0].definition, jobs[0][0].image)
                for item in jobs:
                    self._queue.put(item)
        finally:
            self._queue.put(None)

    def _work(self) -> list[Record]:
        records = []
        following = self._next(wait=True)
        while following and not self._stop.is_set():
            run, why = following
            following = self._next(wait=False)
            try:
                records.append(self._run_page(run, why).in_short())
            finally:
                if run.closes_at_once:
                    self._close(run)
                else:
                    self._closers.submit(self._close, run)
            following = following or self._next(wait=True)
        return records

    def _next(self, *, wait: bool) -> tuple[PageRun, str] | None:
        try:
            item = self._queue.get(block=wait)
        except queue.Empty:
            return None
        if item is None:
            self._queue.put(None)
            return None
        job, why = item
        run = PageRun(job, self._fleet, goes_on=self._goes_on)
        self._runs.add(run)
        network = job.page.front_matter.network
        # An engine that fails here fails again with the first step, which then tells.
        if not (job.needs_no_machine or self._fleet.opens_at_once(job.definition, network=network)):
            with contextlib.suppress(FencepostError):
                run.prepare()
        return run, why

    def _run_page(self, run: PageRun, why: str) -> Record:
        with contextlib.nullcontext() if run.job.needs_no_machine else self._fleet.turn(run.job.definition):
            return self._run_steps(run, why)

    def _run_steps(self, run: PageRun, why: str) -> Record:
        self._told.page_begins(run.job, why)
        for number, snippet in enumerate(run.job.snippets):
            if self._stop.is_set():
                break
            self._told.step_begins(run.job, number)
            self._told.step_ends(run.job, run.step(snippet))
        record = finish_run(run, self._store, self._packages, self._stop.is_set)
        self._told.page_ends(run.job, record)
        return record

    def _close(self, run: PageRun) -> None:
        run.close()
        self._runs.discard(run)
