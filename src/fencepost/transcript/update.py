r"""Rewrites the output that a page shows, so that it is what the command printed.

What still fits stays as the author wrote it: `...`, patterns, plain lines. Only what doesn't is replaced, by the lines
that came; where one of them would mean something else in a page, a `\` makes it plain output.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Sequence

from fencepost.transcript.align import Costs, Move, align
from fencepost.transcript.like_commands import look_like_commands, looks_like_command
from fencepost.transcript.match import ELLIPSIS, comparable_lines
from fencepost.transcript.notices import notices_on_page
from fencepost.transcript.parse import BASH, STATUS, Command, Prompts, TranscriptProblem, parse_transcript
from fencepost.transcript.regular import TooLongError

# A line that fits is worth keeping; a changed line is one change.
_COSTS = Costs(fits=-1, dropped=3, added=2, changed=2)
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


def _merged(shown: list[str], lines: list[str], prompts: Prompts) -> Iterator[str]:
    """What stands now, line by line: as the author wrote it where that still holds."""
    for move, at, line in align(shown, lines, _COSTS, notices_on_page(shown)):
        if move in {Move.STANDS, Move.FITS}:
            yield shown[at]
        elif move in {Move.CHANGED, Move.ADDED}:
            yield as_expected(lines[line], prompts)
