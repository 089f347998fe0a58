"""A mutant: one edit of one file that breaks one step, and the lines that a check should name for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fencepost.mutate.standing import Extent, Standing


@dataclass(frozen=True)
class Edit:
    """Lines of a file, and the lines that replace them.

    Attributes:
        file: the file, relative to the site's folder.
        first: the first line to remove, counted from 1.
        count: how many lines to remove.
        lines: the lines to insert.
    """

    file: str
    first: int
    count: int
    lines: tuple[str, ...]

    def applied(self, lines: Sequence[str]) -> list[str]:
        """Return the file's lines, edited."""
        start = self.first - 1
        return [*lines[:start], *self.lines, *lines[start + self.count :]]

    @property
    def shift(self) -> int:
        """By how many lines the rest of the file moves down."""
        return len(self.lines) - self.count


@dataclass(frozen=True)
class Broken:
    """What an operator makes of a step.

    Attributes:
        detail: what was broken, in words that stay the same while the step does.
        edit: the edit.
        line: the line, in the edited file, that the failure has to name; 0 for any line of the step.
        later: True if a later step may fail instead, because the edit took away something that it needs.
        with_next: True if the next step has changed its place too.
    """

    detail: str
    edit: Edit
    line: int = 0
    later: bool = False
    with_next: bool = False

    @property
    def changes_what_runs(self) -> bool:
        """True if the step does something else, rather than the page saying or ordering something else.

        A check always notices what the page says wrongly; and another order often makes no difference.
        """
        return self.later and not self.with_next


@dataclass(frozen=True)
class Mutant:
    """A broken page.

    Attributes:
        name: page, first machine, step, operator and detail.
        page: the page's name.
        machines: the machines on which it may be noticed.
        step: the id of the step that was broken.
        steps: that id, and for swapped steps the other one's too.
        operator: how it was broken.
        broken: the edit, and where it has to be noticed.
        extents: the lines of `steps`, after the edit.
        in_transcript: True if the step is a console transcript.
    """

    name: str
    page: str
    machines: tuple[str, ...]
    step: str
    steps: tuple[str, ...]
    operator: str
    broken: Broken
    extents: tuple[Extent, ...]
    in_transcript: bool = False

    def has(self, file: str, line: int) -> bool:
        """Return whether a line belongs to the broken step."""
        return any(extent.file == file and extent.first <= line <= extent.last for extent in self.extents)


def named(
    page: str, machines: tuple[str, ...], standing: Standing, breaks: Iterable[tuple[str, Broken]]
) -> list[Mutant]:
    """Return mutants from what the operators made, each with a name that no other one has."""
    seen: Counter[str] = Counter()
    mutants = []
    for operator, broken in breaks:
        step = standing.snippet.id
        name = f"{page}@{machines[0]} #{step} {operator}: {broken.detail}"
        seen[name] += 1
        if seen[name] > 1:
            name += f" ({seen[name]})"
        others = (standing.following.snippet.id,) if broken.with_next and standing.following else ()
        extents = _moved(standing, broken)
        transcript = standing.kind.is_transcript
        mutants.append(Mutant(name, page, machines, step, (step, *others), operator, broken, extents, transcript))
    return mutants


def edited(files: Mapping[str, Sequence[str]], edit: Edit) -> str:
    """Return the text of the file that an edit changes, as it is after the edit."""
    return "\n".join(edit.applied(files[edit.file]))


def _moved(standing: Standing, broken: Broken) -> tuple[Extent, ...]:
    """Return the lines of a step after an edit inside it."""
    extents = standing.extents
    if broken.with_next and standing.following:
        both = (*extents, *standing.following.extents)
        extents = tuple(
            Extent(file, min(extent.first for extent in those), max(extent.last for extent in those))
            for file in dict.fromkeys(extent.file for extent in both)
            if (those := [extent for extent in both if extent.file == file])
        )
    edit = broken.edit
    return tuple(
        Extent(extent.file, extent.first, extent.last + edit.shift) if extent.file == edit.file else extent
        for extent in extents
    )
