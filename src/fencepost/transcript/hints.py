"""Hints at differences between a page and an output that are easy to overlook."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from fencepost.transcript.alike import TABS, lookalike_hint
from fencepost.transcript.difference import Part, difference
from fencepost.transcript.match import BadPattern, comparable_lines, first_difference, matches
from fencepost.transcript.regular import TooLongError

_MOST_HINTS = 3
_MOST_PAIRS = 50


def hints(expected: str, actual: str, line: int) -> list[str]:
    """Explain how lines of a page differ from lines of output that look like them.

    Args:
        expected: the lines that the page shows.
        actual: the output.
        line: the line number, in the file, of the first line that differs.

    Returns:
        A few at most, without a full stop; each names its line.
    """
    shown = expected.split("\n")
    result: list[str] = []
    try:
        first = shown[min(first_difference(shown, actual), len(shown) - 1)]
        if counts := _blank_line_counts(shown, comparable_lines(actual)):
            return [f"line {line}: only blank lines differ: {counts[0]} on the page, {counts[1]} in the output"]
        for shown_line, output_line in islice(_pairs(shown, actual), _MOST_PAIRS):
            if hint := lookalike_hint(shown_line, output_line):
                if "\t" in actual and "space" in hint and TABS not in hint:
                    hint += f"; {TABS}"
                result.append(f"{f'line {line}' if shown_line == first else f'`{shown_line}`'}: {hint}")
    except (BadPattern, TooLongError):
        pass
    return result[:_MOST_HINTS]


def _blank_line_counts(shown: list[str], lines: list[str]) -> tuple[int, int] | None:
    """Count the blank lines on the page and in the output; `None` if more than blank lines differ."""
    shown_text, output_text = ([line for line in text if line.strip()] for text in (shown, lines))
    no_blanks = (len(shown_text), len(output_text)) == (len(shown), len(lines))
    if no_blanks or not matches(shown_text, "\n".join(output_text)):
        return None
    return len(shown) - len(shown_text), len(lines) - len(output_text)


def _pairs(shown: list[str], actual: str) -> Iterator[tuple[str, str]]:
    """Yield the lines of the page that aren't in the output, each with the line of output in its place."""
    missing: list[str] = []
    more: list[str] = []
    for part, line in [*difference(shown, actual), (Part.FITS, "")]:
        if part is Part.FITS:
            yield from zip(missing, more, strict=False)
            missing, more = [], []
        else:
            (missing if part is Part.MISSING else more).append(line)
