"""The pipelines of a script, and whether bash decides something by how they end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Member:
    """A member of a pipeline that others follow.

    Attributes:
        begin: the offset of its first character in the script.
        end: the offset of the `|` behind it.
    """

    begin: int
    end: int


@dataclass
class Pipeline:
    """A pipeline of two members or more.

    Attributes:
        members: all but the last.
        decides: bash may decide by its exit status: it is in a condition, in a list of `&&` and `||`, behind `!`, in
            a function, or in the background, where a `wait` has its status.
        in_function: it is in the body of a function.
    """

    members: list[Member]
    decides: bool = False
    in_function: bool = False
