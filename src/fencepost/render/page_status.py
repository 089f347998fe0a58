"""Where a page and its steps stand: what its records say, beside what it says now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from fencepost.fence.snippet import Snippet
from fencepost.record.history import Run
from fencepost.record.model import Record, SnippetRecord
from fencepost.render.wording import machine_name
from fencepost.verdicts import Verdict


class Standing(StrEnum):
    """Where a page stands on a machine, from best to worst."""

    VERIFIED = "verified"
    PARTLY = "partly"
    NOTHING = "nothing"
    NOT_HERE = "not-here"
    NOT_YET = "not-yet"
    CHANGED = "changed"
    ERROR = "error"
    FAILED = "failed"


@dataclass(frozen=True)
class OnMachine:
    """A page on one machine.

    Attributes:
        machine: the machine's name.
        record: its last run there, if any.
        changed: whether the page's steps say something else since.
    """

    machine: str
    record: Record | None
    changed: bool = False

    @property
    def title(self) -> str:
        """What readers call the machine: as its last run calls it, or by its name."""
        return (self.record.title if self.record else "") or machine_name(self.machine)

    @property
    def surroundings(self) -> str:
        """The machine, and whether it was emulated."""
        emulated = self.record is not None and self.record.accelerator == "tcg"
        return f"{self.title} (emulated)" if emulated else self.title

    @cached_property
    def standing(self) -> Standing:
        """Where the page stands there. A run of an earlier text proves nothing, neither good nor bad."""
        if self.record is None:
            return Standing.NOT_YET
        if self.changed:
            return Standing.CHANGED
        if self.record.nothing_to_run:
            return Standing.NOTHING
        if self.record.verdict is Verdict.ERROR:
            return Standing.ERROR
        if self.record.verdict.is_red:
            return Standing.FAILED
        if self.record.verdict is not Verdict.SKIPPED:
            return Standing.VERIFIED
        done = {Verdict.PASSED, Verdict.KNOWN_BROKEN}
        return Standing.PARTLY if any(item.verdict in done for item in self.record.snippets) else Standing.NOT_HERE

    @property
    def telling(self) -> SnippetRecord | None:
        """The step that its verdict comes from: the first that stopped the page, or that was skipped.

        A step in which nothing runs decides nothing.
        """
        if self.record is None:
            return None
        worst = [item for item in self.record.snippets if item.verdict.stops_the_page]
        skipped = [item for item in self.record.snippets if item.verdict is Verdict.SKIPPED and not item.empty]
        return next(iter(worst or skipped), None)

    def of_step(self, snippet: Snippet) -> SnippetRecord | None:
        """What became of a step there, whatever it said then."""
        return self._steps.get(snippet.id)

    @cached_property
    def _steps(self) -> dict[str, SnippetRecord]:
        return {item.id: item for item in self.record.snippets} if self.record else {}


@dataclass(frozen=True)
class PageStatus:
    """A page on all its machines.

    Attributes:
        machines: the page on each of them, in the page's order.
        titles: what to call its steps, by id.
    """

    machines: tuple[OnMachine, ...]
    titles: dict[str, str]

    @property
    def worst(self) -> Standing:
        """The worst of its standings; a machine on which nothing is checked says neither good nor bad."""
        order = list(Standing)
        found = [item.standing for item in self.machines]
        checked = [standing for standing in found if standing is not Standing.NOTHING]
        return max(checked or found, key=order.index, default=Standing.NOT_YET)

    def title_of(self, step: str) -> str:
        """What readers see above a step, or its id."""
        return self.titles.get(step) or step


@dataclass(frozen=True)
class SitePage:
    """A page among the others of its site.

    Attributes:
        name: its file, relative to the site's folder.
        title: what it is called.
        url: its address, relative to the site's root; `None` where that isn't known.
        standing: where it stands.
        runs: what became of it run after run, by machine, oldest first.
    """

    name: str
    title: str
    url: str | None
    standing: PageStatus
    runs: Mapping[str, Sequence[Run]] = field(default_factory=dict)


def standing_of(
    machines: Iterable[str],
    records: Iterable[Record],
    digest_on: Callable[[str], str] | None,
    titles: dict[str, str] | None = None,
) -> PageStatus:
    """A page's standing.

    Args:
        machines: the machines that it names; where it can't be asked, those of its records.
        records: its records.
        digest_on: what its steps say now on a machine (`digest_of_steps`); `None` where that isn't known.
        titles: what to call its steps, by id.
    """
    by_machine = {record.machine: record for record in records}
    found = []
    for name in machines:
        record = by_machine.get(name)
        changed = record is not None and digest_on is not None and record.steps_sha256 != digest_on(name)
        if changed and record and not record.ran:
            # An earlier text of which nothing ran was never verified.
            record, changed = None, False
        found.append(OnMachine(name, record, changed))
    return PageStatus(tuple(found), titles or {})
