"""The output of a program as a terminal shows it in the end."""

from __future__ import annotations

import re

from fencepost.screen import MOVES, OBEYED, lines_on_screen

# Sequences that leave no text on a terminal: colours, modes, titles, links, alphabets; also unfinished ones.
_TRACELESS = re.compile(
    rf"\x1b(?:\[[0-9;:]*+m|(?!{OBEYED})(?:\[[0-?]*+[ -/]*+[@-~]?"
    r"|[\]PX^_][^\x07\x18\x1a\x1b]*+(?:[\x07\x18\x1a]|\x1b\\)?"
    r"|[ -/]*+[0-~]?))"
)
# Control characters that show nothing, such as bells.
_UNSHOWN = re.compile(r"[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_CONTROL_CHARACTER = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Characters that change the direction of text, or that no font shows: they could make text deceive its readers.
_UNSEEN = re.compile("[\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ue000-\uf8ff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def harmless(text: str) -> str:
    """Return a text with each control character as a picture (␛), and each invisible one as its number."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", _CONTROL_CHARACTER.sub(_picture, whole))


def on_one_line(text: str) -> str:
    """Return a text as one line, without anything that controls a terminal."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def lines_of(output: str) -> list[str]:
    """Return the lines that an output leaves on a terminal, without trailing space.

    Lines don't wrap. A tab stays a tab, except in a line in which something else has moved the cursor.
    """
    text = output.replace("\r\n", "\n")
    if _CONTROL.search(text) and _CONTROL.search(text := _TRACELESS.sub("", text)):
        text = _UNSHOWN.sub("", text)
    rows = lines_on_screen(text) if MOVES.search(text) else text.split("\n")
    lines = [line.rstrip() for line in rows]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def as_on_screen(output: str) -> str:
    """Return an output as it last stood on a terminal, made `harmless`; no newline follows the last line."""
    return harmless("\n".join(lines_of(output)))


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else _REPLACEMENT
