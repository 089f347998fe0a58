"""The results of all mutants and clean runs so far, and what is still missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from fencepost.site.site import Site
from trials.mutation.journal import Entry, Journal, key_of
from trials.mutation.judging import Red, Where, where
from trials.mutation.justified import Justifications
from trials.mutation.mutant import Mutant
from trials.mutation.plan import PagePlan
from trials.mutation.results import CleanRuns, Outcome


class Findings:
    """The journal's results that hold for the site as it is now.

    A check ends with the first step that goes red. So its result holds as long as the page up to that step, and the
    files that it includes, don't change.

    Args:
        site: the site.
        image_id: returns the id of a machine's image; empty if it isn't built.
        journal: the journal.

    Attributes:
        sources: the number of outcomes found with each version of Fencepost's sources.
    """

    def __init__(self, site: Site, image_id: Callable[[str], str], journal: Journal) -> None:
        self.sources: Counter[str] = Counter()
        self._site = site
        self._image_id = image_id
        self._journal = journal

    def outcome(self, plan: PagePlan, mutant: Mutant, justifications: Justifications) -> Outcome:
        """Return the outcome of a mutant: on the first machine on which it was noticed, else on all of them."""
        for machine in mutant.machines:
            entry = self._entry(plan, machine, mutant)
            if not entry:
                return Outcome(mutant, plan.kind)
            self.sources[entry.sources] += 1
            if entry.red:
                return Outcome(mutant, plan.kind, where(mutant, entry.red, plan.order(machine)), entry.red)
        return Outcome(mutant, plan.kind, Where.NOWHERE, why=justifications.why(mutant.name))

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
        """Record the result of a mutant on a machine."""
        key = self._key(plan, machine, mutant, red.step if red else "")
        self._journal.note_mutant(key, mutant.name, red)

    def note_clean(self, plan: PagePlan, machine: str, red: Red | None) -> None:
        """Record a run of an unbroken page."""
        self._journal.note_clean(self._key(plan, machine), f"{plan.page.name}@{machine}", red)

    def clean_runs(self, plan: PagePlan, machine: str, wanted: Mapping[str, int]) -> CleanRuns:
        """Return the clean runs of a page on a machine.

        Args:
            plan: the page.
            machine: the machine's name.
            wanted: the required number of runs, by the kind of machine.
        """
        green = [entry.red is None for entry in self._journal.clean(self._key(plan, machine))]
        return CleanRuns(f"{plan.page.name}@{machine}", wanted[plan.kind], green)

    def _entry(self, plan: PagePlan, machine: str, mutant: Mutant) -> Entry | None:
        for step in ("", *plan.order(machine)):
            entry = self._journal.mutant(self._key(plan, machine, mutant, step))
            if entry and step == (entry.red.step if entry.red else ""):
                return entry
        return None

    def _key(self, plan: PagePlan, machine: str, mutant: Mutant | None = None, up_to: str = "") -> str:
        """Return a digest of everything that a page's verdict on a machine depends on.

        Args:
            plan: the page.
            machine: the machine's name.
            mutant: the mutant; `None` for the unbroken page.
            up_to: the step that ended the check; empty if no step did.
        """
        files = {name: list(lines) for name, lines in plan.files.items()}
        if mutant:
            edit = mutant.broken.edit
            files[edit.file] = edit.applied(files[edit.file])
        if mutant and up_to:
            page = plan.page.name
            closing = plan.closings[up_to]
            if up_to in mutant.steps:
                closing = mutant.extents[0].last
            elif mutant.broken.edit.file == page and closing >= mutant.broken.edit.first:
                closing += mutant.broken.edit.shift
            files[page] = files[page][:closing]
        return key_of(files, machine, self._image_id(machine), self._site.settings.model_dump_json())
