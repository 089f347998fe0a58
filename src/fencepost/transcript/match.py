r"""Compares what a command printed with what the page shows.

The matchers are those that cram's users know: `...` alone on a line stands for any lines, `...` inside a line for any
text, ` (re)` and ` (glob)` at a line's end for a pattern; a `\` in front makes a line plain text.
"""

from __future__ import annotations

import fnmatch
import re
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache

from fencepost.columns import TAB, tabs_as_spaces
from fencepost.terminal import lines_of
from fencepost.transcript.notices import may_hold_notices, notices_in, notices_on_page
from fencepost.transcript.regular import TooLongError, fits

ELLIPSIS = "..."
# Python-Markdown makes spaces of tabs, unless a site asks it to keep those of its fences.
_TAB_OF_PAGES = 4
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
    if notices := notices_on_page(expected):
        wanted = [line for index, line in enumerate(expected) if index not in notices]
    while wanted and not wanted[-1].strip():
        wanted.pop()
    if _brought_into_line(wanted, comparable_lines(output))[0]:
        return True
    return "\t" in output and any(_brought_into_line(wanted, lines)[0] for lines in ways_to_read(output))


def comparable_lines(output: str) -> list[str]:
    """An output as the lines that a terminal shows in the end, but for the notices of jobs that have ended."""
    return _lines_but_notices(output, TAB)


def closest_lines(expected: Sequence[str], output: str) -> list[str]:
    """The same, with the tabs of the output as those of the page, where more of its lines are alike then."""
    ways = list(ways_to_read(output))
    return (
        ways[0] if len(ways) == 1 else max(ways, key=lambda lines: _brought_into_line([*expected, ELLIPSIS], lines)[1])
    )


def ways_to_read(output: str) -> Iterator[list[str]]:
    """An output with its tabs as a terminal shows them, and as most sites show those of a page."""
    yield comparable_lines(output)
    if "\t" in output:
        yield _lines_but_notices(output, _TAB_OF_PAGES)


def _lines_but_notices(output: str, tab: int) -> list[str]:
    lines = lines_of(output)
    if "\t" in output:
        lines = [tabs_as_spaces(line, tab) for line in lines]
    if may_hold_notices(output) and (notices := notices_in(lines)):
        lines = [line for index, line in enumerate(lines) if index not in notices]
        while lines and not lines[-1]:
            lines.pop()
    return lines


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
    notices = notices_on_page(expected)
    indices = [index for index in range(len(expected)) if index not in notices]
    wanted = [*(expected[index] for index in indices), ELLIPSIS]
    fitting = max(_brought_into_line(wanted, lines)[1] for lines in ways_to_read(output))
    return indices[fitting] if fitting < len(indices) else len(expected)


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
    wanted = (tabs_as_spaces(wanted) if "\t" in wanted else wanted).rstrip()
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
