"""A mutant: one edit of one file that breaks one step, and the lines at which the check has to say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trials.mutation.standing import Extent, Standing


@dataclass(frozen=True)
class Edit:
    """Lines of a file, and what takes their place.

    Attributes:
        file: the file, relative to the site's folder.
        first: the first line that goes, counted from 1.
        count: how many lines go.
        lines: the lines that come.
    """

    file: str
    first: int
    count: int
    lines: tuple[str, ...]

    def applied(self, lines: Sequence[str]) -> list[str]:
        """The file's lines, edited."""
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
        line: the line, in the edited file, that the failure has to name; 0 for any of the step.
        later: whether it is as good when a later step goes red: something was taken away which that one needs.
        with_next: whether the step behind has changed its place too.
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
        machines: the machines on which it may be noticed.
        step: the id of the step that was broken.
        steps: that id, and for swapped steps the other one's too.
        operator: how it was broken.
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
        """Whether a line is one of the broken step's."""
        return any(extent.file == file and extent.first <= line <= extent.last for extent in self.extents)


def named(
    page: str, machines: tuple[str, ...], standing: Standing, broken: Iterable[tuple[str, Broken]]
) -> list[Mutant]:
    """Mutants from what the operators made, each with a name that no other one has."""
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
    """The text of the file that an edit changes, as it is after it."""
    return "\n".join(edit.applied(files[edit.file]))


def _moved(standing: Standing, broken: Broken) -> tuple[Extent, ...]:
    """The lines of a step after an edit inside it."""
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
