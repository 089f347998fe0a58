"""Checks a page, as it is or broken, the way `fencepost check` does, and returns the first failure."""

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
from fencepost.mutate.judging import Red
from fencepost.mutate.mutant import Edit, edited
from fencepost.mutate.standing import Files
from fencepost.page.edited import reading_instead
from fencepost.page.page import Page
from fencepost.site.site import Site
from fencepost.verdicts import Verdict

# What an engine, or the network, may fail at and do the next time.
_TRIES = 3
# Characters of a red step's output that are kept, to find out why it failed.
_KEPT = 2000


class Trials:
    """Checks pages on fresh machines, up to the first step that goes red. May be used by several threads at a time.

    Args:
        site: the site. Its files aren't changed: a broken page exists only while it is read.
        fleet: where the machines come from.
        close: called with each finished run, to remove its machine.
    """

    def __init__(self, site: Site, fleet: Fleet, close: Callable[[PageRun], object]) -> None:
        self._site = site
        self._fleet = fleet
        self._close = close
        # The site's Markdown reads one page at a time.
        self._reading = threading.Lock()
        self._stop = threading.Event()

    def stop(self) -> None:
        """Start no more runs."""
        self._stop.set()

    def check(self, page: Page, files: Files, machine: str, image: Image, edit: Edit | None) -> Red | None:
        """Return the first failure of a page on a machine; `None` if all is as documented.

        Args:
            page: the page, unbroken.
            files: the lines of the files that hold its steps, whatever these files say by now.
            machine: the machine's name.
            image: the machine's image.
            edit: how to break the page; `None` to leave it as it is.

        Raises:
            EngineError: when the engine or the network fails again and again, or the check is stopped.
        """
        try:
            page = self._read(page, files, edit)
        except ManyErrors as error:
            first = error.errors[0]
            return Red("unreadable", "", first.file, first.line, first.message)
        trouble = ""
        for _ in range(_TRIES):
            if self._stop.is_set():
                raise EngineError("stopped")
            red = self._first_red(page, machine, image)
            if red is None or red.verdict != Verdict.ERROR:
                return red
            trouble = f"step `{red.step}` can't be judged: {red.reason}"
        raise EngineError(trouble)

    def _read(self, page: Page, files: Files, edit: Edit | None) -> Page:
        texts = {(self._site.folder / name).resolve(): "\n".join(lines) for name, lines in files.items()}
        if edit:
            texts[(self._site.folder / edit.file).resolve()] = edited(files, edit)
        with self._reading, reading_instead(texts):
            (read,) = self._site.read_pages([page.path])
        judge_transcripts([read])
        return read

    def _first_red(self, page: Page, machine: str, image: Image) -> Red | None:
        definition = self._site.machine(machine)
        run = PageRun(Job(page, definition, image), self._fleet)
        try:
            with self._fleet.turn(definition):
                results = (run.step(snippet) for snippet in run.job.snippets)
                return next((_red(result) for result in results if result.verdict.is_red), None)
        finally:
            self._close(run)


def _red(result: StepResult) -> Red:
    failure, opening = result.failure, result.snippet.opening
    at = (failure.file, failure.line) if failure else (opening.file, opening.line)
    return Red(result.verdict, result.snippet.id, *at, result.reason, result.output[-_KEPT:])
