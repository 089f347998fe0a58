"""What a program printed, as text that can be shown: no colours, no cursor, nothing that a browser would obey."""

from __future__ import annotations

import re

from fencepost.terminal import lines_of

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Characters that turn the direction of what follows, or that no font shows: they could make text lie.
_UNSEEN = re.compile("[\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ue000-\uf8ff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def harmless(text: str) -> str:
    """The text with every control character shown as a picture (␛), and every unseen one by its number."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", _CONTROL.sub(_picture, whole))


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


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else _REPLACEMENT
