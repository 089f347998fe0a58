"""What there is to be done, and what follows from what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from fencepost.machine.image import Image
from trials.mutation.crew import Task
from trials.mutation.findings import Findings
from trials.mutation.judging import Red, Where, is_false, where
from trials.mutation.mutant import Mutant
from trials.mutation.plan import PagePlan


class Tasks:
    """Makes tasks of what isn't known yet.

    Args:
        findings: what is known.
        image: a machine's image, by the machine's name.
        add: takes a task that follows from another one.
    """

    def __init__(self, findings: Findings, image: Callable[[str], Image], add: Callable[[Task], object]) -> None:
        self._findings = findings
        self._image = image
        self._add = add

    def of(self, plans: Iterable[PagePlan], like: str, clean: Mapping[str, int]) -> Iterator[Task]:
        """The tasks of some pages: first the mutants, then the clean runs.

        Args:
            plans: the pages.
            like: what has to be in a mutant's name.
            clean: how many clean runs in a row are asked for, by the kind of machine.
        """
        plans = list(plans)
        # What may survive comes first: about that somebody has to do something.
        those = [(plan, mutant) for plan in plans for mutant in plan.mutants if like in mutant.name]
        for plan, mutant in sorted(those, key=lambda one: not one[1].broken.later):
            if machine := self._findings.next_machine(plan, mutant):
                yield self.mutant(plan, mutant, machine)
        for plan in plans:
            for machine in plan.machines:
                for _ in range(self._findings.clean_runs(plan, machine, clean).missing):
                    yield self.clean(plan, machine)

    def mutant(self, plan: PagePlan, mutant: Mutant, machine: str, before: Red | None = None) -> Task:
        """A mutant to be tried on a machine.

        Args:
            plan: the page.
            mutant: the mutant.
            machine: the machine's name.
            before: what was complained of when it was tried there before, and what was not enough.
        """

        def done(red: Red | None) -> str:
            order = plan.order(machine)
            found = where(mutant, red, order)
            if red and is_false(mutant, red, order):
                self._findings.note_clean(plan, machine, red)
                if not before:
                    self._add(self.mutant(plan, mutant, machine, red))
                return _false(red)
            # Where a mirror or an emulated clock may be what failed, a later step has to say so twice.
            if red and found is Where.LATER and plan.may_fail_by_itself and (not before or before.step != red.step):
                self._add(self.mutant(plan, mutant, machine, red))
                return f"noticed {found}, by {red.step}; once more"
            self._findings.note(plan, machine, mutant, red)
            if following := self._findings.next_machine(plan, mutant):
                self._add(self.mutant(plan, mutant, following))
            return f"noticed {found}"

        return Task(mutant.name, plan.page.name, machine, self._image(machine), mutant.broken.edit, done)

    def clean(self, plan: PagePlan, machine: str) -> Task:
        """A page to be run as it is."""

        def done(red: Red | None) -> str:
            self._findings.note_clean(plan, machine, red)
            return _false(red) if red else "clean"

        return Task("unbroken", plan.page.name, machine, self._image(machine), None, done)


def _false(red: Red) -> str:
    return f"FALSE RED at {red.file}:{red.line}, {red.step}: {red.reason}\n{red.output}"
