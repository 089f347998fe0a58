"""Finds where a shell command ends, and whether bash would ask for another line.

No program is run. The effect of aliases and of most shell options isn't known here.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fencepost.bash.grammar import Grammar
from fencepost.bash.unfinished import Open, RefusedError, UnfinishedError

# Most lines are simple commands, joined on one line. This pattern finds them faster than the grammar.
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
# In earlier Pythons a possessive group may match too much (CPython's issue 106052), so the grammar reads every line.
_MATCHES_GROUPS_RIGHT = sys.version_info >= (3, 11, 5)
# After such a word bash may never reach the end of the script, or may read the rest differently.
_MAKES_END_UNSURE = re.compile(r"\b(?:exit|exec|return|alias|posix|extglob)\b")


@dataclass(frozen=True)
class Reading:
    """How bash reads the first command of some lines.

    Attributes:
        lines: how many lines the command takes.
        open: what is still open at the end of the lines; `None` if bash would run the command, or refuse it.
        backslash: bash waits for another line only because of a backslash at the end of the last one.
        refused: bash would report a syntax error.
    """

    lines: int
    open: Open | None = None
    backslash: bool = False
    refused: bool = False


def first_command(lines: Sequence[str], start: int = 0) -> Reading:
    """Return how bash reads the command that begins at a line.

    Args:
        lines: the lines, without line ends.
        start: the index of the command's first line.
    """
    if _MATCHES_GROUPS_RIGHT and _SIMPLE.match(lines[start]):
        return Reading(1)
    reading = _read(lines, start)
    if reading.refused:
        # An author who writes an extended pattern has switched on `extglob`.
        again = _read(lines, start, extglob=True)
        if not again.refused and not again.open:
            return again
    return reading


def open_at_the_end(source: str) -> Open | None:
    """Return what is still open at the end of a script; `None` if nothing is, or if that can't be known."""
    lines = source.split("\n")
    at = 0
    while at < len(lines):
        reading = first_command(lines, at)
        if reading.open and reading.backslash:
            # At the end of a script there is no line to join.
            lines[-1] = lines[-1][:-1]
            reading = first_command(lines, at)
        if reading.open:
            sure = not _MAKES_END_UNSURE.search("\n".join(lines[:at]))
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
