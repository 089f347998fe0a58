r"""Compares what a command printed with what the page shows.

The matchers are those that cram's users know: `...` alone on a line stands for any lines, `...` inside a line for any
text, ` (re)` and ` (glob)` at a line's end for a pattern; a `\` in front makes a line plain text.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from functools import lru_cache

from fencepost.terminal import lines_of

ELLIPSIS = "..."


class BadPattern(Exception):
    """A ` (re)` that is no regular expression."""


def matches(expected: Sequence[str], output: str) -> bool:
    """Whether a command's output is what the page shows.

    Args:
        expected: the lines beneath the command, as written.
        output: what it printed.

    Raises:
        BadPattern: for a ` (re)` that is no regular expression.
    """
    wanted = list(expected)
    while wanted and not wanted[-1].strip():
        wanted.pop()
    return _match(wanted, comparable_lines(output))


def comparable_lines(output: str) -> list[str]:
    """An output as lines, with spaces for tabs as a terminal would have: a site may keep tabs in its fences, or not."""
    return [line.expandtabs().rstrip() for line in lines_of(output)]


def judge_patterns(expected: Sequence[str]) -> tuple[int, str] | None:
    """The first expected line whose ` (re)` is no regular expression: its index, and what is wrong with it."""
    for index, line in enumerate(expected):
        try:
            _pattern(line.expandtabs().rstrip())
        except BadPattern as error:
            return index, str(error)
    return None


def first_difference(expected: Sequence[str], output: str) -> int:
    """The index of the expected line from which on the output can't be brought into line.

    One past the last where all of them fit, and the output merely goes on behind them.
    """
    lines = comparable_lines(output)
    fitting = [count for count in range(len(expected) + 1) if _match([*expected[:count], ELLIPSIS], lines)]
    return fitting[-1]


def _match(wanted: list[str], lines: list[str]) -> bool:
    # Like a glob over lines: on a mismatch, the last `...` takes one line more. No recursion, no blow-up.
    at = line = 0
    star = star_line = -1
    while line < len(lines):
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
            return False
    while at < len(wanted) and wanted[at].strip() == ELLIPSIS:
        at += 1
    return at == len(wanted)


def line_matches(wanted: str, line: str) -> bool:
    """Whether one line of output is what one line of the page shows, `...` alone on it excepted."""
    if wanted.startswith("\\"):
        return wanted[1:].expandtabs().rstrip() == line
    wanted = wanted.expandtabs().rstrip()
    if pattern := _pattern(wanted):
        return bool(pattern.fullmatch(line))
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
            return re.compile(wanted.removesuffix(" (re)"))
        except re.error as error:
            raise BadPattern(f"`{wanted}` is no regular expression: {error}") from error
    if wanted.endswith(" (glob)"):
        return re.compile(fnmatch.translate(wanted.removesuffix(" (glob)")))
    return None
