r"""Rewrites the output that a page shows, so that it is what the command printed.

What still fits stays as the author wrote it: `...`, patterns, plain lines. Only what doesn't is replaced, by the lines
that came; where one of them would mean something else in a page, a `\` makes it plain output.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fencepost.transcript.like_commands import look_like_commands, looks_like_command
from fencepost.transcript.match import ELLIPSIS, comparable_lines, line_matches
from fencepost.transcript.notices import notices_on_page
from fencepost.transcript.parse import BASH, STATUS, Command, Prompts, TranscriptProblem, parse_transcript
from fencepost.transcript.regular import TooLongError

# What each choice costs. A line that fits is worth keeping; between equals, one changed line is told as one.
_FITS, _ABSORBED, _CHANGED, _ADDED, _DROPPED = -1, 0, 2, 2, 3
# A few seconds of comparing.
_MOST_COMPARISONS = 3_000_000
# Markdown takes these out of a page, or takes them for the end of a line: no page can show them.
_UNSHOWABLE = re.compile("[\x00\x02\x03\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_MEANS_SOMETHING_ELSE = re.compile(r"\\|\s*(?:```|~~~|;*-+8<-+)|\.\.\.$|\s+\.\.\.$")

# What a special line may begin with.
_OPENS = frozenset("\\$#`~;+-")


class TooMuchError(Exception):
    """An output so long that finding what is left of the page's text in it would take minutes."""


def updated(expected: Sequence[str], output: str, prompts: Prompts = BASH) -> list[str]:
    """The lines that a page should show beneath a command.

    Args:
        expected: the lines that it shows now, as written; not empty.
        output: what the command printed.
        prompts: the transcript's.

    Returns:
        Lines that match the output. The very same ones where they did already.

    Raises:
        TooMuchError: when both are very long, or a ` (re)` takes too long.
    """
    shown = list(expected)
    gap: list[str] = []
    while shown and not shown[-1].strip():
        gap.insert(0, shown.pop())
    lines = comparable_lines(output)
    if len(shown) * len(lines) > _MOST_COMPARISONS:
        raise TooMuchError
    try:
        return [*_merged(shown, lines, prompts), *gap]
    except TooLongError as error:
        raise TooMuchError from error


def as_expected(line: str, prompts: Prompts = BASH) -> str:
    r"""A line of output as a page has to write it.

    With a `\` where it would mean something else, with `...` for what no page can show; where it is both, a glob.
    """
    special = (
        looks_like_command(line, prompts)
        or line.endswith((" (re)", " (glob)"))
        or STATUS.match(line)
        or _MEANS_SOMETHING_ELSE.match(line)
    )
    head, *others = _UNSHOWABLE.split(line)
    if not others:
        return f"\\{line}" if special else line
    elided = ELLIPSIS.join([head, *others])
    # Of more than three dots the first three are the elision.
    if not special and elided.strip() != ELLIPSIS and f".{ELLIPSIS}" not in elided:
        return elided
    # Behind a `\` three dots would be three dots. A glob may begin with anything, if that stands in brackets.
    opens = head[:1] in _OPENS or head[:1].isspace() or looks_like_command(line, prompts)
    head = f"[{head[:1]}]{glob.escape(head[1:])}" if head and opens else glob.escape(head)
    return "*".join([head, *map(glob.escape, others)]) + " (glob)"


def lost_by(
    transcript: str, changes: Sequence[tuple[Command, Sequence[str]]], prompts: Prompts
) -> tuple[str, int] | None:
    """The first line that may be a command, and would no longer stand in a transcript; and its offset.

    Args:
        transcript: as it is.
        changes: what is to stand beneath some of its commands.
        prompts: its prompts.
    """
    for command, lines in changes:
        kept = [lines[index] for index in look_like_commands(lines, prompts)]
        for index in look_like_commands(command.expected, prompts):
            if not kept or kept.pop(0) != command.expected[index]:
                return command.expected[index], command.expected_offset + index
    now = transcript.split("\n")
    for command, lines in sorted(changes, key=lambda change: change[0].offset, reverse=True):
        now[command.expected_offset : command.expected_offset + len(command.expected)] = lines
    try:
        after = [(command.source, command.status) for command in parse_transcript("\n".join(now), prompts)]
    except TranscriptProblem:
        after = []
    before = parse_transcript(transcript, prompts)
    if after != [(command.source, command.status) for command in before]:
        # Nothing is known that leads here.
        first = changes[0][0]
        return first.expected[0], first.expected_offset
    return None


class _Choice(NamedTuple):
    """One way on from a place in both texts: what it costs to the end, and what becomes of the next line of each."""

    cost: int
    takes_shown: bool
    takes_line: bool
    keeps: bool


_END = _Choice(0, takes_shown=False, takes_line=False, keeps=False)


def _merged(shown: list[str], lines: list[str], prompts: Prompts) -> Iterator[str]:
    """The cheapest way from what is shown to what came, told line by line."""
    choices = _choices(shown, lines)
    at = line = 0
    while at < len(shown) or line < len(lines):
        choice = choices[at][line]
        if choice.keeps and choice.takes_shown:
            yield shown[at]
        elif choice.takes_line and not choice.keeps:
            yield as_expected(lines[line], prompts)
        at += choice.takes_shown
        line += choice.takes_line


def _choices(shown: list[str], lines: list[str]) -> list[list[_Choice]]:
    """The cheapest choice at each place, reckoned from the end of both texts."""
    below: list[_Choice] = []
    table: list[list[_Choice]] = []
    # One that a page shows stays, whether it came or not; and those that came aren't among the lines.
    notices = notices_on_page(shown)
    for at in range(len(shown), -1, -1):
        row = [_END] * (len(lines) + 1)
        elided = at < len(shown) and shown[at].strip() == ELLIPSIS
        for line in range(len(lines), -1, -1):
            if at == len(shown) and line == len(lines):
                continue
            open_to: list[_Choice] = []
            if at in notices:
                open_to.append(_Choice(below[line].cost, takes_shown=True, takes_line=False, keeps=True))
            elif elided:
                open_to.append(_Choice(below[line].cost, takes_shown=True, takes_line=False, keeps=True))
                if line < len(lines):
                    absorbed = row[line + 1].cost + _ABSORBED
                    open_to.append(_Choice(absorbed, takes_shown=False, takes_line=True, keeps=True))
            elif at < len(shown):
                if line < len(lines):
                    keeps = line_matches(shown[at], lines[line])
                    cost = below[line + 1].cost + (_FITS if keeps else _CHANGED)
                    open_to.append(_Choice(cost, takes_shown=True, takes_line=True, keeps=keeps))
                open_to.append(_Choice(below[line].cost + _DROPPED, takes_shown=True, takes_line=False, keeps=False))
            if line < len(lines):
                added = row[line + 1].cost + _ADDED
                open_to.append(_Choice(added, takes_shown=False, takes_line=True, keeps=False))
            row[line] = min(open_to, key=lambda choice: choice.cost)
        table.append(row)
        below = row
    return table[::-1]
