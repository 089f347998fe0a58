"""Line by line, how an output differs from what the page shows: what came, what didn't, what fits."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from fencepost.transcript.match import ELLIPSIS, BadPattern, closest_lines, comparable_lines, line_matches
from fencepost.transcript.notices import notices_on_page
from fencepost.transcript.regular import TooLongError

# Beyond this, two texts have little to do with each other, and aligning them would take long.
_MOST_CELLS = 40_000


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
            return _aligned(wanted, lines)
        except TooLongError:
            pass
    return [*((Part.MISSING, line) for line in wanted), *((Part.MORE, line) for line in lines)]


def _aligned(wanted: list[str], lines: list[str]) -> list[tuple[Part, str]]:
    # cost[i][j]: of bringing the wanted lines from i on and the lines from j on together.
    cost = [[0] * (len(lines) + 1) for _ in range(len(wanted) + 1)]
    for i in range(len(wanted), -1, -1):
        for j in range(len(lines), -1, -1):
            if i < len(wanted) or j < len(lines):
                cost[i][j] = min(price for price, _, _ in _steps(wanted, lines, i, j, cost))
    told: list[tuple[Part, str]] = []
    i = j = 0
    while i < len(wanted) or j < len(lines):
        _, part, (di, dj) = min(_steps(wanted, lines, i, j, cost), key=lambda step: step[0])
        if part is Part.MISSING:
            told.append((part, wanted[i]))
        elif dj:
            told.append((part, lines[j]))
        i, j = i + di, j + dj
    return told


def _steps(
    wanted: Sequence[str], lines: Sequence[str], i: int, j: int, cost: list[list[int]]
) -> list[tuple[int, Part, tuple[int, int]]]:
    """The next steps from a place, each with all that it would cost: the best of equals first."""
    found = []
    if i < len(wanted):
        elided = wanted[i].strip() == ELLIPSIS
        if elided:
            found.append((cost[i + 1][j], Part.FITS, (1, 0)))
            if j < len(lines):
                found.append((cost[i][j + 1], Part.FITS, (0, 1)))
        elif j < len(lines) and _fits(wanted[i], lines[j]):
            found.append((cost[i + 1][j + 1], Part.FITS, (1, 1)))
        if not elided:
            found.append((cost[i + 1][j] + 1, Part.MISSING, (1, 0)))
    if j < len(lines):
        found.append((cost[i][j + 1] + 1, Part.MORE, (0, 1)))
    return found


def _fits(wanted: str, line: str) -> bool:
    try:
        return line_matches(wanted, line)
    except BadPattern:
        return False
