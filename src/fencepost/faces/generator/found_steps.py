"""The steps that a conversion finds on a page: the same as a check finds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from fencepost import __version__
from fencepost.fence.snippet import Snippet, digest_of_steps
from fencepost.fence.traced_line import Origin
from fencepost.page.capture import Capture
from fencepost.page.page import Page
from fencepost.page.steps import NumberedSnippet, snippets_of
from fencepost.record.model import Record


@dataclass(frozen=True)
class FoundSteps:
    """The steps of a page.

    Attributes:
        snippets: the steps, in order.
        wrong: True if there is a mistake in a fence, which then isn't among the steps. A check reports it.
    """

    snippets: tuple[Snippet, ...]
    wrong: bool = False
    # Cached: a page, its excerpts and its row in a table need the same digests.
    _digests: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def complete(self) -> bool:
        """True if there are steps, and none is missing."""
        return bool(self.snippets) and not self.wrong

    def digest_on(self, machine: str) -> str:
        """Return the digest of the steps on a machine; empty for a page with a mistake, which no check can have run."""
        if machine not in self._digests:
            self._digests[machine] = "" if self.wrong else digest_of_steps(self.snippets, machine)
        return self._digests[machine]

    def match(self, record: Record) -> bool:
        """Return whether a record is of exactly these steps."""
        return bool(self.snippets) and record.steps_sha256 == self.digest_on(record.machine)


NONE = FoundSteps((), wrong=True)


def steps_in(
    captured: Capture, machines: Sequence[str], also_allowed: Collection[str], records: Iterable[Record] = ()
) -> tuple[FoundSteps, list[NumberedSnippet]]:
    """Return the steps among a page's captured fences, and each step with the number of its fence.

    Args:
        captured: the page's fences.
        machines: the page's machines, if they are known.
        also_allowed: attributes that belong to other plugins.
        records: the page's records. Their steps aren't checked again for an unfinished command, which a check would
            have refused and which takes longer than all the rest.
    """
    checked = {step.source for record in records if record.fencepost == __version__ for step in record.snippets}
    nowhere = [Origin("", 0)] * (len(captured.lines) + 2)
    names = tuple(machines) or tuple(_only(captured))
    numbered, problems = snippets_of(captured, nowhere, machines=names, also_allowed=also_allowed, finished=checked)
    return FoundSteps(tuple(item.snippet for item in numbered), bool(problems)), numbered


def steps_of(page: Page | None) -> FoundSteps:
    """Return the steps of a page that was read as a check reads it; `NONE` for a page that it refuses."""
    return FoundSteps(page.snippets) if page else NONE


def _only(captured: Capture) -> list[str]:
    """Return every machine named by a fence, to accept them all if the front matter is unknown."""
    return [name for fence in captured.fences for name in fence.attributes.get("only", "").replace(",", " ").split()]
