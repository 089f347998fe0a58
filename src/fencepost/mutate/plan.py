"""Which mutants a page has, and on which machines each is tried."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fencepost.check.unrunnable import nothing_runs_in
from fencepost.mutate.mutant import Mutant
from fencepost.mutate.operators import OPERATORS, mutants_of
from fencepost.mutate.standing import Files, files_of, standings_of
from fencepost.page.page import Page
from fencepost.site.site import Site

KINDS = ("container", "vm")
# The operators of which each step of a virtual machine gets one, because a page takes minutes there.
_FOR_ONE = ("changed output", "wrong package", "dropped command", "wrong exit", "negated assertion")


@dataclass(frozen=True)
class PagePlan:
    """A page on its machines of one kind, and the ways in which it is broken there.

    Attributes:
        page: the page.
        kind: `container` or `vm`.
        machines: the names of its machines of that kind.
        files: the lines of the files that hold its steps.
        closings: the line of each step's closing fence in the page, for steps that are written there.
        mutants: the broken pages.
    """

    page: Page
    kind: str
    machines: tuple[str, ...]
    files: Files
    closings: Mapping[str, int]
    mutants: tuple[Mutant, ...]

    @property
    def may_fail_by_itself(self) -> bool:
        """True if something besides its steps may fail: a mirror, or a time limit on a machine that is emulated."""
        return self.page.front_matter.network or self.kind == "vm"

    def order(self, machine: str) -> list[str]:
        """Return the ids of its steps on one machine."""
        return [snippet.id for snippet in self.page.snippets_on(machine)]


def plan_of(
    site: Site, page: Page, machines: tuple[str, ...] | None = None, *, what_runs_only: bool = False
) -> list[PagePlan]:
    """Return a page's plans, one for each kind of machine that it has; containers first.

    In containers a step is broken in every way that the operators know, on a virtual machine in one. A mutant is tried
    on the first machine on which its step runs, and on the others only as long as nothing notices it: a site is checked
    on all of them.

    Args:
        site: the site.
        page: the page.
        machines: which of its machines to use; `None` for all.
        what_runs_only: break only what the steps do.
    """
    files = files_of(page, Path(site.folder))
    names = page.front_matter.machines if machines is None else machines
    plans = []
    for kind in KINDS:
        here = tuple(name for name in names if site.machine(name).settings.kind == kind)
        if here:
            plans.append(_plan(page, kind, here, files, what_runs_only=what_runs_only))
    return plans


def _plan(page: Page, kind: str, machines: tuple[str, ...], files: Files, *, what_runs_only: bool) -> PagePlan:
    closings: dict[str, int] = {}
    seen: set[str] = set()
    mutants: list[Mutant] = []
    for machine in machines:
        for standing in standings_of(page, machine, files):
            step = standing.snippet
            if standing.opening.file == page.name:
                closings[step.id] = standing.closing
            if step.id in seen or nothing_runs_in([step]):
                continue
            seen.add(step.id)
            here = tuple(name for name in machines if step.runs_on(name))
            of_step = mutants_of(standing, page.name, here)
            if what_runs_only:
                of_step = [mutant for mutant in of_step if mutant.broken.changes_what_runs]
            mutants += of_step if kind == "container" else _one_of(of_step)
    return PagePlan(page, kind, machines, files, closings, tuple(mutants))


def _one_of(mutants: list[Mutant]) -> list[Mutant]:
    """Return one of a step's mutants, always the same one; over all steps every operator has its turn."""
    there = {mutant.operator for mutant in mutants}
    operators = [name for name in _FOR_ONE if name in there] or [name for name in OPERATORS if name in there]
    if not operators:
        return []
    chosen = operators[zlib.crc32(mutants[0].step.encode()) % len(operators)]
    return [mutant for mutant in mutants if mutant.operator == chosen][-1:]
