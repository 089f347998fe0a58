"""Takes a shell script apart into commands, by asking bash whether it could run what it has read so far."""

from __future__ import annotations

import subprocess
from functools import lru_cache


def commands_of(lines: list[str]) -> list[tuple[int, int]]:
    """The commands at the top level of a script: the first line of each, and the line behind its last.

    Comments and blank lines between them are left out.
    """
    found = []
    start = 0
    while start < len(lines):
        if _says_nothing(lines[start]):
            start += 1
            continue
        end = start + 1
        while end < len(lines) and not is_complete("\n".join(lines[start:end])):
            end += 1
        found.append((start, end))
        start = end
    return found


def inner_lines_of(lines: list[str], start: int, end: int) -> list[tuple[int, int]]:
    """The lines inside a command of several, without each of which bash could still read it.

    Lines that a backslash joins count as one, and where they are all of the command there is nothing inside it.
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
        (one, behind)
        for one, behind in joined
        if not _says_nothing(lines[one]) and is_complete("\n".join([*lines[start:one], *lines[behind:end]]))
    ]


@lru_cache(4096)
def is_complete(script: str) -> bool:
    """Whether bash could run a script as it stands, with nothing left open. It is read, and not run."""
    if script.endswith("\\"):
        return False
    done = subprocess.run(
        ["bash", "--norc", "-n"], input=script + "\n", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        check=False,
    )  # fmt: skip
    # A here-document without its end is only warned of.
    return done.returncode == 0 and not done.stderr


def _says_nothing(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")
