"""Where a mutant was noticed, and whether that is where it was broken.

*At its line*: the page's first red verdict is that of the broken step, and its failure names a line of that step. If
the edit changed a single expectation (a line of output, a status under a command, a file to include), it must name that
very line. An error found while the page is read counts likewise, by the file and line that it names.

*Later*: something was taken away or changed that the step itself doesn't check, and the first step to go red comes
after it. For swapped steps, both of them are the broken step.

*Elsewhere*: red, but at none of these places. An author would not look for the cause there.

A step before the broken one can't go red because of the edit: that is a false red of the unbroken page, and counts as
one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fencepost.mutate.mutant import Mutant


class Where(StrEnum):
    """Where a mutant was noticed."""

    AT_ITS_LINE = "at its line"
    LATER = "later"
    ELSEWHERE = "elsewhere"
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class Red:
    """The first failure of a check.

    Attributes:
        verdict: the step's verdict; `unreadable` if the page couldn't be read.
        step: the step's id; empty if the page couldn't be read.
        file: the file that the failure names.
        line: the line in it; 0 for none.
        reason: why the step failed, as text.
        output: what the step printed last.
    """

    verdict: str
    step: str
    file: str
    line: int
    reason: str = ""
    output: str = ""


def where(mutant: Mutant, red: Red | None, order: Sequence[str]) -> Where:
    """Return where a mutant was noticed.

    Args:
        mutant: the mutant.
        red: the first failure, if there was one.
        order: the ids of the unbroken page's steps on that machine.
    """
    if red is None:
        return Where.NOWHERE
    broken = mutant.broken
    named = red.line == broken.line if broken.line else mutant.has(red.file, red.line)
    if named and mutant.has(red.file, red.line) and (not red.step or red.step in mutant.steps):
        return Where.AT_ITS_LINE
    if broken.later and red.step in order and order.index(red.step) > order.index(mutant.step):
        return Where.LATER
    return Where.ELSEWHERE


def is_false(mutant: Mutant, red: Red | None, order: Sequence[str]) -> bool:
    """Return whether a failure comes before everything that is broken.

    Args:
        mutant: the mutant.
        red: the first failure, if there was one.
        order: the ids of the unbroken page's steps on that machine.
    """
    if red is None or red.step not in order or mutant.broken.edit.file != mutant.page:
        return False
    return order.index(red.step) < order.index(mutant.step)
