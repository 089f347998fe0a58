"""What became of a mutant, and of the runs of a page as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fencepost.mutate.judging import Red, Where
from fencepost.mutate.mutant import Mutant


@dataclass(frozen=True)
class Outcome:
    """What is known about a mutant.

    Attributes:
        mutant: the mutant.
        kind: the kind of machine that it is for.
        where: where it was noticed; `None` if it wasn't tried yet.
        red: the first failure.
    """

    mutant: Mutant
    kind: str
    where: Where | None = None
    red: Red | None = None

    @property
    def survives(self) -> bool:
        """True if nothing noticed it."""
        return self.where is Where.NOWHERE


@dataclass(frozen=True)
class CleanRuns:
    """Runs of an unbroken page on a machine.

    Attributes:
        name: page and machine.
        wanted: how many green ones in a row are needed.
        green: whether each was green, the last one last.
    """

    name: str
    wanted: int
    green: Sequence[bool]

    @property
    def in_a_row(self) -> int:
        """How many of the last ones were green."""
        newest_first = list(self.green)[::-1]
        return newest_first.index(False) if False in newest_first else len(newest_first)

    @property
    def missing(self) -> int:
        """How many are still to be run."""
        return max(0, self.wanted - self.in_a_row)
