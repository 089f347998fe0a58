"""How many columns of a terminal a text takes: two for a wide character, none for one that joins the one before it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

TAB = 8
_JOINING = {"Mn", "Me", "Cf"}
# A soft hyphen is shown. The vowels and finals of old Hangul join the consonant before them.
_SHOWN = "\u00ad"
_JOINING_HANGUL = range(0x1160, 0x1200)
# Terminals keep fewer.
_MOST_JOINED = 64


def tabs_as_spaces(line: str, tab: int = TAB) -> str:
    """A line with as many spaces for each tab as it takes to the next multiple of some columns."""
    if "\t" not in line:
        return line
    return line.expandtabs(tab) if line.isascii() or tab != TAB else "".join(cells_of(line))


def columns_of(line: str) -> int:
    """The column that the cursor is in behind a line."""
    return len(tabs_as_spaces(line)) if line.isascii() else len(cells_of(line))


def cells_of(line: str) -> list[str]:
    """A line, column by column: a character with those that join it, or nothing for the right half of a wide one."""
    if line.isascii():
        return list(tabs_as_spaces(line))
    cells: list[str] = []
    waiting = ""
    for character, width in map(_known, line):
        if character == "\t":
            cells += [waiting + " ", *" " * (TAB - len(cells) % TAB - 1)]
        elif width == 1:
            cells.append(waiting + character if waiting else character)
        elif width:
            cells += (waiting + character if waiting else character, "")
        elif cells:
            joined(cells, len(cells), character)
            continue
        else:
            # There is nothing yet that it could join.
            waiting = (waiting + character)[:_MOST_JOINED]
            continue
        waiting = ""
    return cells


def joined(cells: list[str], column: int, marks: str) -> None:
    """Has characters join the one that ends at a column."""
    before = column - 1 if cells[column - 1] else column - 2
    cells[before] = (cells[before] + marks)[:_MOST_JOINED]


def marks_of(text: str) -> str:
    """The characters at a text's beginning that join what stands before them."""
    for number, character in enumerate(text):
        if _known(character)[1]:
            return text[:number]
    return text


@lru_cache(4096)
def _known(character: str) -> tuple[str, int]:
    """A character, always the same object, and the columns that it takes."""
    if ord(character) in _JOINING_HANGUL or (unicodedata.category(character) in _JOINING and character != _SHOWN):
        return character, 0
    return character, 2 if unicodedata.east_asian_width(character) in "WF" else 1
