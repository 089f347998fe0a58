"""What one piece of code did on a machine, before anyone judges it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Ending(Enum):
    """How a piece of code came to its end."""

    DONE = "done"  # it ran through, or stopped at a failing command; the session lives
    SESSION_ENDED = "ended"  # it took the shell or the interpreter with it
    TIMED_OUT = "timed out"
    FLOODED = "flooded"
    LOST = "lost"  # the machine itself is gone


@dataclass(frozen=True)
class Outcome:
    """What a piece of code did.

    Attributes:
        ending: how it came to its end.
        status: its exit status, 0 to 255; `None` where nobody knows it.
        output: standard output and standard error, one stream, as it came.
        seconds: how long it took.
        line: the line where it failed, as the caller counts lines; 0 for unknown.
        command: the command that failed; empty for unknown.
        place: file and line of that command, where it stands in a file that the snippet has sourced.
        overlooked: what failed left of a `;` or a `|`, where that was asked for: exit status and command, which is
            empty for a pipeline's member.
        returned_early: the code left before its end, with status 0: `return` at the top level, `sys.exit()`.
        unreadable: the code could not even be parsed.
        never_started: the page's shell can't start what was to run the code.
        note: what its author should know of how it was run; empty for nothing.
    """

    ending: Ending
    status: int | None
    output: bytes
    seconds: float
    line: int = 0
    command: str = ""
    place: str = ""
    overlooked: tuple[tuple[int, str], ...] = ()
    returned_early: bool = False
    unreadable: bool = False
    never_started: bool = False
    note: str = ""
