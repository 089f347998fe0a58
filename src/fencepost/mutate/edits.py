"""Edits of a step's source and of its header, as edits of the files that hold them."""

from __future__ import annotations

from collections.abc import Sequence

from fencepost.mutate.mutant import Edit
from fencepost.mutate.standing import Standing


def replaced(standing: Standing, start: int, end: int, lines: Sequence[str]) -> Edit | None:
    """Put other lines in place of the source's lines from `start` to before `end`, counted from 0.

    Returns:
        The edit; `None` if these lines don't follow each other in one file that can be edited.
    """
    origins = [standing.origin(offset) for offset in range(start, end)]
    first = origins[0]
    if first.file not in standing.files:
        return None
    if any((origin.file, origin.line) != (first.file, first.line + nth) for nth, origin in enumerate(origins)):
        return None
    indentation = standing.indentation(start)
    return Edit(first.file, first.line, len(origins), tuple(indentation + line for line in lines))


def with_header(standing: Standing, header: str) -> Edit:
    """Replace the opening fence."""
    return Edit(standing.opening.file, standing.opening.line, 1, (header,))


def with_words(standing: Standing, words: str) -> Edit:
    """Add words in the braces of the opening fence."""
    header = standing.header.rstrip()
    if header.endswith("}"):
        return with_header(standing, f"{header[:-1].rstrip()} {words} }}")
    return with_header(standing, f"{header} {{ {words} }}")
