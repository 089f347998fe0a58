r"""Rewrites the output that a page shows so that it is what the command printed.

Lines that still match stay as the author wrote them: `...`, patterns, plain lines. The others are replaced by lines of
the output. A line that would have another meaning in a page gets a `\` in front.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Sequence

from fencepost.transcript.align import Costs, Move, align
from fencepost.transcript.like_commands import look_like_commands, looks_like_command
from fencepost.transcript.match import ELLIPSIS, PATTERN_SUFFIXES, comparable_lines
from fencepost.transcript.notices import notices_on_page
from fencepost.transcript.parse import BASH, STATUS, Command, Prompts, TranscriptProblem, parse_transcript
from fencepost.transcript.regular import TooLongError

# Keep as many matching lines as possible; a changed line counts as one change.
_COSTS = Costs(fits=-1, dropped=3, added=2, changed=2)
# These take a few seconds.
_MOST_COMPARISONS = 3_000_000
# Markdown drops these characters or takes them for line ends, so no page can show them.
_UNSHOWABLE = re.compile("[\x00\x02\x03\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_HAS_OTHER_MEANING = re.compile(r"\\|\s*(?:```|~~~|;*-+8<-+)|\.\.\.$|\s+\.\.\.$")

# The characters that a line with another meaning may begin with.
_OPENS = frozenset("\\$#`~;+-")


class TooMuchError(Exception):
    """Raised if an output is so long that aligning it with the page would take minutes."""


def updated(expected: Sequence[str], output: str, prompts: Prompts = BASH) -> list[str]:
    """Return the lines that a page should show below a command.

    Args:
        expected: the lines that it shows now, as written; not empty.
        output: what the command printed.
        prompts: the transcript's prompts.

    Returns:
        Lines that match the output; the same ones if they matched already.

    Raises:
        TooMuchError: if both texts are very long, or a ` (re)` takes too long.
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
    r"""Return a line of output as a page has to write it.

    It begins with `\` if it would have another meaning, and has `...` for characters that no page can show. A line that
    needs both becomes a glob.
    """
    special = (
        looks_like_command(line, prompts)
        or line.endswith(PATTERN_SUFFIXES)
        or STATUS.match(line)
        or _HAS_OTHER_MEANING.match(line)
    )
    head, *others = _UNSHOWABLE.split(line)
    if not others:
        return f"\\{line}" if special else line
    elided = ELLIPSIS.join([head, *others])
    # In a run of more than three dots, the first three would be read as `...`.
    if not special and elided.strip() != ELLIPSIS and f".{ELLIPSIS}" not in elided:
        return elided
    # After a `\`, three dots are plain text. A glob may begin with any character, in brackets.
    opens = head[:1] in _OPENS or head[:1].isspace() or looks_like_command(line, prompts)
    head = f"[{head[:1]}]{glob.escape(head[1:])}" if head and opens else glob.escape(head)
    return "*".join([head, *map(glob.escape, others)]) + " (glob)"


def first_lost_command(
    transcript: str, changes: Sequence[tuple[Command, Sequence[str]]], prompts: Prompts
) -> tuple[str, int] | None:
    """Return the first line that may be a command and would be missing from the new transcript, and its offset.

    Args:
        transcript: the transcript as it is.
        changes: commands, and the lines that are to replace their output.
        prompts: the transcript's prompts.
    """
    for command, lines in changes:
        kept = [lines[index] for index in look_like_commands(lines, prompts)]
        for index in look_like_commands(command.expected, prompts):
            if not kept or kept.pop(0) != command.expected[index]:
                return command.expected[index], command.expected_offset + index
    changed = transcript.split("\n")
    for command, lines in sorted(changes, key=lambda change: change[0].offset, reverse=True):
        changed[command.expected_offset : command.expected_offset + len(command.expected)] = lines
    try:
        after = [(command.source, command.status) for command in parse_transcript("\n".join(changed), prompts)]
    except TranscriptProblem:
        after = []
    before = parse_transcript(transcript, prompts)
    if after != [(command.source, command.status) for command in before]:
        # No known transcript leads here.
        first = changes[0][0]
        return first.expected[0], first.expected_offset
    return None


def _merged(shown: list[str], lines: list[str], prompts: Prompts) -> Iterator[str]:
    """Yield the lines of the new text: the author's where they still match, and the output's."""
    for move, at, line in align(shown, lines, _COSTS, notices_on_page(shown)):
        if move in {Move.STANDS, Move.FITS}:
            yield shown[at]
        elif move in {Move.CHANGED, Move.ADDED}:
            yield as_expected(lines[line], prompts)
