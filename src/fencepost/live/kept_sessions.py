"""The sessions that live mode keeps, so that steps needn't be run again.

A session can't go back. So besides the one that has run to the page's end, another waits before the step that was
edited last: when that step is edited again, the steps before it have run already.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fencepost.check.job import Job
from fencepost.check.page_run import PageRun
from fencepost.machine.fleet import Fleet


@dataclass(frozen=True)
class PageOnMachine:
    """The page and the machine of a session."""

    path: Path
    machine: str


class KeptSessions:
    """Sessions, by page and machine. Not thread-safe."""

    def __init__(self) -> None:
        self._kept: dict[PageOnMachine, list[PageRun]] = {}

    def best(self, key: PageOnMachine, job: Job, fleet: Fleet) -> PageRun:
        """Return the session that has run most of a page's steps, or a new one. Close those that don't fit any more."""
        kept = self._kept.get(key, [])
        fitting = [run for run in kept if run.fits(job, len(run.results))]
        best = max(fitting, key=lambda run: len(run.results), default=None) or PageRun(job, fleet)
        best.take_up(job)
        # Keep those that wait before an earlier step: the next edit may need them.
        others = [run for run in fitting if run is not best and run.results]
        self._kept[key] = [best, *others]
        for run in kept:
            if run not in self._kept[key]:
                run.close()
        return best

    def has_one_before(self, key: PageOnMachine, job: Job, number: int) -> bool:
        """Return whether a session waits before a step, counted from 0."""
        return any(len(run.results) == number and run.fits(job, number) for run in self._kept.get(key, []))

    def add(self, key: PageOnMachine, run: PageRun) -> None:
        """Keep one more session."""
        self._kept.setdefault(key, []).append(run)

    def drop(self, key: PageOnMachine) -> None:
        """Close the sessions of a page on a machine."""
        for run in self._kept.pop(key, []):
            run.close()

    def drop_other_pages(self, path: Path) -> None:
        """Close the sessions of all pages but one."""
        for key in [key for key in self._kept if key.path != path]:
            self.drop(key)

    def close(self) -> None:
        """Close all sessions."""
        for key in list(self._kept):
            self.drop(key)
