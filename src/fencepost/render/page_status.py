"""The status of a page and its steps: what its records say, compared with what the page says now."""

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
    """The status of a page on one machine, from best to worst."""

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
        record: the page's last run there, if any.
        changed: True if the page's steps have changed since that run.
    """

    machine: str
    record: Record | None
    changed: bool = False

    @property
    def title(self) -> str:
        """The machine's title for readers: as the last run recorded it, or made from its name."""
        return (self.record.title if self.record else "") or machine_name(self.machine)

    @property
    def full_title(self) -> str:
        """The machine's title, marked if the machine was emulated."""
        emulated = self.record is not None and self.record.accelerator == "tcg"
        return f"{self.title} (emulated)" if emulated else self.title

    @cached_property
    def standing(self) -> Standing:
        """The page's standing on this machine. A run of an earlier text proves nothing, neither good nor bad."""
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
        as_written = {Verdict.PASSED, Verdict.KNOWN_BROKEN}
        return (
            Standing.PARTLY if any(item.verdict in as_written for item in self.record.snippets) else Standing.NOT_HERE
        )

    @property
    def deciding_step(self) -> SnippetRecord | None:
        """The step that decided the verdict: the first that stopped the page, else the first that was skipped.

        A skipped step without commands doesn't count.
        """
        if self.record is None:
            return None
        stopped = [item for item in self.record.snippets if item.verdict.stops_the_page]
        skipped = [item for item in self.record.snippets if item.verdict is Verdict.SKIPPED and not item.empty]
        return next(iter(stopped or skipped), None)

    def of_step(self, snippet: Snippet) -> SnippetRecord | None:
        """Return the record of a step on this machine, even if the step has changed since."""
        return self._steps.get(snippet.id)

    @cached_property
    def _steps(self) -> dict[str, SnippetRecord]:
        return {item.id: item for item in self.record.snippets} if self.record else {}


@dataclass(frozen=True)
class PageStatus:
    """A page on all its machines.

    Attributes:
        machines: the page on each of them, in the page's order.
        titles: the titles of its steps, by id.
    """

    machines: tuple[OnMachine, ...]
    titles: dict[str, str]

    @property
    def worst(self) -> Standing:
        """The worst of its standings; machines on which nothing is checked don't count if there are others."""
        order = list(Standing)
        standings = [item.standing for item in self.machines]
        checked = [standing for standing in standings if standing is not Standing.NOTHING]
        return max(checked or standings, key=order.index, default=Standing.NOT_YET)

    def title_of(self, step: str) -> str:
        """Return the title of a step, or its id if it has none."""
        return self.titles.get(step) or step


@dataclass(frozen=True)
class SitePage:
    """A page of a site.

    Attributes:
        name: its file, relative to the site's folder.
        title: its title.
        url: its address, relative to the site's root; `None` if that is unknown.
        standing: its status on all its machines.
        runs: its runs by machine, oldest first.
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
    """Return a page's status, from its records.

    Args:
        machines: the machines that it names; if the page can't be read, those of its records.
        records: its records.
        digest_on: returns the digest of its present steps on a machine (`digest_of_steps`); `None` if that is unknown.
        titles: the titles of its steps, by id.
    """
    by_machine = {record.machine: record for record in records}
    items = []
    for name in machines:
        record = by_machine.get(name)
        changed = record is not None and digest_on is not None and record.steps_sha256 != digest_on(name)
        if changed and record and not record.ran:
            # No step of the earlier text ran: there was nothing verified that could have changed.
            record, changed = None, False
        items.append(OnMachine(name, record, changed))
    return PageStatus(tuple(items), titles or {})
