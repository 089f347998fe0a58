"""What bash tells in words alone: neither a status nor a trap says so."""

from __future__ import annotations

import re
from dataclasses import dataclass

# `[[`, `((`, `let` and `declare` have a status of their own, and `line N` is another bash's.
_BASH_ITSELF = re.compile(r"^bash: (?!line \d|\(\(: |\[\[: |let: |declare: ).*", re.MULTILINE)
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


def command_given_up(output: str) -> str:
    """What bash said when it couldn't evaluate an expression, and went on behind that command; empty otherwise.

    The status is that of the commands behind. A bash that a step has started itself tells a line of its own.
    """
    lines = (match[0].rstrip("\r") for match in _BASH_ITSELF.finditer(output))
    return next(filter(_is_given_up, lines), "")


def _is_given_up(line: str) -> bool:
    # By hand: a pattern would try each colon of a line for the one that ends what bash quotes.
    return line.endswith(": substring expression < 0") or (line.endswith('")') and '(error token is "' in line)


def here_document_never_closed(output: str) -> NeverClosed | None:
    """The first here-document of which bash said that it took everything behind it."""
    match = _NEVER_CLOSED.search(output)
    return NeverClosed(int(match["line"]), match["end"]) if match else None
