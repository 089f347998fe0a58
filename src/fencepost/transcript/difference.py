"""Line by line, how an output differs from what the page shows: what came, what didn't, what fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

from fencepost.transcript.align import Costs, Move, align
from fencepost.transcript.match import BadPattern, closest_lines, comparable_lines
from fencepost.transcript.notices import notices_on_page
from fencepost.transcript.regular import TooLongError

# Beyond this, two texts have little to do with each other, and aligning them would take long.
_MOST_CELLS = 40_000
_COSTS = Costs(fits=0, dropped=1, added=1)


class Part(StrEnum):
    """What a line of the difference is."""

    FITS = " "
    MISSING = "-"
    MORE = "+"


def difference(expected: Sequence[str], output: str) -> list[tuple[Part, str]]:
    """The shortest way from what is expected to what came.

    Args:
        expected: the lines that the page shows, with their patterns.
        output: what was printed.

    Returns:
        The lines in order: of those that fit, what came; a `...` takes as many of them as it needs. Notices of jobs
        that have ended are left out on both sides.
    """
    notices = notices_on_page(expected)
    wanted = [line for index, line in enumerate(expected) if index not in notices]
    try:
        lines = closest_lines(wanted, output)
    except (BadPattern, TooLongError):
        lines = comparable_lines(output)
    if len(wanted) * len(lines) <= _MOST_CELLS:
        try:
            return list(_aligned(wanted, lines))
        except TooLongError:
            pass
    return [*((Part.MISSING, line) for line in wanted), *((Part.MORE, line) for line in lines)]


def _aligned(wanted: list[str], lines: list[str]) -> Iterator[tuple[Part, str]]:
    for move, at, line in align(wanted, lines, _COSTS):
        if move is Move.DROPPED:
            yield Part.MISSING, wanted[at]
        elif move is not Move.STANDS:
            yield Part.MORE if move is Move.ADDED else Part.FITS, lines[line]
