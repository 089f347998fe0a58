"""What one piece of code did on a machine, before it gets a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Ending(Enum):
    """How a piece of code ended."""

    DONE = "done"  # it ran to its end, or stopped at a failing command; the session goes on
    SESSION_ENDED = "ended"  # the shell or the interpreter ended with it
    TIMED_OUT = "timed out"
    FLOODED = "flooded"  # it printed too much
    LOST = "lost"  # the machine itself is gone


@dataclass(frozen=True)
class Outcome:
    """What a piece of code did.

    Attributes:
        ending: how it ended.
        status: its exit status, 0 to 255; `None` if unknown.
        output: standard output and standard error, as one stream.
        seconds: how long it took.
        line: the line where it failed, as the caller counts lines; 0 if unknown.
        command: the command that failed; empty if unknown.
        place: file and line of that command, if it is in a file that the snippet has sourced.
        overlooked: what failed left of a `;` or a `|`, if the caller asked for it: exit status and command, which is
            empty for a member of a pipeline.
        returned_early: the code left before its end with status 0: by `return` at the top level, or `sys.exit()`.
        unreadable: the code couldn't be parsed.
        never_started: the page's shell can't start the interpreter.
        note: a message for the author about how it was run; empty for none.
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
