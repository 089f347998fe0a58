"""A line of text that knows where it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import SupportsIndex


@dataclass(frozen=True, order=True)
class Origin:
    """A line of a file, counted from 1. The file is as given: absolute for an included one."""

    file: str
    line: int


class TracedLine(str):
    """A line with its origin. The methods below are those that `pymdownx.snippets` uses on a line."""

    origin: Origin

    def __new__(cls, text: str, origin: Origin) -> TracedLine:
        """A line with its origin; the text is the line without its end."""
        line = super().__new__(cls, text)
        line.origin = origin
        return line

    def __radd__(self, before: str) -> TracedLine:
        """Indentation put in front of an included line."""
        return TracedLine(str.__add__(before, self), self.origin)

    def replace(self, old: str, new: str, count: SupportsIndex = -1) -> TracedLine:
        """An escaped `;--8<--` loses its semicolon."""
        return TracedLine(super().replace(old, new, count), self.origin)


def traced(lines: list[str], file: str, offset: int = 0) -> list[str]:
    """The lines, each with its origin in `file`; `offset` lines of the file come before the first."""
    return [TracedLine(text, Origin(file, number)) for number, text in enumerate(lines, offset + 1)]


def with_gaps_filled(lines: list[str]) -> list[str]:
    """The lines of one file, where some were made anew on the way: one behind a traced line is the next of its file."""
    filled: list[str] = []
    for line in lines:
        before = filled[-1] if filled else ""
        if isinstance(before, TracedLine) and not isinstance(line, TracedLine):
            filled.append(TracedLine(line, Origin(before.origin.file, before.origin.line + 1)))
        else:
            filled.append(line)
    return filled
