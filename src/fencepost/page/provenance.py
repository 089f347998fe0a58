"""Finds where each line of an expanded page comes from.

`--8<--` puts the lines of other files into a page before anything else reads it. An error has to name the file and line
that the author must edit, so each line is a string that keeps its origin while includes are expanded.
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
from fencepost.page.older_snippets import trace_read_lines

trace_read_lines()

# The priority of a preprocessor that runs before all others.
_FIRST = 1e9


class MissingIncludeError(Exception):
    """Raised for a `--8<--` that can't include anything, with its line if known."""

    def __init__(self, message: str, origin: Origin | None) -> None:
        super().__init__(message)
        self.origin = origin


class TracedSnippets(SnippetPreprocessor):  # type: ignore[misc]  # pymdownx ships no types
    """The site's `--8<--`, but with traced lines, and with an error for each missing file."""

    def __init__(self, config: dict[str, Any], md: Markdown) -> None:
        super().__init__(config, md)
        # A missing include is always an error here: an empty line in its place would hide the step.
        self.check_paths = True
        self._wanted_path = ""

    def read_lines(self, path: str) -> list[str]:
        """Return the lines of an included file, traced."""
        edited = edited_text(path)
        if edited is None:
            return traced(super().read_lines(path), path)
        return traced(edited.split("\n") if edited else [], path)

    def get_snippet_path(self, path: str) -> str | None:
        """Return the path of an included file; the path as written is kept for errors."""
        self._wanted_path = path
        resolved: str | None = super().get_snippet_path(path)
        # A link could bring any file of this computer into the machine and the record.
        if resolved and self.restrict_base_path and not self._is_in_a_base(Path(resolved).resolve()):
            raise OSError("it is a link that leads out of every `base_path`")
        return resolved

    def _is_in_a_base(self, target: Path) -> bool:
        return any(target.is_relative_to(Path(base).resolve()) for base in self.base_path)

    def parse_snippets(self, lines: list[str], file_name: str | None = None, **options: bool) -> list[str]:
        """Return the lines with their includes expanded.

        Raises:
            MissingIncludeError: for an include that fails.
        """
        if file_name:
            if lines in ([], [""]) and not _is_empty(file_name):
                raise SnippetMissingError(f"Snippet at path '{self._wanted_path}' has nothing at the lines asked for")
            lines = traced(lines, file_name) if options.get("is_url") else with_gaps_filled(lines)
        followed = _Followed(lines)
        try:
            expanded: list[str] = super().parse_snippets(followed, file_name, **options)
        except MissingIncludeError:
            raise
        except Exception as error:  # a download may fail in many ways, and so may an encoding
            including = followed.current
            origin = including.origin if isinstance(including, TracedLine) else None
            raise MissingIncludeError(self._message(error), origin) from error
        return expanded

    def _message(self, error: Exception) -> str:
        subject = f"Snippet at path '{self._wanted_path}'"
        if isinstance(error, UnicodeDecodeError):
            return f"{subject} is not {str(self.encoding).upper()} text"
        if isinstance(error, OSError):
            return f"{subject} can't be read: {error.strerror or error}"
        return str(error) if isinstance(error, SnippetMissingError) else f"{subject}: {error}"

    def dedent(self, lines: list[str]) -> list[str]:
        """Return dedented lines with their origins; no line is added or dropped."""
        # An empty list becomes one empty line.
        return [
            TracedLine(text, line.origin) if isinstance(line, TracedLine) else text
            for text, line in zip(super().dedent(lines), lines or [""], strict=True)
        ]


class _Followed(list[str]):
    """Lines that remember which of them is being read."""

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
        # It was downloaded.
        return False


class OriginsAfterExpansion(Preprocessor):
    """Notes the origin of every line after includes were expanded.

    Other preprocessors may add or drop lines later (`pymdownx.critic`, a site's own). `realigned` finds the origins
    of the remaining lines.
    """

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.own: list[str] = []
        self.lines: list[str] = []
        self.file = ""
        self.offset = 0

    def start(self, file: str, offset: int) -> None:
        """Begin a page: set its file, and the number of lines before its Markdown (the front matter)."""
        self.lines = []
        self.file = file
        self.offset = offset

    def run(self, lines: list[str]) -> list[str]:
        """Keep the expanded lines, and return them unchanged."""
        self.lines = lines
        return lines

    def realigned(self, lines: list[str]) -> list[Origin]:
        """Return the origins of lines as superfences sees them; a line added later gets that of its neighbour."""
        first = Origin(self.file, self.offset + 1)
        # With `preserve_tabs`, tabs are kept in fences only.
        new, old = ([self._normalized(line) for line in text] for text in (lines, self.lines))
        return _aligned(new, old, _origins_of(self.lines, first), first)

    def _normalized(self, line: str) -> str:
        # Markdown removes its two marker characters from a text.
        return str.replace(str.replace(line, STX, ""), ETX, "").expandtabs(self.md.tab_length).rstrip()


def _origins_of(lines: list[str], first: Origin) -> list[Origin]:
    """Return the origin of each line; a line without one gets that of the line before it."""
    origins = []
    origin = first
    for line in lines:
        origin = line.origin if isinstance(line, TracedLine) else origin
        origins.append(origin)
    return origins


def _aligned(new: list[str], old: list[str], origins: list[Origin], first: Origin) -> list[Origin]:
    """Return the origins of lines of which some were changed, added or dropped.

    Args:
        new: the lines as they are.
        old: the lines as they were.
        origins: the origins of the old lines.
        first: the origin for lines before all others.
    """
    # Usually only blank lines were added at the end.
    if new[: len(old)] == old:
        last = origins[-1] if origins else first
        return origins + [last] * (len(new) - len(origins))
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    aligned: list[Origin] = []
    for _, start, end, new_start, new_end in matcher.get_opcodes():
        # Changed lines get the origins of those that they replace, added ones that of the line before.
        sources = origins[start:end] or [aligned[-1] if aligned else first]
        aligned += [sources[min(number, len(sources) - 1)] for number in range(new_end - new_start)]
    return aligned


class _Start(Preprocessor):
    """Keeps the page's own lines, before any other preprocessor runs."""

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
        # Another extension may have added lines already.
        if lines == own:
            return own
        first = Origin(self.origins.file, self.origins.offset + 1)
        aligned = _aligned(lines, own, _origins_of(own, first), first)
        return [TracedLine(line, origin) for line, origin in zip(lines, aligned, strict=True)]


def trace_origins(md: Markdown, root: Path) -> OriginsAfterExpansion:
    """Make `md` keep the origin of each line through `--8<--`. Read the origins from the result after a conversion.

    Args:
        md: the site's Markdown.
        root: the site's folder. `--8<--` looks for files there, as it does if MkDocs is started there.
    """
    origins = OriginsAfterExpansion(md)
    extension = next((item for item in md.registeredExtensions if isinstance(item, SnippetExtension)), None)
    # A subclass may work differently, so it isn't replaced.
    if extension and type(md.preprocessors["snippet"]) is SnippetPreprocessor:
        config = extension.getConfigs()
        bases = config["base_path"]
        config["base_path"] = [root / base for base in ([bases] if isinstance(bases, str | os.PathLike) else bases)]
        md.preprocessors.register(TracedSnippets(config, md), "snippet", 32)
    md.preprocessors.register(_Start(md, origins), "fencepost_start", _FIRST)
    # Just before and after snippets (priority 32), and before critic (31.1).
    md.preprocessors.register(_Trace(md, origins), "fencepost_trace", 32.5)
    md.preprocessors.register(origins, "fencepost_origins", 31.9)
    return origins
