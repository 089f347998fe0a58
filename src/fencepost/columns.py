"""The terminal columns that text takes: two for a wide character, none for one that combines with the one before it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

TAB = 8
_JOINING = {"Mn", "Me", "Cf"}
# A soft hyphen is shown. The vowels and finals of old Hangul combine with the consonant before them.
_SHOWN = "\u00ad"
_JOINING_HANGUL = range(0x1160, 0x1200)
# Characters in one cell; terminals keep fewer.
_MOST_JOINED = 64


def tabs_as_spaces(line: str, tab: int = TAB) -> str:
    """Return a line with each tab expanded to the next multiple of `tab` columns."""
    if "\t" not in line:
        return line
    return line.expandtabs(tab) if line.isascii() or tab != TAB else "".join(cells_of(line))


def columns_of(line: str) -> int:
    """Return the column of the cursor after a line."""
    return len(tabs_as_spaces(line)) if line.isascii() else len(cells_of(line))


def cells_of(line: str) -> list[str]:
    """Return a line's cells: each a character with those that combine with it, or "" for a wide one's right half."""
    if line.isascii():
        return list(tabs_as_spaces(line))
    cells: list[str] = []
    waiting = ""
    for character, width in map(_with_width, line):
        if character == "\t":
            cells += [waiting + " ", *" " * (TAB - len(cells) % TAB - 1)]
        elif width == 1:
            cells.append(waiting + character if waiting else character)
        elif width:
            cells += (waiting + character if waiting else character, "")
        elif cells:
            join_marks(cells, len(cells), character)
            continue
        else:
            # There is no character yet to combine with.
            waiting = (waiting + character)[:_MOST_JOINED]
            continue
        waiting = ""
    return cells


def join_marks(cells: list[str], column: int, marks: str) -> None:
    """Add combining characters to the character that ends at a column."""
    before = column - 1 if cells[column - 1] else column - 2
    cells[before] = (cells[before] + marks)[:_MOST_JOINED]


def marks_of(text: str) -> str:
    """Return the combining characters at the start of a text."""
    for number, character in enumerate(text):
        if _with_width(character)[1]:
            return text[:number]
    return text


@lru_cache(4096)
def _with_width(character: str) -> tuple[str, int]:
    """Return a character, always as the same object, and the columns that it takes."""
    if ord(character) in _JOINING_HANGUL or (unicodedata.category(character) in _JOINING and character != _SHOWN):
        return character, 0
    return character, 2 if unicodedata.east_asian_width(character) in "WF" else 1
