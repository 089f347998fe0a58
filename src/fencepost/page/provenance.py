"""Where each line of an expanded page comes from.

`--8<--` puts the lines of other files into a page before anything else looks at it. To name the file and the
line that the author has to edit, a line carries its origin with it through that step: as a string that knows
where it was read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.preprocessors import Preprocessor
from markdown.util import ETX, STX
from pymdownx.snippets import SnippetExtension, SnippetMissingError, SnippetPreprocessor

from fencepost.fence.traced_line import Origin, TracedLine, traced, with_gaps_filled
from fencepost.page.edited import edited_text
from fencepost.page.older_snippets import trace_what_is_read

trace_what_is_read()

# The priority of what comes ahead of all else.
_FIRST = 1e9


class MissingIncludeError(Exception):
    """A `--8<--` that finds nothing, and the line where it stands, if that is known."""

    def __init__(self, message: str, origin: Origin | None) -> None:
        super().__init__(message)
        self.origin = origin


class TracedSnippets(SnippetPreprocessor):  # type: ignore[misc]  # pymdownx ships no types
    """The site's own `--8<--`, with lines that know where they come from, and every missing file an error."""

    def __init__(self, config: dict[str, Any], md: Markdown) -> None:
        super().__init__(config, md)
        # A missing include is an error here whatever the site says: an empty line would hide the step.
        self.check_paths = True
        self._asked = ""

    def read_lines(self, path: str) -> list[str]:
        """The lines of an included file, traced."""
        edited = edited_text(path)
        if edited is None:
            return traced(super().read_lines(path), path)
        return traced(edited.split("\n") if edited else [], path)

    def get_snippet_path(self, path: str) -> str | None:
        """Where an included file lies; what was asked for is kept, to tell where it stands."""
        self._asked = path
        found: str | None = super().get_snippet_path(path)
        # What a link leads to is the computer's, and would go into the machine and the record.
        if found and self.restrict_base_path and not self._is_below_a_base(Path(found).resolve()):
            raise OSError("it is a link that leads out of every `base_path`")
        return found

    def _is_below_a_base(self, target: Path) -> bool:
        return any(target.is_relative_to(Path(base).resolve()) for base in self.base_path)

    def parse_snippets(self, lines: list[str], file_name: str | None = None, **how: bool) -> list[str]:
        """The lines with their includes expanded; what can't be included is told with its line."""
        if file_name:
            if lines in ([], [""]) and not _is_empty(file_name):
                raise SnippetMissingError(f"Snippet at path '{self._asked}' has nothing at the lines asked for")
            lines = traced(lines, file_name) if how.get("is_url") else with_gaps_filled(lines)
        followed = _Followed(lines)
        try:
            expanded: list[str] = super().parse_snippets(followed, file_name, **how)
        except MissingIncludeError:
            raise
        except Exception as error:  # a download may fail in many ways, and so may an encoding
            asking = followed.current
            origin = asking.origin if isinstance(asking, TracedLine) else None
            raise MissingIncludeError(self._told(error), origin) from error
        return expanded

    def _told(self, error: Exception) -> str:
        if isinstance(error, UnicodeDecodeError):
            return f"Snippet at path '{self._asked}' is not {str(self.encoding).upper()} text"
        if isinstance(error, OSError):
            return f"Snippet at path '{self._asked}' can't be read: {error.strerror or error}"
        return str(error) if isinstance(error, SnippetMissingError) else f"Snippet at path '{self._asked}': {error}"

    def dedent(self, lines: list[str]) -> list[str]:
        """Dedented lines, with the origins they had: dedenting neither adds nor drops a line."""
        # Of no line at all it makes an empty one.
        return [
            TracedLine(text, line.origin) if isinstance(line, TracedLine) else text
            for text, line in zip(super().dedent(lines), lines or [""], strict=True)
        ]


class _Followed(list[str]):
    """Lines that are read one after the other, and which of them is being read."""

    current = ""

    def __iter__(self) -> Iterator[str]:
        for line in super().__iter__():
            self.current = line
            yield line


def _is_empty(file: str) -> bool:
    if (edited := edited_text(file)) is not None:
        return not edited
    try:
        return Path(file).stat().st_size == 0
    except OSError:
        # What was downloaded.
        return False


class OriginsAfterExpansion(Preprocessor):
    """Notes the origin of every line once the includes are in.

    Another preprocessor may add or drop lines afterwards (`pymdownx.critic`, a site's own); `realigned` then
    finds the lines again.
    """

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.own: list[str] = []
        self.lines: list[str] = []
        self.file = ""
        self.offset = 0

    def start(self, file: str, offset: int) -> None:
        """A new page: its file, and how many of its lines (the front matter) come before the text."""
        self.lines = []
        self.file = file
        self.offset = offset

    def run(self, lines: list[str]) -> list[str]:
        """Keep the expanded lines, and pass them on."""
        self.lines = lines
        return lines

    def realigned(self, lines: list[str]) -> list[Origin]:
        """The origin of each of `lines`, as superfences sees them; a line added later gets its neighbour's."""
        first = Origin(self.file, self.offset + 1)
        # With `preserve_tabs` the fences keep their tabs, and nothing else does.
        here, then = ([self._normal(line) for line in some] for some in (lines, self.lines))
        return _aligned(here, then, _origins_of(self.lines, first), first)

    def _normal(self, line: str) -> str:
        # Markdown takes its own two marks out of a text.
        return str.replace(str.replace(line, STX, ""), ETX, "").expandtabs(self.md.tab_length).rstrip()


def _origins_of(lines: list[str], first: Origin) -> list[Origin]:
    """The origin of each line; one without any was made on the way, and gets its neighbour's."""
    found = []
    for line in lines:
        first = line.origin if isinstance(line, TracedLine) else first
        found.append(first)
    return found


def _aligned(here: list[str], then: list[str], origins: list[Origin], first: Origin) -> list[Origin]:
    """The origins of lines some of which were changed, added or dropped.

    Args:
        here: the lines as they are.
        then: as they were.
        origins: where those came from.
        first: for what is ahead of them all.
    """
    # As a rule blank lines were added at the end, and nothing else is changed.
    if here[: len(then)] == then:
        last = origins[-1] if origins else first
        return origins + [last] * (len(here) - len(origins))
    matcher = SequenceMatcher(a=then, b=here, autojunk=False)
    aligned: list[Origin] = []
    for _, start, end, new_start, new_end in matcher.get_opcodes():
        # What replaces lines came from them; what was added, from the line before.
        came_from = origins[start:end] or [aligned[-1] if aligned else first]
        aligned += [came_from[min(number, len(came_from) - 1)] for number in range(new_end - new_start)]
    return aligned


class _Start(Preprocessor):
    """Keeps the page's own lines, before anything looks at them."""

    def __init__(self, md: Markdown, origins: OriginsAfterExpansion) -> None:
        super().__init__(md)
        self.origins = origins

    def run(self, lines: list[str]) -> list[str]:
        self.origins.own = list(lines)
        return lines


class _Trace(Preprocessor):
    """Gives the page's own lines their origins, before the includes are expanded."""

    def __init__(self, md: Markdown, origins: OriginsAfterExpansion) -> None:
        super().__init__(md)
        self.origins = origins

    def run(self, lines: list[str]) -> list[str]:
        own = traced(self.origins.own, self.origins.file, self.origins.offset)
        # Another extension may have put something into the page by now.
        if lines == own:
            return own
        first = Origin(self.origins.file, self.origins.offset + 1)
        aligned = _aligned(lines, own, _origins_of(own, first), first)
        return [TracedLine(line, origin) for line, origin in zip(lines, aligned, strict=True)]


def trace_origins(md: Markdown, root: Path) -> OriginsAfterExpansion:
    """Makes `md` keep the origin of each line through `--8<--`; ask the result after a conversion.

    Args:
        md: the site's Markdown.
        root: the site's folder. `--8<--` looks below it, where MkDocs itself is started as a rule.
    """
    origins = OriginsAfterExpansion(md)
    extension = next((item for item in md.registeredExtensions if isinstance(item, SnippetExtension)), None)
    # Somebody else's may do something else.
    if extension and type(md.preprocessors["snippet"]) is SnippetPreprocessor:
        config = extension.getConfigs()
        bases = config["base_path"]
        config["base_path"] = [root / base for base in ([bases] if isinstance(bases, str | os.PathLike) else bases)]
        md.preprocessors.register(TracedSnippets(config, md), "snippet", 32)
    md.preprocessors.register(_Start(md, origins), "fencepost_start", _FIRST)
    # Around the snippets' priority of 32, and ahead of the one (31.1) of critic.
    md.preprocessors.register(_Trace(md, origins), "fencepost_trace", 32.5)
    md.preprocessors.register(origins, "fencepost_origins", 31.9)
    return origins
