"""A pipeline of a script, and whether its exit status decides what bash does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Member:
    """A member of a pipeline, other than the last.

    Attributes:
        begin: the offset of its first character in the script.
        end: the offset of the `|` after it.
    """

    begin: int
    end: int


@dataclass
class Pipeline:
    """A pipeline of two or more members.

    Attributes:
        members: all but the last.
        decides: its exit status may decide what bash does: it is in a condition, in a list of `&&` and `||`, after
            `!`, in a function, or in the background, where `wait` returns the status.
        in_function: it is in the body of a function.
    """

    members: list[Member]
    decides: bool = False
    in_function: bool = False
