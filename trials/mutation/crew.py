"""Runs tasks, several at a time, each on a copy of the site of its own."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from fencepost.errors import EngineError
from fencepost.machine.fleet import Fleet
from fencepost.machine.image import Image
from trials.mutation.judging import Red
from trials.mutation.mutant import Edit
from trials.mutation.site_copy import SiteCopy
from trials.mutation.trial import Trials

_WAITS_SECONDS = 0.2


@dataclass(frozen=True)
class Task:
    """A page to check.

    Attributes:
        name: its name in reports.
        page: the page's name.
        machine: the machine's name.
        image: the machine's image.
        edit: the edit that breaks the page; `None` for an unbroken page.
        done: called with the first red verdict, if there was one; returns what it means.
    """

    name: str
    page: str
    machine: str
    image: Image
    edit: Edit | None
    done: Callable[[Red | None], str]


class Crew:
    """Workers and their tasks.

    Args:
        root: the site's folder.
        fleet: provides the machines.
        workers: the number of workers.

    Attributes:
        troubles: a sentence for each task that couldn't be judged.
    """

    def __init__(self, root: Path, fleet: Fleet, *, workers: int) -> None:
        self.troubles: list[str] = []
        self._root = root
        self._fleet = fleet
        self._workers = workers
        self._waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._print = threading.Lock()

    def add(self, task: Task) -> None:
        """Add a task. The `done` of another task may call this too."""
        self._waiting.put(task)

    def work(self, tasks: Iterable[Task]) -> None:
        """Run these tasks in order, and those that are added meanwhile."""
        for task in tasks:
            self.add(task)
        count = self._workers
        with TemporaryDirectory() as folder, ThreadPoolExecutor(count) as closers, ThreadPoolExecutor(count) as pool:
            copies = [SiteCopy(self._root, Path(folder, str(number))) for number in range(count)]
            trials = [Trials(self._fleet, copy, lambda run: closers.submit(run.close)) for copy in copies]
            futures = [pool.submit(self._run_tasks, each) for each in trials]
            try:
                # Wait for short times: Ctrl-C may reach another thread, and this one notices it only between waits.
                while (waited := wait(futures, _WAITS_SECONDS, FIRST_EXCEPTION)).not_done:
                    for future in waited.done:
                        future.result()
            finally:
                self._stop.set()
                for each in trials:
                    each.abort()
            for future in futures:
                future.result()

    def _run_tasks(self, trials: Trials) -> None:
        while not self._stop.is_set():
            with suppress(queue.Empty):
                self._do(trials, self._waiting.get(block=False))
                continue
            return

    def _do(self, trials: Trials, task: Task) -> None:
        began = time.monotonic()
        try:
            red = trials.check(task.page, task.machine, task.image, task.edit)
        except EngineError as error:
            if not self._stop.is_set():
                self.troubles.append(f"{task.name} on {task.machine}: {error}")
            return
        meaning = task.done(red)
        with self._print:
            left, seconds = self._waiting.qsize(), time.monotonic() - began
            print(f"{left:4} left {seconds:6.1f} s  {task.machine:14} {task.name}  {meaning}", flush=True)
