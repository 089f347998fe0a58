"""Where a step stands: the lines of the page, and of the files that it includes, which hold it."""

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
    """Lines of a file, both ends included, counted from 1."""

    file: str
    first: int
    last: int


@dataclass(frozen=True)
class Standing:
    """A step where it stands.

    Attributes:
        snippet: the step.
        files: the lines of each file of the site that it stands in.
        closing: the line of its closing fence, in the page.
        following: the step behind it on the same machine.
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
        """The text of its opening fence's line."""
        return self.files[self.opening.file][self.opening.line - 1]

    @property
    def source(self) -> list[str]:
        """The lines of its source."""
        return self.snippet.source.split("\n")

    @property
    def fence(self) -> list[str]:
        """Its lines in the page, from the opening to the closing one, includes unexpanded."""
        return list(self.files[self.opening.file][self.opening.line - 1 : self.closing])

    @property
    def extents(self) -> tuple[Extent, ...]:
        """The page's lines that hold it, and those of the files that it includes."""
        page = self.opening.file
        included: dict[str, list[int]] = {}
        for origin in self.snippet.origins:
            if origin.file != page:
                included.setdefault(origin.file, []).append(origin.line)
        others = (Extent(file, min(lines), max(lines)) for file, lines in included.items())
        return (Extent(page, self.opening.line, self.closing), *others)

    def origin(self, offset: int) -> Origin:
        """The file and line of a line of its source, counted from 0."""
        return self.snippet.origins[offset]

    def indentation(self, offset: int) -> str:
        """What stands before a line of its source in the file: blanks of a list, or the sign of a quote."""
        origin = self.origin(offset)
        raw, text = self.files[origin.file][origin.line - 1], self.source[offset]
        return raw[: len(raw) - len(text)] if raw.endswith(text) else ""


def standings_of(page: Page, machine: str, files: Files) -> list[Standing]:
    """The steps of a page on a machine, in order."""
    found: list[Standing] = []
    following: Standing | None = None
    for snippet in reversed(page.snippets_on(machine)):
        lines = files[snippet.opening.file]
        closing = next(
            number
            for number in range(snippet.opening.line + 1, len(lines) + 1)
            if _CLOSING.fullmatch(lines[number - 1])
        )
        following = Standing(snippet, files, closing, following)
        found.append(following)
    return found[::-1]
