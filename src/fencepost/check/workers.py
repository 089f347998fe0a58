"""Runs pages, several at a time, while their machines are made."""

from __future__ import annotations

import contextlib
import itertools
import queue
import threading
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Any

from fencepost.check.finish_run import finish_run
from fencepost.check.job import Job
from fencepost.check.known_packages import KnownPackages
from fencepost.check.observer import LockedObserver
from fencepost.check.page_run import PageRun
from fencepost.errors import FencepostError
from fencepost.machine.fleet import Fleet
from fencepost.record.model import Record
from fencepost.record.store import RecordStore

_WAITS_SECONDS = 0.2
# Behind the jobs in containers, 0, and in virtual machines, 1.
_LAST = 2


@dataclass(order=True)
class _Queued:
    """An item of the queue: a job with the reason to run it, or `None` for the end of the queue."""

    priority: int
    number: int = 0
    work: tuple[Job, str] | None = field(default=None, compare=False)


class Workers:
    """Runs pages. Each worker starts its next page's machine while it runs one.

    A page is queued as soon as its machine is ready. Of those in the queue, pages in containers come first.

    Args:
        fleet: opens machines.
        store: where records go.
        observer: receives the progress.
        jobs: the jobs, each with the reason to run it.
        packages: the packages of the machines' images.
        goes_on: see `PageRun`.
    """

    def __init__(
        self,
        fleet: Fleet,
        store: RecordStore,
        observer: LockedObserver,
        jobs: list[tuple[Job, str]],
        packages: KnownPackages,
        *,
        goes_on: bool = False,
    ) -> None:
        self._fleet = fleet
        self._store = store
        self._observer = observer
        self._jobs = jobs
        self._packages = packages
        self._goes_on = goes_on
        self._queue: queue.PriorityQueue[_Queued] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._stop = threading.Event()
        self._runs: set[PageRun] = set()
        self._closers = ThreadPoolExecutor(4, thread_name_prefix="fencepost-close")

    def run(self, workers: int) -> list[Record]:
        """Run all pages, `workers` at a time, and return their records, `in_short`."""
        workers = max(1, min(workers, len(self._jobs)))
        with ThreadPoolExecutor(workers + 1, thread_name_prefix="fencepost") as pool:
            preparing = pool.submit(self._hand_out)
            futures = [pool.submit(self._work) for _ in range(workers)]
            threads: list[Future[Any]] = [preparing, *futures]
            try:
                # Wait in short turns: a Ctrl-C that reaches another thread doesn't wake this one.
                while (waited := wait(threads, _WAITS_SECONDS, FIRST_EXCEPTION)).not_done:
                    for future in waited.done:
                        future.result()
                records = [record for future in futures for record in future.result()]
                preparing.result()
            except BaseException:
                self._stop.set()
                # A worker's step may take minutes: stop the fleet's machines. Repeatedly, because a worker may just be
                # opening one that the engine doesn't know yet.
                while not all(thread.done() for thread in threads):
                    self._fleet.stop()
                    wait(threads, _WAITS_SECONDS)
                raise
        return records

    def close(self) -> None:
        """Remove every remaining machine."""
        for run in list(self._runs):
            self._closers.submit(run.close)
        self._closers.shutdown()

    def _hand_out(self) -> None:
        """Queue jobs as soon as their machines are ready."""
        try:
            waiting: dict[str, list[tuple[Job, str]]] = {}
            for job, why in self._jobs:
                # The record of a page in which nothing runs has its machine's image, too.
                if job.lacking or (job.image.id and (job.needs_no_machine or not _is_virtual(job))):
                    self._put(job, why)
                else:
                    waiting.setdefault(job.definition.name, []).append((job, why))
            for definition, image in self._fleet.make_all(jobs[0][0].definition for jobs in waiting.values()):
                for job, why in waiting[definition.name]:
                    if isinstance(image, FencepostError):
                        self._put(replace(job, machine_error=image), why)
                    else:
                        self._put(replace(job, image=image), why)
        finally:
            self._queue.put(_Queued(_LAST))

    def _put(self, job: Job, why: str) -> None:
        self._queue.put(_Queued(int(_is_virtual(job)), next(self._numbers), (job, why)))

    def _work(self) -> list[Record]:
        records = []
        following = self._next(wait=True)
        while following and not self._stop.is_set():
            run, why = following
            # While a virtual machine is busy, another worker may be free sooner.
            following = None if _is_virtual(run.job) else self._next(wait=False)
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
        if item.work is None:
            self._queue.put(item)
            return None
        job, why = item.work
        run = PageRun(job, self._fleet, goes_on=self._goes_on)
        self._runs.add(run)
        network = job.page.front_matter.network
        # An error of the engine here comes again with the first step.
        if not (job.needs_no_machine or self._fleet.opens_at_once(job.definition, network=network)):
            with contextlib.suppress(FencepostError):
                run.prepare()
        return run, why

    def _run_page(self, run: PageRun, why: str) -> Record:
        opens_none = run.job.needs_no_machine or run.job.machine_error
        with contextlib.nullcontext() if opens_none else self._fleet.turn(run.job.definition):
            return self._run_steps(run, why)

    def _run_steps(self, run: PageRun, why: str) -> Record:
        self._observer.page_begins(run.job, why)
        for number, snippet in enumerate(run.job.snippets):
            if self._stop.is_set():
                break
            self._observer.step_begins(run.job, number)
            self._observer.step_ends(run.job, run.step(snippet))
        record = finish_run(run, self._store, self._packages, self._stop.is_set)
        self._observer.page_ends(run.job, record)
        return record

    def _close(self, run: PageRun) -> None:
        run.close()
        self._runs.discard(run)


def _is_virtual(job: Job) -> bool:
    return job.definition.settings.kind == "vm"
