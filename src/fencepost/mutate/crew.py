"""Does tasks, several at a time."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass

from fencepost.errors import EngineError
from fencepost.machine.fleet import Fleet
from fencepost.machine.image import Image
from fencepost.mutate.judging import Red
from fencepost.mutate.mutant import Edit
from fencepost.mutate.standing import Files
from fencepost.mutate.trial import Trials
from fencepost.page.page import Page
from fencepost.site.site import Site

_WAITS_SECONDS = 0.2


@dataclass(frozen=True)
class Task:
    """A page to check.

    Attributes:
        name: how reports call it.
        page: the page, unbroken.
        files: the lines of the files that hold its steps.
        machine: the machine's name.
        image: the machine's image.
        edit: how the page is broken, if it is.
        done: takes the first failure, and returns what that means, as text.
    """

    name: str
    page: Page
    files: Files
    machine: str
    image: Image
    edit: Edit | None
    done: Callable[[Red | None], str]


@dataclass(frozen=True)
class Done:
    """A task that is done.

    Attributes:
        task: the task.
        meaning: what its result means.
        seconds: how long it took.
        left: how many tasks are waiting.
    """

    task: Task
    meaning: str
    seconds: float
    left: int


class Crew:
    """Workers, and the tasks that they have to do.

    Args:
        site: the site.
        fleet: where machines come from.
        workers: how many tasks to do at a time.
        report: called after each task, one call at a time.

    Attributes:
        troubles: what could not be judged, a sentence each.
    """

    def __init__(self, site: Site, fleet: Fleet, *, workers: int, report: Callable[[Done], object]) -> None:
        self.troubles: list[str] = []
        self._site = site
        self._fleet = fleet
        self._workers = workers
        self._report = report
        self._waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._reporting = threading.Lock()

    def add(self, task: Task) -> None:
        """Add a task; also from the `done` of another one."""
        self._waiting.put(task)

    def work(self, tasks: Iterable[Task]) -> None:
        """Do these tasks in order, and those that are added meanwhile."""
        for task in tasks:
            self.add(task)
        count = self._workers
        with ThreadPoolExecutor(count) as closers, ThreadPoolExecutor(count) as pool:
            trials = Trials(self._site, self._fleet, lambda run: closers.submit(run.close))
            futures = [pool.submit(self._go_on, trials) for _ in range(count)]
            try:
                # In short waits: a Ctrl-C may reach another thread, and wakes this one only then.
                while (waited := wait(futures, _WAITS_SECONDS, FIRST_EXCEPTION)).not_done:
                    for future in waited.done:
                        future.result()
                for future in futures:
                    future.result()
            except BaseException:
                self._stop.set()
                trials.stop()
                # A worker may be in the middle of a step that takes minutes; without its machine the step ends at once.
                while not all(future.done() for future in futures):
                    self._fleet.stop()
                    wait(futures, _WAITS_SECONDS)
                raise

    def _go_on(self, trials: Trials) -> None:
        while not self._stop.is_set():
            with suppress(queue.Empty):
                self._do(trials, self._waiting.get(block=False))
                continue
            return

    def _do(self, trials: Trials, task: Task) -> None:
        began = time.monotonic()
        try:
            red = trials.check(task.page, task.files, task.machine, task.image, task.edit)
        except EngineError as error:
            if not self._stop.is_set():
                self.troubles.append(f"{task.name} on {task.machine}: {error}")
            return
        if self._stop.is_set():
            # What goes red now does so because its machine was taken away.
            return
        meaning = task.done(red)
        with self._reporting:
            self._report(Done(task, meaning, time.monotonic() - began, self._waiting.qsize()))
