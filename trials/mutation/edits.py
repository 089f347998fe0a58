"""Turns edits of a step's source and header into edits of files."""

from __future__ import annotations

from collections.abc import Sequence

from trials.mutation.mutant import Edit
from trials.mutation.standing import Standing


def replaced(standing: Standing, start: int, end: int, lines: Sequence[str]) -> Edit | None:
    """Return an edit that replaces the source's lines from `start` to before `end`, counted from 0.

    Returns:
        `None` if these lines aren't consecutive lines of one file.
    """
    origins = [standing.origin(offset) for offset in range(start, end)]
    first = origins[0]
    if any((origin.file, origin.line) != (first.file, first.line + nth) for nth, origin in enumerate(origins)):
        return None
    indentation = standing.indentation(start)
    return Edit(first.file, first.line, len(origins), tuple(indentation + line for line in lines))


def with_header(standing: Standing, header: str) -> Edit:
    """Return an edit that replaces the opening fence."""
    return Edit(standing.opening.file, standing.opening.line, 1, (header,))


def with_words(standing: Standing, words: str) -> Edit:
    """Return an edit that adds words to the braces of the opening fence."""
    header = standing.header.rstrip()
    if header.endswith("}"):
        return with_header(standing, f"{header[:-1].rstrip()} {words} }}")
    return with_header(standing, f"{header} {{ {words} }}")
