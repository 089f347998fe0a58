r"""Compares what a command printed with what the page shows.

The matchers are those that cram's users know: `...` alone on a line stands for any lines, `...` inside a line for any
text, ` (re)` and ` (glob)` at a line's end for a pattern; a `\` in front makes a line plain text.
"""

from __future__ import annotations

import fnmatch
import re
import warnings
from collections.abc import Sequence
from functools import lru_cache

from fencepost.columns import tabs_as_spaces
from fencepost.terminal import lines_of
from fencepost.transcript.regular import TooLongError, fits

ELLIPSIS = "..."
# Some seconds. Where many lines stand between two `...`, each may be compared with nearly all that came.
_MOST_COMPARISONS = 5_000_000


class BadPattern(Exception):
    """A ` (re)` that is no regular expression."""


def matches(expected: Sequence[str], output: str) -> bool:
    """Whether a command's output is what the page shows.

    Args:
        expected: the lines beneath the command, as written.
        output: what it printed.

    Raises:
        BadPattern: for a ` (re)` that is no regular expression.
        TooLongError: when there is no telling within some seconds.
    """
    wanted = list(expected)
    while wanted and not wanted[-1].strip():
        wanted.pop()
    return _brought_into_line(wanted, comparable_lines(output))[0]


def comparable_lines(output: str) -> list[str]:
    """An output as lines, with spaces for tabs as a terminal would have: a site may keep tabs in its fences, or not."""
    lines = lines_of(output)
    return [tabs_as_spaces(line) for line in lines] if "\t" in output else lines


def judge_patterns(expected: Sequence[str]) -> tuple[int, str] | None:
    """The first expected line whose ` (re)` is no regular expression: its index, and what is wrong with it."""
    for index, line in enumerate(expected):
        try:
            if not line.startswith("\\"):
                _pattern(tabs_as_spaces(line).rstrip())
        except BadPattern as error:
            return index, str(error)
    return None


def first_difference(expected: Sequence[str], output: str) -> int:
    """The index of the expected line from which on the output can't be brought into line.

    One past the last where all of them fit, and the output merely goes on behind them.
    """
    return min(_brought_into_line([*expected, ELLIPSIS], comparable_lines(output))[1], len(expected))


def _brought_into_line(wanted: list[str], lines: list[str]) -> tuple[bool, int]:
    """Whether lines fit, and how many of those that are wanted do at most, from the first on."""
    # Like a glob over lines: on a mismatch, the last `...` takes one line more. No recursion, no blow-up.
    at = line = furthest = compared = 0
    star = star_line = -1
    while line < len(lines):
        furthest = max(furthest, at)
        compared += 1
        if compared > _MOST_COMPARISONS:
            raise TooLongError(f"comparing {len(wanted)} lines with {len(lines)} takes too long")
        if at < len(wanted) and wanted[at].strip() == ELLIPSIS:
            star, star_line = at, line
            at += 1
        elif at < len(wanted) and line_matches(wanted[at], lines[line]):
            at += 1
            line += 1
        elif star >= 0:
            star_line += 1
            at, line = star + 1, star_line
        else:
            return False, furthest
    while at < len(wanted) and wanted[at].strip() == ELLIPSIS:
        at += 1
    furthest = max(furthest, at)
    return at == len(wanted), furthest


def line_matches(wanted: str, line: str) -> bool:
    """Whether one line of output is what one line of the page shows, `...` alone on it excepted.

    Raises:
        BadPattern, TooLongError: as `matches` does.
    """
    if wanted.startswith("\\"):
        return tabs_as_spaces(wanted[1:]).rstrip() == line
    wanted = tabs_as_spaces(wanted).rstrip()
    if pattern := _pattern(wanted):
        # A glob never goes back on what it has found.
        return bool(pattern.fullmatch(line)) if wanted.endswith(" (glob)") else fits(pattern, line)
    return _elided(wanted.split(ELLIPSIS), line) if ELLIPSIS in wanted else wanted == line


def _elided(parts: list[str], line: str) -> bool:
    # Each part where it is found first: if any way fits, this one does. A regular expression would try them all.
    first, *middle, last = parts
    if not line.startswith(first):
        return False
    at = len(first)
    for part in middle:
        found = line.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return line.endswith(last) and len(line) - len(last) >= at


@lru_cache(4096)
def _pattern(wanted: str) -> re.Pattern[str] | None:
    if wanted.endswith(" (re)"):
        try:
            with warnings.catch_warnings(action="ignore"):  # of what a later Python may take for something else
                return re.compile(wanted.removesuffix(" (re)"))
        except (re.error, OverflowError, RecursionError) as error:
            raise BadPattern(f"`{wanted}` is no regular expression: {error}") from error
    if wanted.endswith(" (glob)"):
        return re.compile(fnmatch.translate(wanted.removesuffix(" (glob)")))
    return None
