"""The errors that a person meets: each says where, what, and how to fix it.

Every one carries the exit status that the command line ends with, so no face has to know them apart.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar


@dataclass(eq=False)
class FencepostError(Exception):
    """Something that stops the work before or between the steps.

    Attributes:
        message: what is wrong, in one sentence.
        fix: what to do about it; empty where the message says it already.
        file: the file to edit, as the author knows it (relative to the site where possible).
        line: the line in that file, counted from 1.
    """

    message: str
    fix: str = ""
    file: str = ""
    line: int = 0

    exit_status: ClassVar[int] = 2

    def __post_init__(self) -> None:
        super().__init__(self.message)

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        fix = f"\n  {self.fix}" if self.fix else ""
        return f"{where}{self.message}{fix}"


class PageError(FencepostError):
    """A page that can't be run as it is written."""


class UncheckedPageError(PageError):
    """A page that can't be checked; it doesn't stop the others."""


class SiteError(FencepostError):
    """A site, a setting or a call that is wrong."""


class MachineError(FencepostError):
    """A machine's definition that is wrong: no Containerfile, a bad `machine.toml`."""


class EngineError(FencepostError):
    """The engine, the image or Fencepost itself failed; never blamed on a step."""

    exit_status: ClassVar[int] = 3


@dataclass(eq=False)
class ManyErrors(FencepostError):
    """Several errors of one site, told together: an author fixes them in one go.

    Attributes:
        errors: the errors, in the order in which they were found.
    """

    errors: tuple[FencepostError, ...] = ()

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


def write_error(message: str, error: OSError, file: str) -> FencepostError:
    """What to raise when a file can't be written. A full disk is nobody's wrong call, and worth a second try.

    Args:
        message: what can't be done.
        error: the system's.
        file: the file.
    """
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return EngineError(f"{message}: {error.strerror}", "free some space", file)
    return SiteError(f"{message}: {error.strerror}", "", file)


def near(word: str, known: list[str] | tuple[str, ...]) -> str:
    """The words `did you mean ...?` for a misspelt word, or an empty string where nothing is near."""
    matches = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean `{matches[0]}`?" if matches else ""
