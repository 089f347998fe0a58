"""Where a step stands: the lines of the page, and of the files that it includes, that hold the step."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fencepost.fence.snippet import Snippet
from fencepost.fence.traced_line import Origin
from fencepost.kinds.kind import StepKind
from fencepost.kinds.registry import kind_of
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
        files: the lines of each file of the site that holds part of it.
        closing: the line of its closing fence, in the file of its opening fence.
        following: the next step on the same machine.
    """

    snippet: Snippet
    files: Files
    closing: int
    following: Standing | None = None

    @cached_property
    def kind(self) -> StepKind:
        """Its kind."""
        return kind_of(self.snippet)

    @property
    def is_file(self) -> bool:
        """True if it is written to the machine as a file, and doesn't run."""
        return bool(self.snippet.attributes.file)

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
        """Its lines in the page, from the opening fence to the closing one, with includes unexpanded."""
        return list(self.files[self.opening.file][self.opening.line - 1 : self.closing])

    @property
    def extents(self) -> tuple[Extent, ...]:
        """The lines of the page that hold it, and those of the files that it includes."""
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
        """The text before a line of its source in the file: spaces of a list, or the `>` of a quote."""
        origin = self.origin(offset)
        raw, text = self.files[origin.file][origin.line - 1], self.source[offset]
        return raw[: len(raw) - len(text)] if raw.endswith(text) else ""


def standings_of(page: Page, machine: str, files: Files) -> list[Standing]:
    """Return the steps of a page on a machine, in order, without those whose file can't be read as text."""
    standings: list[Standing] = []
    following: Standing | None = None
    for snippet in reversed(page.snippets_on(machine)):
        if snippet.opening.file not in files:
            continue
        following = Standing(snippet, files, _closing_of(snippet, files[snippet.opening.file]), following)
        standings.append(following)
    return standings[::-1]


def _closing_of(snippet: Snippet, lines: Sequence[str]) -> int:
    """Return the line of a step's closing fence. A line of the step itself may look like one."""
    opening = snippet.opening
    last = max([opening.line, *(origin.line for origin in snippet.origins if origin.file == opening.file)])
    after = range(last + 1, len(lines) + 1)
    return next((number for number in after if _CLOSING.fullmatch(lines[number - 1])), len(lines))


def files_of(page: Page, folder: Path) -> Files:
    """Return the lines of each file that holds a part of a page's steps, by name.

    A file that isn't UTF-8, or was downloaded, is left out: its lines are not broken.
    """
    names = {page.name}
    for snippet in page.snippets:
        names |= {snippet.opening.file, *(origin.file for origin in snippet.origins)}
    files = {}
    for name in sorted(names):
        try:
            files[name] = (folder / name).read_text("utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError):
            continue
    return files
