"""Traces the lines that `pymdownx.snippets` reads before its version 13, which has no `read_lines` to override.

Debian 12's Python, 3.11.2, is too old for later versions.
"""

from __future__ import annotations

import builtins
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymdownx.snippets

from fencepost.fence.traced_line import Origin, TracedLine
from fencepost.page.edited import edited_text


class _LineWithEnd(TracedLine):
    """A line with its line end."""

    def strip(self, chars: str | None = None, /) -> TracedLine:
        """Return the line without its line end."""
        return TracedLine(super().strip(chars), self.origin)


@contextmanager
def _open_traced(path: str, *args: Any, **kwargs: Any) -> Iterator[Iterator[TracedLine]]:
    """Like the built-in `open`, but the lines have their origins."""
    edited = edited_text(path)
    with builtins.open(path, *args, **kwargs) if edited is None else io.StringIO(edited) as file:
        yield (_LineWithEnd(text, Origin(path, number)) for number, text in enumerate(file, 1))


def trace_read_lines() -> None:
    """Replace `open` in `pymdownx.snippets` if its version needs that."""
    if not hasattr(pymdownx.snippets.SnippetPreprocessor, "read_lines"):
        pymdownx.snippets.open = _open_traced
