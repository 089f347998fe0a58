"""The errors that users see: each says where, what, and how to fix it.

Each class has the exit status of the command line, so that callers needn't tell them apart.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar


@dataclass(eq=False)
class FencepostError(Exception):
    """An error that stops the work before or between the steps.

    Attributes:
        message: what is wrong, in one sentence.
        fix: how to fix it; empty where the message says so already.
        file: the file to edit, relative to the site where possible.
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
    """A page that can't be checked; the other pages still are."""


class SiteError(FencepostError):
    """A mistake in a site, a setting or a call."""


class MachineError(FencepostError):
    """A mistake in a machine's definition: no Containerfile, a bad `machine.toml`."""


class EngineError(FencepostError):
    """A failure of the engine, the image or Fencepost itself; never blamed on a step."""

    exit_status: ClassVar[int] = 3


@dataclass(eq=False)
class ManyErrors(FencepostError):
    """All errors of a site, so that the author can fix them in one go.

    Attributes:
        errors: in the order in which they were found.
    """

    errors: tuple[FencepostError, ...] = ()

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


def write_error(message: str, error: OSError, file: str) -> FencepostError:
    """Return the error to raise when a file can't be written.

    A full disk is an `EngineError`: the call was right, and may succeed later.

    Args:
        message: what can't be done.
        error: the system's error.
        file: the file.
    """
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return EngineError(f"{message}: {error.strerror}", "free some space", file)
    return SiteError(f"{message}: {error.strerror}", "", file)


def did_you_mean(word: str, known: list[str] | tuple[str, ...]) -> str:
    """Return "did you mean `...`?" with the known word that is most like a misspelt one; empty if none is like it."""
    matches = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean `{matches[0]}`?" if matches else ""
