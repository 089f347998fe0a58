"""The place of a step: its lines in the page and in the files that the page includes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fencepost.fence.snippet import Snippet
from fencepost.fence.traced_line import Origin
from fencepost.page.page import Page

Files = Mapping[str, Sequence[str]]

_CLOSING = re.compile(r"\W*(?:`{3,}|~{3,})\s*")


@dataclass(frozen=True)
class Extent:
    """A range of lines of a file, counted from 1, with both ends included."""

    file: str
    first: int
    last: int


@dataclass(frozen=True)
class Standing:
    """A step and its place.

    Attributes:
        snippet: the step.
        files: the lines of each file that holds a part of it.
        closing: the line of its closing fence in the page.
        following: the next step on the same machine.
    """

    snippet: Snippet
    files: Files
    closing: int
    following: Standing | None = None

    @property
    def opening(self) -> Origin:
        """Its opening fence."""
        return self.snippet.opening

    @property
    def header(self) -> str:
        """The line of its opening fence."""
        return self.files[self.opening.file][self.opening.line - 1]

    @property
    def source(self) -> list[str]:
        """The lines of its source."""
        return self.snippet.source.split("\n")

    @property
    def fence(self) -> list[str]:
        """Its lines in the page, from the opening to the closing fence, without expanded includes."""
        return list(self.files[self.opening.file][self.opening.line - 1 : self.closing])

    @property
    def extents(self) -> tuple[Extent, ...]:
        """The lines that hold it in the page and in included files."""
        page = self.opening.file
        included: dict[str, list[int]] = {}
        for origin in self.snippet.origins:
            if origin.file != page:
                included.setdefault(origin.file, []).append(origin.line)
        others = (Extent(file, min(lines), max(lines)) for file, lines in included.items())
        return (Extent(page, self.opening.line, self.closing), *others)

    def origin(self, offset: int) -> Origin:
        """Return the file and line of a line of its source, which is counted from 0."""
        return self.snippet.origins[offset]

    def indentation(self, offset: int) -> str:
        """Return what is before a line of its source in the file: a list's blanks, or the sign of a quote."""
        origin = self.origin(offset)
        raw, text = self.files[origin.file][origin.line - 1], self.source[offset]
        return raw[: len(raw) - len(text)] if raw.endswith(text) else ""


def standings_of(page: Page, machine: str, files: Files) -> list[Standing]:
    """Return the steps of a page on a machine, in order."""
    standings: list[Standing] = []
    following: Standing | None = None
    for snippet in reversed(page.snippets_on(machine)):
        lines = files[snippet.opening.file]
        closing = next(
            number
            for number in range(snippet.opening.line + 1, len(lines) + 1)
            if _CLOSING.fullmatch(lines[number - 1])
        )
        following = Standing(snippet, files, closing, following)
        standings.append(following)
    return standings[::-1]
