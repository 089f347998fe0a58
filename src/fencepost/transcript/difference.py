"""Shows line by line how an output differs from what the page shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

from fencepost.transcript.align import Costs, Move, align
from fencepost.transcript.match import BadPattern, closest_lines, comparable_lines
from fencepost.transcript.notices import notices_on_page
from fencepost.transcript.regular import TooLongError

# Aligning longer texts would take too long.
_MOST_CELLS = 40_000
_COSTS = Costs(fits=0, dropped=1, added=1)


class Part(StrEnum):
    """The mark of a line in a difference."""

    FITS = " "
    MISSING = "-"
    MORE = "+"


def difference(expected: Sequence[str], output: str) -> list[tuple[Part, str]]:
    """Return the shortest difference between the expected lines and the output.

    Args:
        expected: the lines that the page shows, with their patterns.
        output: what was printed.

    Returns:
        The lines in order. A line that fits is given as in the output; a `...` fits as many lines as needed. Notices
        of jobs that have ended are left out on both sides.
    """
    notices = notices_on_page(expected)
    shown = [line for index, line in enumerate(expected) if index not in notices]
    try:
        lines = closest_lines(shown, output)
    except (BadPattern, TooLongError):
        lines = comparable_lines(output)
    if len(shown) * len(lines) <= _MOST_CELLS:
        try:
            return list(_aligned(shown, lines))
        except TooLongError:
            pass
    return [*((Part.MISSING, line) for line in shown), *((Part.MORE, line) for line in lines)]


def _aligned(shown: list[str], lines: list[str]) -> Iterator[tuple[Part, str]]:
    for move, at, line in align(shown, lines, _COSTS):
        if move is Move.DROPPED:
            yield Part.MISSING, shown[at]
        elif move is not Move.STANDS:
            yield Part.MORE if move is Move.ADDED else Part.FITS, lines[line]
