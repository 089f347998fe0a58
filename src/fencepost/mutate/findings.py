"""What is known about every mutant and every clean run, and what there is still to find out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from fencepost.mutate.journal import Entry, Journal, key_of
from fencepost.mutate.judging import Red, Where, where
from fencepost.mutate.mutant import Mutant
from fencepost.mutate.outcome import CleanRuns, Outcome
from fencepost.mutate.plan import PagePlan
from fencepost.site.site import Site


class Findings:
    """A journal, read for a site as it is now.

    A check ends with the first step that goes red. So a mutant's outcome holds for as long as the page up to that step,
    and what it includes, stay as they were. The outcome of one that survived holds while the whole page does.

    Args:
        site: the site.
        image_id: returns the id of a machine's image; empty if it isn't built.
        journal: the outcomes so far.

    Attributes:
        finders: how many outcomes each version of Fencepost has found.
    """

    def __init__(self, site: Site, image_id: Callable[[str], str], journal: Journal) -> None:
        self.finders: Counter[str] = Counter()
        self._site = site
        self._image_id = image_id
        self._journal = journal

    def outcome(self, plan: PagePlan, mutant: Mutant) -> Outcome:
        """Return what is known about a mutant: on the first machine that noticed it, or on all of them."""
        for machine in mutant.machines:
            entry = self._entry(plan, machine, mutant)
            if not entry:
                return Outcome(mutant, plan.kind)
            self.finders[entry.finder] += 1
            if entry.red:
                return Outcome(mutant, plan.kind, where(mutant, entry.red, plan.order(machine)), entry.red)
        return Outcome(mutant, plan.kind, Where.NOWHERE)

    def next_machine(self, plan: PagePlan, mutant: Mutant) -> str:
        """Return the machine on which a mutant has to be tried next; empty if enough is known."""
        for machine in mutant.machines:
            entry = self._entry(plan, machine, mutant)
            if not entry:
                return machine
            if entry.red:
                return ""
        return ""

    def note(self, plan: PagePlan, machine: str, mutant: Mutant, red: Red | None) -> None:
        """Keep what became of a mutant on a machine."""
        key = self._key(plan, machine, mutant, red.step if red else "")
        self._journal.note_mutant(key, mutant.name, red)

    def note_clean(self, plan: PagePlan, machine: str, red: Red | None) -> None:
        """Keep a run of an unbroken page."""
        self._journal.note_clean(self._key(plan, machine), f"{plan.page.name}@{machine}", red)

    def clean_runs(self, plan: PagePlan, machine: str, wanted: Mapping[str, int]) -> CleanRuns:
        """Return what is known about a page's clean runs on a machine.

        Args:
            plan: the page.
            machine: the machine's name.
            wanted: how many are needed, by the kind of machine.
        """
        green = [red is None for red in self.clean_reds(plan, machine)]
        return CleanRuns(f"{plan.page.name}@{machine}", wanted[plan.kind], green)

    def clean_reds(self, plan: PagePlan, machine: str) -> list[Red | None]:
        """Return the first failure of each clean run of a page on a machine, oldest first; `None` for a green one."""
        return [entry.red for entry in self._journal.clean(self._key(plan, machine))]

    def _entry(self, plan: PagePlan, machine: str, mutant: Mutant) -> Entry | None:
        for step in ("", *plan.order(machine)):
            entry = self._journal.mutant(self._key(plan, machine, mutant, step))
            if entry and step == (entry.red.step if entry.red else ""):
                return entry
        return None

    def _key(self, plan: PagePlan, machine: str, mutant: Mutant | None = None, up_to: str = "") -> str:
        """Return a digest of everything that the verdict of a page depends on, on one machine.

        Args:
            plan: the page.
            machine: the machine's name.
            mutant: how it is broken.
            up_to: the step that the check ended with; empty if it came to the end.
        """
        files = {name: list(lines) for name, lines in plan.files.items()}
        page = plan.page.name
        if mutant:
            edit = mutant.broken.edit
            files[edit.file] = edit.applied(files[edit.file])
            if up_to in plan.closings and page in files:
                closing = plan.closings[up_to]
                if up_to in mutant.steps and mutant.extents[0].file == page:
                    closing = mutant.extents[0].last
                elif edit.file == page and closing >= edit.first:
                    closing += edit.shift
                files[page] = files[page][:closing]
        settings = (self._site.machine(machine).settings, self._site.settings)
        return key_of(files, machine, self._image_id(machine), *(part.model_dump_json() for part in settings))
