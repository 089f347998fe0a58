"""Splits a shell script into commands, by asking bash after each line if it has read a complete command."""

from __future__ import annotations

import subprocess
from functools import lru_cache


def commands_of(lines: list[str]) -> list[tuple[int, int]]:
    """Return the commands at the top level of a script: the first line of each, and the line after its last.

    Comments and blank lines between them are left out.
    """
    commands = []
    start = 0
    while start < len(lines):
        if _does_nothing(lines[start]):
            start += 1
            continue
        end = start + 1
        while end < len(lines) and not is_complete("\n".join(lines[start:end])):
            end += 1
        commands.append((start, end))
        start = end
    return commands


def inner_lines_of(lines: list[str], start: int, end: int) -> list[tuple[int, int]]:
    """Return the lines inside a command that bash could still read without one of them.

    Lines joined by a backslash count as one line; a command of one such line has none inside.
    """
    joined: list[tuple[int, int]] = []
    first = start
    for number in range(start, end):
        if not lines[number].endswith("\\") or number == end - 1:
            joined.append((first, number + 1))
            first = number + 1
    if len(joined) == 1:
        return []
    return [
        (first, after)
        for first, after in joined
        if not _does_nothing(lines[first]) and is_complete("\n".join([*lines[start:first], *lines[after:end]]))
    ]


@lru_cache(4096)
def is_complete(script: str) -> bool:
    """Return whether a script is complete, with nothing left open. bash only reads it."""
    if script.endswith("\\"):
        return False
    done = subprocess.run(
        ["bash", "--norc", "-n"], input=script + "\n", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        check=False,
    )  # fmt: skip
    # For a here-document without an end bash only prints a warning.
    return done.returncode == 0 and not done.stderr


def _does_nothing(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")
