"""The steps that a conversion has found on a page, as a check would."""

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
        snippets: in their order.
        wrong: whether something is wrong with a fence: a check tells what; here it is no step.
    """

    snippets: tuple[Snippet, ...]
    wrong: bool = False
    # A page, its teasers and its row in a table ask for the same.
    _digests: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def whole(self) -> bool:
        """Whether there are any, and none is missing."""
        return bool(self.snippets) and not self.wrong

    def digest_on(self, machine: str) -> str:
        """What they say on a machine. A page with a mistake in it can't have been run as it stands."""
        if machine not in self._digests:
            self._digests[machine] = "" if self.wrong else digest_of_steps(self.snippets, machine)
        return self._digests[machine]

    def says_the_same_as(self, record: Record) -> bool:
        """Whether a record is of these very steps."""
        return bool(self.snippets) and record.steps_sha256 == self.digest_on(record.machine)


NONE = FoundSteps((), wrong=True)


def steps_in(
    captured: Capture, machines: Sequence[str], also_allowed: Collection[str], records: Iterable[Record] = ()
) -> tuple[FoundSteps, list[NumberedSnippet]]:
    """The steps among a page's captured fences, and the number of each one's fence.

    Args:
        captured: the page's fences.
        machines: the page's machines, where they are known.
        also_allowed: attributes that belong to other plugins.
        records: the page's records. A check refuses a step that ends in the middle of a command, so what it has run
            needn't be read for that once more, which takes longer than all the rest.
    """
    checked = {step.source for record in records if record.fencepost == __version__ for step in record.snippets}
    nowhere = [Origin("", 0)] * (len(captured.lines) + 2)
    names = tuple(machines) or tuple(_only(captured))
    numbered, problems = snippets_of(captured, nowhere, machines=names, also_allowed=also_allowed, finished=checked)
    return FoundSteps(tuple(item.snippet for item in numbered), bool(problems)), numbered


def steps_of(page: Page | None) -> FoundSteps:
    """Those of a page that a check has read; none of a page that it refuses."""
    return FoundSteps(page.snippets) if page else NONE


def _only(captured: Capture) -> list[str]:
    """Every machine that any fence names: without the page's front matter, none of them can be wrong."""
    return [name for fence in captured.fences for name in fence.attributes.get("only", "").replace(",", " ").split()]
