"""What bash tells in words alone: neither a status nor a trap says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

# `[[`, `((`, `let` and `declare` have a status of their own, and `line N` is another bash's.
_BASH_ITSELF = re.compile(r"bash: (?!line \d|\(\(: |\[\[: |let: |declare: )")
_TOKEN, _NEGATIVE = '(error token is "', ": substring expression < 0"
# What bash tells of anything but an expression begins with what it speaks of.
_SPEAKS_OF_SOMETHING = re.compile(r"bash: .*?\S: ")
_NEVER_CLOSED = re.compile(
    r"^bash: warning: here-document at line (?P<line>\d+) delimited by end-of-file \(wanted `(?P<end>.*)'\)\r?$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class NeverClosed:
    """A here-document that a step has left open.

    Attributes:
        line: where it begins, as the session counts lines.
        end: the word that should have ended it.
    """

    line: int
    end: str


def abandoned_command(output: str) -> str:
    """What bash said when it couldn't evaluate an expression, and went on behind that command; empty otherwise.

    The status is that of the commands behind. A bash that a step has started itself tells a line of its own. An
    expression of several lines is told in as many.
    """
    if _TOKEN not in output and _NEGATIVE not in output:
        return ""
    begun: list[str] = []
    for line in (line.rstrip("\r") for line in output.split("\n")):
        if line.startswith("bash: "):
            itself = _BASH_ITSELF.match(line)
            if itself and _is_given_up(line):
                return line
            begun = [line] if itself and not _SPEAKS_OF_SOMETHING.match(line) else []
        elif begun:
            begun.append(line)
            if _TOKEN in line:
                return "\n".join(begun)
    return ""


def _is_given_up(line: str) -> bool:
    # By hand: a pattern would try each colon of a line for the one that ends what bash quotes.
    return line.endswith(_NEGATIVE) or (line.endswith('")') and _TOKEN in line)


def here_document_never_closed(output: str) -> NeverClosed | None:
    """The first here-document of which bash said that it took everything behind it."""
    match = _NEVER_CLOSED.search(output)
    return NeverClosed(int(match["line"]), match["end"]) if match else None


def with_file_lines(output: str, line_of: Callable[[int], int]) -> str:
    """An output in which bash names the lines of the page's file, where it names any.

    Args:
        output: what a snippet printed.
        line_of: the file's line for a line as the session counts them.
    """
    if "here-document at line" not in output:
        return output
    return _NEVER_CLOSED.sub(
        lambda match: match[0].replace(f"line {match['line']}", f"line {line_of(int(match['line']))}", 1), output
    )
