"""Checks a page of a copy of the site, broken or not, as `fencepost check` does."""

from __future__ import annotations

import threading
from collections.abc import Callable

from fencepost.check.job import Job
from fencepost.check.page_run import PageRun
from fencepost.check.unrunnable import judge_transcripts
from fencepost.errors import EngineError, ManyErrors
from fencepost.kinds.result import StepResult
from fencepost.machine.fleet import Fleet
from fencepost.machine.image import Image
from fencepost.page.page import Page
from fencepost.verdicts import Verdict
from trials.mutation.judging import Red
from trials.mutation.mutant import Edit
from trials.mutation.site_copy import SiteCopy

# An engine or the network may fail once, and work the next time.
_TRIES = 3
# How many characters of a red step's output are kept, to find the cause.
_KEPT = 2000


class Trials:
    """Checks pages on fresh machines, up to the first step that goes red.

    Args:
        fleet: provides the machines.
        copy: a copy of the site that nothing else uses.
        close: called with each finished run, to remove its machine.
    """

    def __init__(self, fleet: Fleet, copy: SiteCopy, close: Callable[[PageRun], object]) -> None:
        self._fleet = fleet
        self._copy = copy
        self._close = close
        self._run: PageRun | None = None
        self._stop = threading.Event()

    def abort(self) -> None:
        """End the present run, from another thread."""
        self._stop.set()
        if run := self._run:
            run.abort()

    def check(self, page: str, machine: str, image: Image, edit: Edit | None) -> Red | None:
        """Return the first red verdict; `None` if everything is as documented.

        Raises:
            EngineError: when the engine or the network fails again and again, or the check is aborted.
        """
        with self._copy.broken(edit):
            try:
                read = self._copy.read(page)
                judge_transcripts([read])
            except ManyErrors as error:
                first = error.errors[0]
                return Red("unreadable", "", first.file, first.line, first.message)
            message = ""
            for _ in range(_TRIES):
                if self._stop.is_set():
                    raise EngineError("aborted")
                red = self._first_red(read, machine, image)
                if red is None or red.verdict != Verdict.ERROR:
                    return red
                message = f"step `{red.step}` can't be judged: {red.reason}"
        raise EngineError(message)

    def _first_red(self, page: Page, machine: str, image: Image) -> Red | None:
        definition = self._copy.site.machine(machine)
        self._run = run = PageRun(Job(page, definition, image), self._fleet)
        try:
            with self._fleet.turn(definition):
                results = (run.step(snippet) for snippet in run.job.snippets)
                return next((_red(result) for result in results if result.verdict.is_red), None)
        finally:
            self._run = None
            self._close(run)


def _red(result: StepResult) -> Red:
    failure, opening = result.failure, result.snippet.opening
    at = (failure.file, failure.line) if failure else (opening.file, opening.line)
    return Red(result.verdict, result.snippet.id, *at, result.reason, result.output[-_KEPT:])
