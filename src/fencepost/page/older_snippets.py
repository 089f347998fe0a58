"""Before its version 13, `pymdownx.snippets` reads a file in the midst of its work: here its lines are traced too.

Debian 12's own Python, 3.11.2, is too old for later versions.
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


class _LineWithItsEnd(TracedLine):
    """A line as a file has it."""

    def strip(self, chars: str | None = None, /) -> TracedLine:
        """The line without its end."""
        return TracedLine(super().strip(chars), self.origin)


@contextmanager
def _open_traced(path: str, *how: Any, **more: Any) -> Iterator[Iterator[TracedLine]]:
    """As the built-in `open`, but the lines know where they were read."""
    edited = edited_text(path)
    with builtins.open(path, *how, **more) if edited is None else io.StringIO(edited) as file:
        yield (_LineWithItsEnd(text, Origin(path, number)) for number, text in enumerate(file, 1))


def trace_what_is_read() -> None:
    """Gives the module an `open` of its own, where it needs one."""
    if not hasattr(pymdownx.snippets.SnippetPreprocessor, "read_lines"):
        pymdownx.snippets.open = _open_traced
