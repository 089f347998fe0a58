"""What a program printed, as text that can be shown: no colours, no cursor, nothing that a browser would obey."""

from __future__ import annotations

from fencepost.terminal import harmless, lines_of


def as_on_screen(output: str) -> str:
    """An output as it last stood on a terminal.

    Returns:
        Lines without trailing space, without an end after the last.
    """
    return harmless("\n".join(lines_of(output)))
