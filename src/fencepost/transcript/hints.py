"""Hints at differences between a page and an output that are easily overlooked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from fencepost.transcript.alike import TABS, why_alike
from fencepost.transcript.difference import Part, difference
from fencepost.transcript.match import BadPattern, comparable_lines, first_difference, matches
from fencepost.transcript.regular import TooLongError

_MOST_HINTS = 3
_MOST_PAIRS = 50


def hints(expected: str, actual: str, line: int) -> list[str]:
    """How lines differ that look alike.

    Args:
        expected: the lines that the page shows.
        actual: what came.
        line: the line in the file of the first one that differs.

    Returns:
        A few at most, without a full stop; each names its line.
    """
    wanted = expected.split("\n")
    found: list[str] = []
    try:
        first = wanted[min(first_difference(wanted, actual), len(wanted) - 1)]
        if counts := _blank_lines(wanted, comparable_lines(actual)):
            return [f"line {line}: only blank lines differ: {counts[0]} on the page, {counts[1]} in the output"]
        for shown, came in islice(_pairs(wanted, actual), _MOST_PAIRS):
            if why := why_alike(shown, came):
                if "\t" in actual and "space" in why and TABS not in why:
                    why += f"; {TABS}"
                found.append(f"{f'line {line}' if shown == first else f'`{shown}`'}: {why}")
    except (BadPattern, TooLongError):
        pass
    return found[:_MOST_HINTS]


def _blank_lines(wanted: list[str], lines: list[str]) -> tuple[int, int] | None:
    """How many blank lines both have, where that is all in which they differ."""
    shown, came = ([line for line in some if line.strip()] for some in (wanted, lines))
    if (len(shown), len(came)) == (len(wanted), len(lines)) or not matches(shown, "\n".join(came)):
        return None
    return len(wanted) - len(shown), len(lines) - len(came)


def _pairs(wanted: list[str], actual: str) -> Iterator[tuple[str, str]]:
    """What came in the place of what, line by line."""
    missing: list[str] = []
    more: list[str] = []
    for part, line in [*difference(wanted, actual), (Part.FITS, "")]:
        if part is Part.FITS:
            yield from zip(missing, more, strict=False)
            missing, more = [], []
        else:
            (missing if part is Part.MISSING else more).append(line)
