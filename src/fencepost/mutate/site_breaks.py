"""Breaks the steps of some pages of a site, one way at a time, and finds out which breaks a check would notice."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from fencepost import __version__
from fencepost.check.head_start import HeadStart
from fencepost.errors import FencepostError, PageError
from fencepost.machine.fleet import Fleet
from fencepost.machine.image import Image
from fencepost.machine.progress import Progress
from fencepost.mutate.crew import Crew, Done
from fencepost.mutate.findings import Findings
from fencepost.mutate.journal import Journal
from fencepost.mutate.judging import Red
from fencepost.mutate.outcome import Outcome
from fencepost.mutate.plan import KINDS, PagePlan, plan_of
from fencepost.mutate.survivor import Survivor, survivor_of
from fencepost.mutate.tasks import Tasks
from fencepost.page.page import Page
from fencepost.site.site import Site

# So many runs of the page as it is must agree before its breaks mean anything.
CLEAN_RUNS = {"container": 2, "vm": 2}
_SWEEP_SECONDS = 20
_MANY_RUNS = 1000
# Where the journals are, in the site's folder.
_FOLDER = ".fencepost/mutations"


@dataclass
class PageBreaks:
    """A page, its breaks, and what became of them.

    Attributes:
        page: the page.
        plans: its breaks, by the kind of machine.
        findings: what is known about them.
        journal: the file that keeps it.
        problems: why breaks couldn't be judged.
        notes: the machines on which it isn't broken, and why; a sentence each.
    """

    page: Page
    plans: list[PagePlan]
    findings: Findings
    journal: Journal
    problems: list[FencepostError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many breaks it has."""
        return sum(len(plan.mutants) for plan in self.plans)

    @property
    def outcomes(self) -> list[Outcome]:
        """What became of the breaks that were tried."""
        known = [self.findings.outcome(plan, mutant) for plan in self.plans for mutant in plan.mutants]
        return [outcome for outcome in known if outcome.where is not None]

    @property
    def survivors(self) -> list[Survivor]:
        """The breaks that nothing noticed, in the order of the page."""
        mutants = [outcome.mutant for outcome in self.outcomes if outcome.survives]
        survivors = [survivor_of(mutant, self.plans[0].files) for mutant in mutants]
        return sorted(survivors, key=lambda found: (found.file != self.page.name, found.file, found.line))


class SiteBreaks:
    """The breaks of some pages of a site.

    Args:
        site: the site.
        head_start: what was started for it early, with its engine.
        progress: receives the progress of machines that are made.
        report: called after each run of a page, one call at a time.

    Attributes:
        pages: the pages with their breaks.
        troubles: what could not be judged, because the engine or the network failed; a sentence each.
    """

    def __init__(self, site: Site, head_start: HeadStart, progress: Progress, report: Callable[[Done], object]) -> None:
        self.pages: list[PageBreaks] = []
        self.troubles: list[str] = []
        self._site = site
        self._head_start = head_start
        self._progress = progress
        self._report = report
        self._images: dict[str, Image] = {}

    def try_all(self, pages: Iterable[tuple[Page, tuple[str, ...]]]) -> None:
        """Break every step, and check the page each time; what is known from an earlier call isn't tried again.

        Args:
            pages: the pages, each with those of its machines to use.

        Raises:
            EngineError: when a machine can't be built.
        """
        chosen = list(pages)
        # As many as there may be runs: warm containers are shared by all of them.
        fleet = Fleet(
            self._head_start.engine,
            self._site.settings,
            self._progress,
            warm=_MANY_RUNS,
            at_hand=self._head_start.images,
        )
        with contextlib.closing(fleet):
            for page, names in chosen:
                self._add(page, names, fleet)
            for kind in KINDS:
                self._try_on(kind, fleet)
        for (page, names), page_breaks in zip(chosen, self.pages, strict=True):
            # What is known about its other machines still holds.
            if names == page.front_matter.machines:
                page_breaks.journal.forget_what_was_not_asked_for()
        self._head_start.wait_until_swept(_SWEEP_SECONDS)

    def _add(self, page: Page, names: Iterable[str], fleet: Fleet) -> None:
        usable = []
        notes = []
        for name in names:
            definition = self._site.machine(name)
            if why := fleet.lacking(definition, page.front_matter.requires):
                notes.append(f"{page.name} isn't broken on {name}: it {why}")
            else:
                self._images[name] = fleet.image(definition)
                usable.append(name)
        plans = plan_of(self._site, page, tuple(usable), what_runs_only=True)
        journal = Journal(self._site.folder / _FOLDER / f"{page.name}.jsonl", __version__)
        findings = Findings(self._site, lambda machine: self._images[machine].id, journal)
        self.pages.append(PageBreaks(page, plans, findings, journal, notes=notes))

    def _try_on(self, kind: str, fleet: Fleet) -> None:
        sound = [each for each in self.pages if not each.problems]
        chosen = [(each, plan) for each in sound for plan in each.plans if plan.kind == kind and plan.mutants]
        if not chosen:
            return
        if kind == "vm":
            count = sum(len(plan.mutants) for _, plan in chosen)
            self._progress.say(f"{count} breaks on virtual machines, one of each step; each may take minutes")
            self._head_start.wait_until_swept(_SWEEP_SECONDS)
            for name in sorted({name for _, plan in chosen for name in plan.machines}):
                fleet.make_ready(self._site.machine(name), self._images[name])
        workers = self._site.settings.jobs or os.cpu_count() or 1
        crew = Crew(self._site, fleet, workers=workers, report=self._report)
        try:
            before = {
                (plan.page.name, name): len(each.findings.clean_reds(plan, name))
                for each, plan in chosen
                for name in plan.machines
            }
            crew.work(
                task for each, plan in chosen for task in self._tasks(each, crew).of_clean_runs([plan], CLEAN_RUNS)
            )
            steady = [(each, plan) for each, plan in chosen if self._is_steady(each, plan, before)]
            crew.work(task for each, plan in steady for task in self._tasks(each, crew).of_mutants([plan]))
            for each, plan in steady:
                self._is_steady(each, plan, before)
        finally:
            self.troubles += dict.fromkeys(crew.troubles)

    def _tasks(self, page_breaks: PageBreaks, crew: Crew) -> Tasks:
        return Tasks(page_breaks.findings, lambda machine: self._images[machine], crew.add)

    def _is_steady(self, page_breaks: PageBreaks, plan: PagePlan, before: dict[tuple[str, str], int]) -> bool:
        """Return whether a page passes as it is, each time; if not, add the problem to the page's.

        Args:
            page_breaks: the page.
            plan: its machines.
            before: how many of its clean runs were known before this call, by page and machine.
        """
        findings = page_breaks.findings
        for name in plan.machines:
            reds = findings.clean_reds(plan, name)
            known = before[plan.page.name, name]
            failure = next(filter(None, reds[known:]), None)
            if failure:
                always = all(reds[max(0, known - 1) :])
                page_breaks.problems.append((_not_green if always else _unsteady)(plan.page, name, failure))
                return False
            if findings.clean_runs(plan, name, CLEAN_RUNS).missing:
                # The engine failed; the crew has noted it.
                return False
        return True


def _not_green(page: Page, machine: str, red: Red) -> PageError:
    fix = f"make it pass first:  fencepost check {page.name} --machine {machine}"
    return PageError(f"{_failed(red)} on {machine} before anything is broken", fix, red.file, red.line)


def _unsteady(page: Page, machine: str, red: Red) -> PageError:
    fix = f"find out why first:  fencepost check {page.name} --machine {machine} --fresh"
    message = f"{_failed(red)} on {machine} in some runs of the unchanged page, and passes in others"
    return PageError(message, fix, red.file, red.line)


def _failed(red: Red) -> str:
    how = f"({red.reason.splitlines()[0]})" if red.reason else f"({red.verdict})"
    return f"step `{red.step}` fails {how}"
