"""What a command leaves open, and the errors that end its reading early."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Open:
    """A part of a command that has begun and not ended.

    Attributes:
        wants: what bash waits for, as shown in messages.
        line: the line where the part begins, counted from 0.
    """

    wants: str
    line: int


class UnfinishedError(Exception):
    """Raised if bash would ask for another line.

    Attributes:
        open: the innermost open part.
        backslash: the last line ends with a backslash that joins it with the next one.
    """

    def __init__(self, open_: Open, *, backslash: bool) -> None:
        super().__init__(open_.wants)
        self.open = open_
        self.backslash = backslash


class RefusedError(Exception):
    """Raised if bash would report a syntax error, and read no further."""


@dataclass(frozen=True)
class HereDocument:
    """A here-document whose text hasn't been read yet.

    Attributes:
        end: the line that ends it.
        quoted: the end word was quoted at least in part, so no backslash joins lines of the text.
        tabs: leading tabs are dropped, as after `<<-`.
        line: the line of its operator, counted from 0.
    """

    end: str
    quoted: bool
    tabs: bool
    line: int
