"""The sessions that live mode keeps: what was run already is not run again.

A session can't be turned back. So beside the one that has run to the page's end, another waits before the step that was
edited last: the next time that step is edited, the steps before it are done already.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fencepost.check.job import Job
from fencepost.check.page_run import PageRun
from fencepost.machine.fleet import Fleet


@dataclass(frozen=True)
class PageOnMachine:
    """A page on a machine: what a session is of."""

    path: Path
    machine: str


class KeptSessions:
    """Sessions, by page and machine. One thread at a time uses them."""

    def __init__(self) -> None:
        self._kept: dict[PageOnMachine, list[PageRun]] = {}

    def best(self, key: PageOnMachine, job: Job, fleet: Fleet) -> PageRun:
        """The session that has most of a page behind it, or a new one. Those that don't fit any more are closed."""
        kept = self._kept.get(key, [])
        fitting = [run for run in kept if run.fits(job, len(run.results))]
        best = max(fitting, key=lambda run: len(run.results), default=None) or PageRun(job, fleet)
        best.take_up(job)
        # One that waits before an earlier step may be what the next edit needs.
        others = [run for run in fitting if run is not best and run.results]
        self._kept[key] = [best, *others]
        for run in kept:
            if run not in self._kept[key]:
                run.close()
        return best

    def one_waits(self, key: PageOnMachine, job: Job, number: int) -> bool:
        """Whether one waits before a step, counted from 0."""
        return any(len(run.results) == number and run.fits(job, number) for run in self._kept.get(key, []))

    def add(self, key: PageOnMachine, run: PageRun) -> None:
        """Keeps one more."""
        self._kept.setdefault(key, []).append(run)

    def drop(self, key: PageOnMachine) -> None:
        """Closes those of a page on a machine."""
        for run in self._kept.pop(key, []):
            run.close()

    def drop_other_pages(self, path: Path) -> None:
        """Closes those of all pages but one."""
        for key in [key for key in self._kept if key.path != path]:
            self.drop(key)

    def close(self) -> None:
        """Closes them all."""
        for key in list(self._kept):
            self.drop(key)
