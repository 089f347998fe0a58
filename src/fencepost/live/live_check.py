"""Checks pages as they are saved, in a thread."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fencepost.check.finish_run import finish_run
from fencepost.check.freshness import why_to_run
from fencepost.check.job import Job, inputs_digest
from fencepost.check.page_run import PageRun
from fencepost.check.site_check import jobs_of
from fencepost.check.unrunnable import judge_transcripts
from fencepost.errors import FencepostError
from fencepost.live.kept_sessions import KeptSessions, PageOnMachine
from fencepost.live.machines import Machines, are_alike, machines_of
from fencepost.live.saved_pages import SavedPages
from fencepost.machine.progress import ProgressLines
from fencepost.page.page import Page
from fencepost.record.model import Record
from fencepost.record.store import RecordStore
from fencepost.run_key import RunKey
from fencepost.site.site import Site
from fencepost.verdicts import Verdict

_END_SECONDS = 30
_WAIT_SECONDS = 0.2


class Log(Protocol):
    """Receives messages, as a `logging.Logger` does; called from several threads."""

    def info(self, text: str, /) -> None:
        """Report progress."""

    def warning(self, text: str, /) -> None:
        """Report a problem."""


@dataclass(frozen=True)
class _Task:
    """A page to check on a machine, or, with `up_to`, a session to run up to a step."""

    site: Site
    page: Page
    machine: str
    up_to: int | None = None

    @property
    def key(self) -> PageOnMachine:
        return PageOnMachine(self.page.path, self.machine)


class LiveCheck:
    """Checks the pages of a site as they are saved, one after the other, in a thread of its own.

    Args:
        log: receives progress and problems.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._saved = SavedPages()
        self._changed = threading.Condition()
        self._waiting: dict[PageOnMachine, _Task] = {}
        self._prepare: dict[PageOnMachine, _Task] = {}
        self._now: tuple[_Task, PageRun, int] | None = None
        self._checking = False
        self._working = False
        self._closing = False
        # Former pages with a machine.
        self._gone: set[Path] = set()
        # The sessions of the page that was edited last.
        self._kept = KeptSessions()
        # The pages that were checked, each with the digests that decide whether there is anything to run.
        self._checked: dict[PageOnMachine, tuple[Page, tuple[str, ...]]] = {}
        self._machines: Machines | None = None
        self._thread = threading.Thread(target=self._work, name="fencepost-live", daemon=True)
        self._thread.start()

    @property
    def included(self) -> set[str]:
        """The paths of the files that pages include."""
        return self._saved.included

    @property
    def at_work(self) -> list[str]:
        """A description of each task that runs or waits; empty when there is none."""
        with self._changed:
            running = []
            if self._now:
                task, run, number = self._now
                running = [f"{task.page.name} on {task.machine}: {run.job.snippets[number].id}"]
            elif self._working:
                running = ["preparing"]
            return running + [
                f"{task.page.name} on {task.machine}" for task in (*self._waiting.values(), *self._prepare.values())
            ]

    def look(self, site: Site) -> None:
        """Look for pages that were saved since the last call, and check them. The first call checks none."""
        seen = self._saved.look(site)
        for text in seen.problems:
            self._log.warning(text)
        for page in seen.saved:
            if page.note:
                self._log.warning(f"{page.name}: {page.note}")
        with self._changed:
            self._gone |= seen.gone
            self._gone -= {page.path for page in seen.saved}
            for tasks in (self._waiting, self._prepare):
                for key in [key for key in tasks if key.path in self._gone]:
                    del tasks[key]
            for page in seen.saved:
                for machine in page.front_matter.machines:
                    task = _Task(site, page, machine)
                    self._waiting[task.key] = task
            self._abort_outdated_step()
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until every page is checked; False if some seconds weren't enough."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._checking, seconds)

    def close(self) -> None:
        """End the thread, and remove every machine."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(_WAIT_SECONDS)
        # A step or a boot may take minutes: stop the fleet's machines. Repeatedly, because the thread may just be
        # opening one that the engine doesn't know yet.
        deadline = time.monotonic() + _END_SECONDS
        while self._thread.is_alive() and time.monotonic() < deadline:
            if self._machines:
                self._machines.fleet.stop()
            self._thread.join(_WAIT_SECONDS)
        self._kept.close()
        if self._machines:
            self._machines.close()

    def _abort_outdated_step(self) -> None:
        """Remove the machine of a running step whose result isn't needed any more: otherwise it may take minutes."""
        if not self._now:
            return
        task, run, number = self._now
        newer = self._waiting.get(task.key)
        if self._is_gone(task) or (
            newer
            and not (
                are_alike(newer.site, task.site)
                and run.fits(Job(newer.page, run.job.definition, run.job.image), number + 1)
            )
        ):
            threading.Thread(target=run.abort, daemon=True).start()

    def _is_gone(self, task: _Task) -> bool:
        return task.page.path in self._gone

    def _work(self) -> None:
        while task := self._next():
            try:
                if task.up_to is None:
                    self._check(task)
                else:
                    self._prepare_session(task, task.up_to)
            except FencepostError as error:
                self._warn(str(error))
            except Exception as error:  # go on with the next save
                self._warn(f"the live check failed: {error!r}")
            finally:
                with self._changed:
                    self._checking = self._working = False
                    self._now = None
                    self._changed.notify_all()

    def _next(self) -> _Task | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._prepare or self._closing)
            if self._closing:
                return None
            queue = self._waiting or self._prepare
            task = queue.pop(next(iter(queue)))
            self._working, self._checking = True, task.up_to is None
            return task

    def _check(self, task: _Task) -> None:
        judge_transcripts([task.page])
        machines, job = self._job(task)
        digests = (task.page.digest_on(task.machine), inputs_digest(job, task.site.settings), job.image.id)
        before, digests_before = self._checked.get(task.key, (None, None))
        if job.lacking or digests == digests_before:
            return
        store = RecordStore(task.site.records)
        if not why_to_run(job, store.read(RunKey(task.page.name, task.machine)), task.site.settings):
            return
        self._kept.drop_other_pages(task.page.path)
        run = self._kept.best(task.key, job, machines.fleet)
        known = len(run.results)
        finished = self._run(task, run, len(job.snippets))
        if finished and known and run.verdict is Verdict.ERROR:
            # The error may come from the kept session: try a new one.
            self._kept.drop(task.key)
            run, known = self._kept.best(task.key, job, machines.fleet), 0
            finished = self._run(task, run, len(job.snippets))
        if not finished:
            return
        record = finish_run(run, store, machines.packages, lambda: self._closing)
        self._report(record, known)
        if record.verdict is Verdict.ERROR:
            self._kept.drop(task.key)
            return
        self._checked[task.key] = task.page, digests
        edited = _first_change(before, task.page, task.machine)
        self._prepare[task.key] = _Task(task.site, task.page, task.machine, edited)

    def _prepare_session(self, task: _Task, number: int) -> None:
        """Have a session wait before a step."""
        if self._machines is None or not self._machines.fit(task.site):
            # The sessions are those of a newer version of the site.
            return
        machines, job = self._job(task)
        if not self._kept.has_one_before(task.key, job, number):
            run = PageRun(job, machines.fleet)
            self._kept.add(task.key, run)
            run.prepare()
            self._run(task, run, number)

    def _run(self, task: _Task, run: PageRun, number: int) -> bool:
        """Run a page up to a step; False if the page was saved again before it got there."""
        # Before the loop, which looks whether the page was saved meanwhile. An error here comes again with the step.
        with contextlib.suppress(FencepostError):
            run.prepare()
        for index in range(len(run.results), number):
            with self._changed:
                newer = task.key in self._waiting if task.up_to is None else self._waiting
                if self._closing or newer or self._is_gone(task):
                    return False
                self._now = (task, run, index)
            run.step(run.job.snippets[index])
        with self._changed:
            self._now = None
            return task.key not in self._waiting and not self._closing and not self._is_gone(task)

    def _job(self, task: _Task) -> tuple[Machines, Job]:
        site = task.site
        machines = self._machines
        if machines is None or not machines.fit(site):
            # The sessions ran with other settings or machines.
            self._kept.close()
            if machines:
                self._machines = None
                machines.close()
            self._machines = machines = machines_of(site, ProgressLines(self._log.info))
        (job,) = jobs_of(site, machines.fleet, [(task.page, [task.machine])])
        return machines, job

    def _warn(self, text: str) -> None:
        # Don't report errors that closing has caused.
        if not self._closing:
            self._log.warning(text)

    def _report(self, record: Record, known: int) -> None:
        passed, total, _ = record.counted
        seconds = sum(snippet.seconds for snippet in record.snippets[known:])
        done = f"{passed} of {total} steps" if record.ran else record.reason
        result = f"{record.page} on {record.machine}: {record.verdict}, {done}"
        self._log.info(f"{result}; {len(record.snippets) - known} run in {seconds:.1f} s, {known} still known")
        for snippet in record.snippets:
            if snippet.verdict.stops_the_page:
                at = snippet.failure or snippet
                self._log.warning(f"{at.file}:{at.line}: {snippet.verdict}: step `{snippet.id}`: {snippet.reason}")
            for note in snippet.notes:
                self._log.warning(f"{note.file}:{note.line}: {note.text}")


def _first_change(before: Page | None, page: Page, machine: str) -> int:
    """Return the number of the first step that was edited, counted from 0; that of the last one if it isn't known."""
    steps = page.snippets_on(machine)
    if before is None:
        return max(0, len(steps) - 1)
    for number, (old, new) in enumerate(zip(before.snippets_on(machine), steps, strict=False)):
        if not new.does_the_same_as(old):
            return number
    return max(0, min(len(steps), len(before.snippets_on(machine))) - 1)
