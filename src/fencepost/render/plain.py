"""What a program printed, as text that can be shown: no colours, no cursor, nothing that a browser would obey."""

from __future__ import annotations

from fencepost.terminal import harmless, lines_of


def as_on_screen(output: str) -> str:
    """An output as it last stood on a terminal: without escape sequences, with overwritten lines overwritten.

    Returns:
        Lines without trailing space, without an end after the last.
    """
    return harmless("\n".join(_struck_out(line) if "\b" in line else line for line in lines_of(output)))


def _struck_out(line: str) -> str:
    """A line without what a backspace strikes out, as manual pages do for bold type; one that strikes nothing stays."""
    left: list[str] = []
    for character in line:
        if character == "\b" and left:
            left.pop()
        else:
            left.append(character)
    return "".join(left)
