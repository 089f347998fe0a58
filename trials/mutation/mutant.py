"""A mutant: an edit of a file that breaks a step, and the lines that the check's failure has to name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trials.mutation.standing import Extent, Standing


@dataclass(frozen=True)
class Edit:
    """Lines of a file, and the lines that replace them.

    Attributes:
        file: the file, relative to the site's folder.
        first: the first line to remove, counted from 1.
        count: how many lines to remove.
        lines: the new lines.
    """

    file: str
    first: int
    count: int
    lines: tuple[str, ...]

    def applied(self, lines: Sequence[str]) -> list[str]:
        """Return the file's lines after the edit."""
        start = self.first - 1
        return [*lines[:start], *self.lines, *lines[start + self.count :]]

    @property
    def shift(self) -> int:
        """By how many lines the rest of the file moves down."""
        return len(self.lines) - self.count


@dataclass(frozen=True)
class Broken:
    """A way in which an operator breaks a step.

    Attributes:
        detail: what was broken, in words that change only with the step.
        edit: the edit.
        line: the line of the edited file that the failure has to name; 0 for any line of the step.
        later: True if a later step may go red instead, because the edit removed something that it needs.
        with_next: True if the step was swapped with the next one.
    """

    detail: str
    edit: Edit
    line: int = 0
    later: bool = False
    with_next: bool = False


@dataclass(frozen=True)
class Mutant:
    """A broken page.

    Attributes:
        name: page, first machine, step, operator and detail.
        page: the page's name.
        machines: the machines on which it can be noticed.
        step: the id of the step that was broken.
        steps: that id, and for swapped steps the other one's too.
        operator: the name of the operator that broke it.
        broken: the edit, and where it has to be noticed.
        extents: the lines of `steps`, after the edit.
    """

    name: str
    page: str
    machines: tuple[str, ...]
    step: str
    steps: tuple[str, ...]
    operator: str
    broken: Broken
    extents: tuple[Extent, ...]

    def has(self, file: str, line: int) -> bool:
        """Return whether a line belongs to the broken step."""
        return any(extent.file == file and extent.first <= line <= extent.last for extent in self.extents)


def named(
    page: str, machines: tuple[str, ...], standing: Standing, broken: Iterable[tuple[str, Broken]]
) -> list[Mutant]:
    """Return mutants for what the operators broke, each with a unique name."""
    seen: Counter[str] = Counter()
    mutants = []
    for operator, one in broken:
        step = standing.snippet.id
        name = f"{page}@{machines[0]} #{step} {operator}: {one.detail}"
        seen[name] += 1
        if seen[name] > 1:
            name += f" ({seen[name]})"
        others = (standing.following.snippet.id,) if one.with_next and standing.following else ()
        extents = _moved(standing, one)
        mutants.append(Mutant(name, page, machines, step, (step, *others), operator, one, extents))
    return mutants


def edited(files: Mapping[str, Sequence[str]], edit: Edit) -> str:
    """Return the text of the edited file."""
    return "\n".join(edit.applied(files[edit.file]))


def _moved(standing: Standing, broken: Broken) -> tuple[Extent, ...]:
    """Return the lines of a step after an edit inside it."""
    extents = standing.extents
    if broken.with_next and standing.following:
        both = (*extents, *standing.following.extents)
        extents = tuple(
            Extent(file, min(one.first for one in those), max(one.last for one in those))
            for file in dict.fromkeys(extent.file for extent in both)
            if (those := [one for one in both if one.file == file])
        )
    edit = broken.edit
    return tuple(
        Extent(extent.file, extent.first, extent.last + edit.shift) if extent.file == edit.file else extent
        for extent in extents
    )
