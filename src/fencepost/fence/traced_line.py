"""A line of text with the file and line number that it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import SupportsIndex


@dataclass(frozen=True, order=True)
class Origin:
    """A file and a line number in it, counted from 1. The file is as given: absolute for an included file."""

    file: str
    line: int


class TracedLine(str):
    """A line with its origin, which is kept by the string methods that `pymdownx.snippets` uses."""

    origin: Origin

    def __new__(cls, text: str, origin: Origin) -> TracedLine:
        """Create a line from its text, without the line end, and its origin."""
        line = super().__new__(cls, text)
        line.origin = origin
        return line

    def __radd__(self, before: str) -> TracedLine:
        """Put the indentation of its `--8<--` before an included line."""
        return TracedLine(str.__add__(before, self), self.origin)

    def replace(self, old: str, new: str, count: SupportsIndex = -1) -> TracedLine:
        """Drop the semicolon of an escaped `;--8<--`."""
        return TracedLine(super().replace(old, new, count), self.origin)


def traced(lines: list[str], file: str, offset: int = 0) -> list[str]:
    """Return the lines with their origins in a file; `offset` lines of the file come before the first one."""
    return [TracedLine(text, Origin(file, number)) for number, text in enumerate(lines, offset + 1)]


def with_gaps_filled(lines: list[str]) -> list[str]:
    """Return lines of one file with the lost origins restored: a line after a traced line is the next of its file."""
    filled: list[str] = []
    for line in lines:
        before = filled[-1] if filled else ""
        if isinstance(before, TracedLine) and not isinstance(line, TracedLine):
            filled.append(TracedLine(line, Origin(before.origin.file, before.origin.line + 1)))
        else:
            filled.append(line)
    return filled
