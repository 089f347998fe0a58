"""Where a shell command ends: whether bash asks for another line behind the lines that it has been given.

No program is run for it. What an alias or a further option of the shell would change isn't known here.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fencepost.bash.grammar import Grammar
from fencepost.bash.unfinished import Open, RefusedError, UnfinishedError

# Most lines are such: simple commands, joined on one line. They need no grammar.
_WORD = (
    r"""(?:[\w./:=@%+,~*?^-]++|'[^'\n]*+'|"(?:[^"$`\\\n]|\$\w|\$\{\w++\}|\\[^\n])*+"|\$[\w?]|\$\{\w++\}|\\[^\n])++"""
)
_REDIRECTION = rf"[ \t]*+(?:\d?>&\d|(?:\d?>>?(?!\()|<(?![<(]))[ \t]*+(?!\d+[<>]){_WORD})"
_ARGUMENT = rf"(?:[ \t]++(?:{_WORD}|\[|\](?=[\s;]|\Z))|{_REDIRECTION})"
_COMMAND = (
    r"(?!(?:if|then|elif|else|fi|for|while|until|select|do|done|case|in|esac|function|time|coproc)(?:[\s;|&<>]|\Z))"
    rf"(?:{_WORD}|\[(?=[ \t])){_ARGUMENT}*+"
)
_COMMENT = r"(?<![^ \t])(?<!\\.)#.*+"
_SIMPLE = re.compile(
    rf"[ \t]*+(?:{_COMMAND}(?:[ \t]*+(?:\|\|?|&&|;)[ \t]*+{_COMMAND})*+[ \t]*+[;&]?[ \t]*+)?(?:{_COMMENT})?\Z"
)
# Earlier Pythons let a possessive group match too much (CPython's issue 106052). There every line takes the grammar.
_MATCHES_GROUPS_RIGHT = sys.version_info >= (3, 11, 5)
# Behind such a word bash may never come to the end, or read it otherwise.
_LEADS_ELSEWHERE = re.compile(r"\b(?:exit|exec|return|alias|posix|extglob)\b")


@dataclass(frozen=True)
class Reading:
    """How bash reads lines, beginning with the first of them.

    Attributes:
        lines: how many of them it takes for the first command.
        open: what is still open where they end; `None` where bash would run the command, or refuse it.
        backslash: whether nothing but a backslash at the end of the last line calls for another one.
        refused: whether bash would call it a syntax error.
    """

    lines: int
    open: Open | None = None
    backslash: bool = False
    refused: bool = False


def first_command(lines: Sequence[str], start: int = 0) -> Reading:
    """How many lines bash takes for the first command, and how it takes them.

    Args:
        lines: the lines, without their ends.
        start: the index of the first one.
    """
    if _MATCHES_GROUPS_RIGHT and _SIMPLE.match(lines[start]):
        return Reading(1)
    reading = _read(lines, start)
    if reading.refused:
        # An author who writes an extended pattern has switched them on.
        again = _read(lines, start, extglob=True)
        if not again.refused and not again.open:
            return again
    return reading


def open_at_the_end(source: str) -> Open | None:
    """What is open where a script ends, so that bash would complain; `None` where nothing is, or that isn't sure."""
    lines = source.split("\n")
    at = 0
    while at < len(lines):
        reading = first_command(lines, at)
        if reading.open and reading.backslash:
            # At the end of a script there is nothing to join it with.
            lines[-1] = lines[-1][:-1]
            reading = first_command(lines, at)
        if reading.open:
            sure = not _LEADS_ELSEWHERE.search("\n".join(lines[:at]))
            return replace(reading.open, line=at + reading.open.line) if sure else None
        if reading.refused:
            return None
        at += reading.lines
    return None


def _read(lines: Sequence[str], start: int, *, extglob: bool = False) -> Reading:
    grammar = Grammar((lines[at] for at in range(start, len(lines))), extglob=extglob)
    try:
        grammar.command_line()
    except UnfinishedError as unfinished:
        return Reading(grammar.taken, unfinished.open, unfinished.backslash)
    except RefusedError:
        return Reading(grammar.taken, refused=True)
    return Reading(grammar.taken)
