"""Makes the tasks for what isn't known yet, and those that follow from a result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from fencepost.machine.image import Image
from trials.mutation.crew import Task
from trials.mutation.findings import Findings
from trials.mutation.judging import Red, Where, is_false, where
from trials.mutation.mutant import Mutant
from trials.mutation.plan import PagePlan


class Tasks:
    """Makes the tasks for what isn't known yet.

    Args:
        findings: the results so far.
        image: returns a machine's image, by the machine's name.
        add: called with each task that follows from the result of another.
    """

    def __init__(self, findings: Findings, image: Callable[[str], Image], add: Callable[[Task], object]) -> None:
        self._findings = findings
        self._image = image
        self._add = add

    def of(self, plans: Iterable[PagePlan], like: str, clean: Mapping[str, int]) -> Iterator[Task]:
        """Yield the tasks of some pages: first the mutants, then the clean runs.

        Args:
            plans: the pages.
            like: a text that a mutant's name has to contain.
            clean: the required number of clean runs in a row, by the kind of machine.
        """
        plans = list(plans)
        # First the mutants that have to be noticed at their own line.
        mutants = [(plan, mutant) for plan in plans for mutant in plan.mutants if like in mutant.name]
        for plan, mutant in sorted(mutants, key=lambda item: not item[1].broken.later):
            if machine := self._findings.next_machine(plan, mutant):
                yield self.mutant(plan, mutant, machine)
        for plan in plans:
            for machine in plan.machines:
                for _ in range(self._findings.clean_runs(plan, machine, clean).missing):
                    yield self.clean(plan, machine)

    def mutant(self, plan: PagePlan, mutant: Mutant, machine: str, before: Red | None = None) -> Task:
        """Return a task that tries a mutant on a machine.

        Args:
            plan: the page.
            mutant: the mutant.
            machine: the machine's name.
            before: the red verdict of an earlier try on this machine, which wasn't enough to decide.
        """

        def done(red: Red | None) -> str:
            order = plan.order(machine)
            place = where(mutant, red, order)
            if red and is_false(mutant, red, order):
                self._findings.note_clean(plan, machine, red)
                if not before:
                    self._add(self.mutant(plan, mutant, machine, red))
                return _false(red)
            # If a mirror or an emulated clock may have failed, a later step has to go red twice.
            if red and place is Where.LATER and plan.may_fail_by_itself and (not before or before.step != red.step):
                self._add(self.mutant(plan, mutant, machine, red))
                return f"noticed {place}, by {red.step}; trying again"
            self._findings.note(plan, machine, mutant, red)
            if following := self._findings.next_machine(plan, mutant):
                self._add(self.mutant(plan, mutant, following))
            return f"noticed {place}"

        return Task(mutant.name, plan.page.name, machine, self._image(machine), mutant.broken.edit, done)

    def clean(self, plan: PagePlan, machine: str) -> Task:
        """Return a task that runs an unbroken page."""

        def done(red: Red | None) -> str:
            self._findings.note_clean(plan, machine, red)
            return _false(red) if red else "clean"

        return Task("unbroken", plan.page.name, machine, self._image(machine), None, done)


def _false(red: Red) -> str:
    return f"FALSE RED at {red.file}:{red.line}, {red.step}: {red.reason}\n{red.output}"
