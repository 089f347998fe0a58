"""What there is to be done, and what follows from each result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from fencepost.machine.image import Image
from fencepost.mutate.crew import Task
from fencepost.mutate.findings import Findings
from fencepost.mutate.judging import Red, Where, is_false, where
from fencepost.mutate.mutant import Mutant
from fencepost.mutate.plan import PagePlan


class Tasks:
    """Makes tasks of what isn't known yet.

    Args:
        findings: what is known.
        image: returns a machine's image, by the machine's name.
        add: takes a task that follows from another one.
    """

    def __init__(self, findings: Findings, image: Callable[[str], Image], add: Callable[[Task], object]) -> None:
        self._findings = findings
        self._image = image
        self._add = add

    def of_mutants(self, plans: Iterable[PagePlan], like: str = "") -> Iterator[Task]:
        """Yield the mutants of some pages that are still to be tried.

        Args:
            plans: the pages.
            like: a text that must be in a mutant's name.
        """
        # Those that may survive come first: somebody has to do something about them.
        chosen = [(plan, mutant) for plan in plans for mutant in plan.mutants if like in mutant.name]
        for plan, mutant in sorted(chosen, key=lambda pair: (pair[0].kind == "vm", not pair[1].broken.later)):
            if machine := self._findings.next_machine(plan, mutant):
                yield self.mutant(plan, mutant, machine)

    def of_clean_runs(self, plans: Iterable[PagePlan], wanted: Mapping[str, int]) -> Iterator[Task]:
        """Yield the clean runs of some pages that are still missing.

        Args:
            plans: the pages.
            wanted: how many green ones in a row are needed, by the kind of machine.
        """
        for plan in plans:
            for machine in plan.machines:
                for _ in range(self._findings.clean_runs(plan, machine, wanted).missing):
                    yield self.clean(plan, machine)

    def mutant(self, plan: PagePlan, mutant: Mutant, machine: str, before: Red | None = None) -> Task:
        """Return the task of trying a mutant on a machine.

        Args:
            plan: the page.
            mutant: the mutant.
            machine: the machine's name.
            before: the first failure of an earlier try there that wasn't enough.
        """

        def done(red: Red | None) -> str:
            order = plan.order(machine)
            noticed = where(mutant, red, order)
            if red and is_false(mutant, red, order):
                self._findings.note_clean(plan, machine, red)
                if not before:
                    self._add(self.mutant(plan, mutant, machine, red))
                return _false(red)
            # If it may be a mirror or an emulated clock that failed, a later step has to go red twice.
            if red and noticed is Where.LATER and plan.may_fail_by_itself and (not before or before.step != red.step):
                self._add(self.mutant(plan, mutant, machine, red))
                return f"noticed {noticed}, by {red.step}; once more"
            self._findings.note(plan, machine, mutant, red)
            if following := self._findings.next_machine(plan, mutant):
                self._add(self.mutant(plan, mutant, following))
            return f"noticed {noticed}"

        edit = mutant.broken.edit
        return Task(mutant.name, plan.page, plan.files, machine, self._image(machine), edit, done)

    def clean(self, plan: PagePlan, machine: str) -> Task:
        """Return the task of running a page as it is."""

        def done(red: Red | None) -> str:
            self._findings.note_clean(plan, machine, red)
            return _false(red) if red else "clean"

        return Task(f"{plan.page.name} unbroken", plan.page, plan.files, machine, self._image(machine), None, done)


def _false(red: Red) -> str:
    return f"FALSE RED at {red.file}:{red.line}, {red.step}: {red.reason}\n{red.output}"
