"""What a command has begun and not ended, and how reading it ends early."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Open:
    """What a command has begun and not ended.

    Attributes:
        wants: what bash waits for, as a message shows it.
        line: the line where it begins, counted from 0.
    """

    wants: str
    line: int


class UnfinishedError(Exception):
    """Bash would ask for another line.

    Attributes:
        open: what is open: the innermost of it.
        backslash: whether the last line ends in a backslash that joins it with the next one.
    """

    def __init__(self, open_: Open, *, backslash: bool) -> None:
        super().__init__(open_.wants)
        self.open = open_
        self.backslash = backslash


class RefusedError(Exception):
    """Bash would call it a syntax error, and read no further."""


@dataclass(frozen=True)
class HereDocument:
    """A here-document whose text is still to come.

    Attributes:
        end: the line that ends it.
        quoted: whether any of that word was quoted: then no backslash joins lines of the text.
        tabs: whether tabs in front of its lines don't count.
        line: the line where its operator stands, counted from 0.
    """

    end: str
    quoted: bool
    tabs: bool
    line: int
