"""What a program wrote, as a terminal would show it in the end."""

from __future__ import annotations

import re

# Escape sequences for colours and cursor movements.
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]")


def on_one_line(text: str) -> str:
    """A text as one line that steers no terminal."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def lines_of(output: str) -> list[str]:
    """An output as lines that can be compared: no control sequences, nothing overwritten, no space at their ends."""
    text = _CONTROL.sub("", output.replace("\r\n", "\n"))
    lines = [line.rstrip("\r").rpartition("\r")[2].rstrip() for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines
