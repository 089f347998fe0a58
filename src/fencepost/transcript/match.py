r"""Compares what a command printed with what the page shows.

The patterns are those of cram: `...` alone on a line stands for any lines, `...` inside a line for any text; a line
that ends with ` (re)` or ` (glob)` is a pattern; a line that begins with `\` is plain text.
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
PATTERN_SUFFIXES = (" (re)", " (glob)")
# Python-Markdown replaces tabs by spaces, unless a site asks it to keep the tabs in fences.
_TAB_OF_PAGES = 4
# These take some seconds. With many lines between two `...`, each may be compared with nearly all lines of the output.
_MOST_COMPARISONS = 5_000_000


class BadPattern(Exception):
    """Raised if the text before a ` (re)` is no regular expression."""


def matches(expected: Sequence[str], output: str) -> bool:
    """Return whether a command's output is what the page shows.

    Args:
        expected: the lines below the command, as written.
        output: what the command printed.

    Raises:
        BadPattern: for a ` (re)` that is no regular expression.
        TooLongError: if comparing takes longer than some seconds.
    """
    shown = list(expected)
    if notices := notices_on_page(expected):
        shown = [line for index, line in enumerate(expected) if index not in notices]
    while shown and not shown[-1].strip():
        shown.pop()
    if _match_lines(shown, comparable_lines(output))[0]:
        return True
    return "\t" in output and any(_match_lines(shown, lines)[0] for lines in ways_to_read(output))


def comparable_lines(output: str) -> list[str]:
    """Return the lines of an output as a terminal shows them in the end, without notices of jobs that have ended."""
    return _lines_without_notices(output, TAB)


def closest_lines(expected: Sequence[str], output: str) -> list[str]:
    """Return the lines of an output, with tabs expanded in the way that matches more of the expected lines."""
    ways = list(ways_to_read(output))
    return ways[0] if len(ways) == 1 else max(ways, key=lambda lines: _match_lines([*expected, ELLIPSIS], lines)[1])


def ways_to_read(output: str) -> Iterator[list[str]]:
    """Yield the lines of an output with tabs as a terminal shows them, and then as most sites show a page's tabs."""
    yield comparable_lines(output)
    if "\t" in output:
        yield _lines_without_notices(output, _TAB_OF_PAGES)


def _lines_without_notices(output: str, tab: int) -> list[str]:
    lines = lines_of(output)
    if "\t" in output:
        lines = [tabs_as_spaces(line, tab) for line in lines]
    if may_hold_notices(output) and (notices := notices_in(lines)):
        lines = [line for index, line in enumerate(lines) if index not in notices]
        while lines and not lines[-1]:
            lines.pop()
    return lines


def first_bad_pattern(expected: Sequence[str]) -> tuple[int, str] | None:
    """Return the index of the first expected line whose ` (re)` is no regular expression, and what is wrong with it."""
    for index, line in enumerate(expected):
        try:
            if not line.startswith("\\"):
                _pattern(tabs_as_spaces(line).rstrip())
        except BadPattern as error:
            return index, str(error)
    return None


def first_difference(expected: Sequence[str], output: str) -> int:
    """Return the index of the first expected line that the output doesn't match.

    One past the last if all of them match, and the output only has more lines after them.
    """
    notices = notices_on_page(expected)
    indices = [index for index in range(len(expected)) if index not in notices]
    shown = [*(expected[index] for index in indices), ELLIPSIS]
    fitting = max(_match_lines(shown, lines)[1] for lines in ways_to_read(output))
    return indices[fitting] if fitting < len(indices) else len(expected)


def _match_lines(shown: list[str], lines: list[str]) -> tuple[bool, int]:
    """Return whether all lines match, and how many shown lines match at most, counted from the first."""
    # Like a glob over lines: on a mismatch, the last `...` takes one more line. No recursion, no blow-up.
    at = line = furthest = compared = 0
    star = star_line = -1
    while line < len(lines):
        furthest = max(furthest, at)
        compared += 1
        if compared > _MOST_COMPARISONS:
            raise TooLongError(f"comparing {len(shown)} lines with {len(lines)} takes too long")
        if at < len(shown) and shown[at].strip() == ELLIPSIS:
            star, star_line = at, line
            at += 1
        elif at < len(shown) and line_matches(shown[at], lines[line]):
            at += 1
            line += 1
        elif star >= 0:
            star_line += 1
            at, line = star + 1, star_line
        else:
            return False, furthest
    while at < len(shown) and shown[at].strip() == ELLIPSIS:
        at += 1
    furthest = max(furthest, at)
    return at == len(shown), furthest


def line_matches(shown: str, line: str) -> bool:
    """Return whether a line of output is what a line of the page shows; not for a line that is only `...`.

    Raises:
        BadPattern, TooLongError: as `matches` does.
    """
    if shown.startswith("\\"):
        return tabs_as_spaces(shown[1:]).rstrip() == line
    shown = (tabs_as_spaces(shown) if "\t" in shown else shown).rstrip()
    if pattern := _pattern(shown):
        # A translated glob doesn't backtrack, so it needs no time limit.
        return bool(pattern.fullmatch(line)) if shown.endswith(" (glob)") else fits(pattern, line)
    return _matches_around_ellipses(shown.split(ELLIPSIS), line) if ELLIPSIS in shown else shown == line


def line_fits(shown: str, line: str) -> bool:
    """Return whether lines match, as `line_matches` does; not for a bad pattern or a line that is only `...`."""
    try:
        return shown.strip() != ELLIPSIS and line_matches(shown, line)
    except BadPattern:
        return False


def _matches_around_ellipses(parts: list[str], line: str) -> bool:
    # Taking the first place of each part finds a match if there is one. A regular expression would try all places.
    first, *middle, last = parts
    if not line.startswith(first):
        return False
    at = len(first)
    for part in middle:
        start = line.find(part, at)
        if start < 0:
            return False
        at = start + len(part)
    return line.endswith(last) and len(line) - len(last) >= at


@lru_cache(4096)
def _pattern(shown: str) -> re.Pattern[str] | None:
    if shown.endswith(" (re)"):
        try:
            with warnings.catch_warnings(action="ignore"):  # about syntax that a later Python may read differently
                return re.compile(shown.removesuffix(" (re)"))
        except (re.error, OverflowError, RecursionError) as error:
            raise BadPattern(f"`{shown}` is no regular expression: {error}") from error
    if shown.endswith(" (glob)"):
        return re.compile(fnmatch.translate(shown.removesuffix(" (glob)")))
    return None
