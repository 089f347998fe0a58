"""Splits a shell script into commands. Nothing is run: the lines are read with Fencepost's own grammar of bash."""

from __future__ import annotations

from functools import lru_cache

from fencepost.bash.completeness import first_command


def commands_of(lines: list[str]) -> list[tuple[int, int]]:
    """Return the commands at the top level of a script: the first line of each, and the line after its last.

    Comments and blank lines between them are left out.
    """
    commands = []
    start = 0
    while start < len(lines):
        if _is_idle(lines[start]):
            start += 1
            continue
        end = start + max(1, first_command(lines, start).lines)
        commands.append((start, end))
        start = end
    return commands


def inner_lines_of(lines: list[str], start: int, end: int) -> list[tuple[int, int]]:
    """Return the lines inside a command of several lines that can be left out without a syntax error.

    Lines joined by a backslash count as one. A command that is one such line has no inner lines.
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
        if not _is_idle(lines[first]) and is_complete("\n".join([*lines[start:first], *lines[after:end]]))
    ]


@lru_cache(4096)
def is_complete(script: str) -> bool:
    """Return whether bash could run a script as it stands, with nothing left open."""
    lines = script.split("\n")
    start = 0
    while start < len(lines):
        reading = first_command(lines, start)
        if reading.open or reading.refused:
            return False
        start += max(1, reading.lines)
    return True


def _is_idle(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")
