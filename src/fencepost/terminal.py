"""What a program wrote, as a terminal would show it in the end."""

from __future__ import annotations

import re

# Escape sequences for colours and cursor movements. `tput sgr0`, which ends all colours, asks for ASCII as well.
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\(B|\x1b[78=>@-Z\\-_]")
_CONTROL_CHARACTER = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Characters that turn the direction of what follows, or that no font shows: they could make text lie.
_UNSEEN = re.compile("[\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ue000-\uf8ff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def harmless(text: str) -> str:
    """The text with every control character shown as a picture (␛), and every unseen one by its number."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", _CONTROL_CHARACTER.sub(_picture, whole))


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


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else _REPLACEMENT
