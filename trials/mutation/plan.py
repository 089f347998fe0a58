"""The mutants of a page, and the machines on which each is tried."""

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
# On virtual machines, where a page takes minutes, each step gets one mutant, by one of these operators.
_FOR_ONE = ("changed output", "wrong package", "dropped command", "wrong exit", "negated assertion")


@dataclass(frozen=True)
class PagePlan:
    """A page on its machines of one kind, and its mutants there.

    Attributes:
        page: the page.
        kind: `container` or `vm`.
        machines: the names of its machines of that kind.
        files: the lines of the files that hold its steps.
        closings: the line of each step's closing fence.
        mutants: its mutants.
    """

    page: Page
    kind: str
    machines: tuple[str, ...]
    files: Files
    closings: Mapping[str, int]
    mutants: tuple[Mutant, ...]

    @property
    def may_fail_by_itself(self) -> bool:
        """True if something else than its steps may fail: a mirror, or a time limit on an emulated machine."""
        return self.page.front_matter.network or self.kind == "vm"

    def order(self, machine: str) -> list[str]:
        """Return the ids of its steps on one machine."""
        return [snippet.id for snippet in self.page.snippets_on(machine)]


def plan_of(site: Site, page: Page) -> list[PagePlan]:
    """Return a page's mutants: in containers all those of every operator, on virtual machines one for each step.

    A mutant is tried on the first machine on which its step runs, then on the others until one of them notices it: a
    site is checked on all of them.
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
                    of_step = mutants_of(standing, page.name, here)
                    mutants += of_step if kind == "container" else _one_of(of_step)
        if machines:
            plans.append(PagePlan(page, kind, machines, files, closings, tuple(mutants)))
    return plans


def _one_of(mutants: list[Mutant]) -> list[Mutant]:
    """Choose one of a step's mutants, always the same one. Over many steps every operator is chosen."""
    present = {mutant.operator for mutant in mutants}
    operators = [name for name in _FOR_ONE if name in present] or [name for name in OPERATORS if name in present]
    if not operators:
        return []
    chosen = operators[zlib.crc32(mutants[0].step.encode()) % len(operators)]
    return [mutant for mutant in mutants if mutant.operator == chosen][-1:]
