"""Which mutants there are of a page, and on which machines each is tried."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fencepost.page.page import Page
from fencepost.site.site import Site
from trials.mutation.mutant import Mutant
from trials.mutation.operators import OPERATORS, mutants_of
from trials.mutation.site_copy import files_of
from trials.mutation.standing import Files, standings_of

KINDS = ("container", "vm")
# One each for a step of a virtual machine, where a page takes minutes: what can be noticed at once.
_FOR_ONE = ("changed output", "wrong package", "dropped command", "wrong exit", "negated assertion")


@dataclass(frozen=True)
class PagePlan:
    """A page on its machines of one kind, and the ways in which it is broken there.

    Attributes:
        page: the page.
        kind: `container` or `vm`.
        machines: the names of its machines of that kind.
        files: the lines of the files that its steps stand in.
        closings: the line of each step's closing fence.
        mutants: the broken ones.
    """

    page: Page
    kind: str
    machines: tuple[str, ...]
    files: Files
    closings: Mapping[str, int]
    mutants: tuple[Mutant, ...]

    @property
    def may_fail_by_itself(self) -> bool:
        """Whether something besides its steps may fail: a mirror, or a time limit on a machine that is emulated."""
        return self.page.front_matter.network or self.kind == "vm"

    def order(self, machine: str) -> list[str]:
        """The ids of its steps on one machine."""
        return [snippet.id for snippet in self.page.snippets_on(machine)]


def plan_of(site: Site, page: Page) -> list[PagePlan]:
    """A page's mutants: in containers a step is broken in every way that the operators know, else in a single one.

    A mutant is tried on the first machine on which its step runs, and on the others for as long as nothing is noticed:
    a site is checked on all of them.
    """
    files = files_of(page, Path(site.folder))
    plans = []
    for kind in KINDS:
        machines = tuple(name for name in page.front_matter.machines if site.machine(name).settings.kind == kind)
        closings: dict[str, int] = {}
        mutants: list[Mutant] = []
        for machine in machines:
            for standing in standings_of(page, machine, files):
                step = standing.snippet
                if step.id not in closings:
                    closings[step.id] = standing.closing
                    here = tuple(name for name in machines if step.runs_on(name))
                    all_of_it = mutants_of(standing, page.name, here)
                    mutants += all_of_it if kind == "container" else _one_of(all_of_it)
        if machines:
            plans.append(PagePlan(page, kind, machines, files, closings, tuple(mutants)))
    return plans


def _one_of(mutants: list[Mutant]) -> list[Mutant]:
    """One of a step's mutants, always the same one; over all steps every operator has its turn."""
    there = {mutant.operator for mutant in mutants}
    operators = [name for name in _FOR_ONE if name in there] or [name for name in OPERATORS if name in there]
    if not operators:
        return []
    chosen = operators[zlib.crc32(mutants[0].step.encode()) % len(operators)]
    return [mutant for mutant in mutants if mutant.operator == chosen][-1:]
