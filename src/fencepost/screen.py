"""A terminal screen that obeys cursor movements: as wide and high as the output needs, so that no line wraps."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from fencepost.columns import TAB, cells_of, columns_of, join_marks, marks_of

# The sequences after an ESC that are obeyed here: they move the cursor or erase.
OBEYED = r"(?:\[[0-9;]*+[@A-HJKPX`dfsu]|[78DEMc])"
MOVES = re.compile(r"[\x08\x0b\x0c\r\x1b]")
_TOKEN = re.compile(rf"[^\x08\x0b\x0c\r\x1b]+|\x08+|[\x0b\x0c\r]|\x1b{OBEYED}")
# The highest row and column that a movement reaches beyond the text; no window is larger.
_FARTHEST = 10_000
# Cells that movements may leave blank, erase or shift in all; a bound for hostile output.
_MOST_WORK = 10_000_000


@lru_cache(1)
def lines_on_screen(output: str) -> tuple[str, ...]:
    """Return the lines on the screen after an output whose escape sequences must all be `OBEYED` ones.

    A tab stays a tab, except in a row in which something else has moved the cursor. The last result is cached: the
    output of a failed step is looked at several times.
    """
    screen = _Screen()
    screen.show(output)
    return tuple("".join(row) for row in screen.rows)


class _Screen:
    """The rows, and the position of the cursor.

    A row is plain text until something moves within it, and from then on a list of cells: a character with those that
    combine with it, a space, or an empty string for the right half of a wide character.
    """

    def __init__(self) -> None:
        self.rows: list[str | list[str]] = [""]
        self._row = self._column = 0
        self._saved = (0, 0)
        self._work = _MOST_WORK

    def show(self, output: str) -> None:
        for token in _TOKEN.findall(output):
            first = token[0]
            if first == "\b":
                self._column = max(0, self._column - len(token))
            elif first == "\r":
                self._column = 0
            elif first in "\v\f":
                self._row += 1
            elif first == "\x1b":
                self._obey(token)
            else:
                self._print(token)

    def _print(self, text: str) -> None:
        if "\n" not in text:
            self._write(text)
            return
        first, *others = text.split("\n")
        self._write(first)
        if self._row + 1 == len(self.rows):
            self.rows += others
            self._row += len(others)
            self._column = columns_of(others[-1])
            return
        for line in others:
            self._row, self._column = self._row + 1, 0
            self._write(line)

    def _write(self, text: str) -> None:
        self._reach_row()
        if not self._column and not self.rows[self._row]:
            self.rows[self._row] = text
            self._column = columns_of(text)
            return
        if "\t" not in text:
            self._overwrite(text)
            return
        # A tab moves the cursor without erasing.
        for number, part in enumerate(text.split("\t")):
            self._column += TAB - self._column % TAB if number else 0
            if part:
                self._overwrite(part)

    def _overwrite(self, text: str) -> None:
        row = self._cells()
        missing = self._column - len(row)
        if missing > 0:
            row += [" "] * (missing if self._may_do(missing) else 0)
            self._column = len(row)
        if self._column and not text.isascii() and (marks := marks_of(text)):
            join_marks(row, self._column, marks)
            text = text[len(marks) :]
        cells = list(text) if text.isascii() else cells_of(text)
        end = self._column + len(cells)
        _divide(row, self._column)
        _divide(row, end)
        row[self._column : end] = cells
        self._column = end

    def _obey(self, sequence: str) -> None:
        order = sequence[-1]
        if sequence[1] != "[":
            _BARE[order](self)
            return
        first, second, *_ = [*map(_number, sequence[2:-1].split(";")), 0]
        if order in _MOVES:
            row, column = _MOVES[order](self._row, self._column, max(first, 1), max(second, 1))
            self._move_to(row, column)
        else:
            _CHANGES[order](self, first)

    def _move_to(self, row: int, column: int) -> None:
        self._row = max(0, min(row, max(_FARTHEST, self._row, len(self.rows))))
        self._column = max(0, min(column, max(_FARTHEST, self._column)))

    def _save(self, _: int = 0) -> None:
        self._saved = self._row, self._column

    def _restore(self, _: int = 0) -> None:
        self._move_to(*self._saved)

    def _reset(self) -> None:
        self.rows = [""]
        self._row = self._column = 0

    def _erase_in_line(self, which: int) -> None:
        if self._row >= len(self.rows):
            return
        row = self._cells()
        end = min(self._column + 1, len(row))
        if which == 0:
            _divide(row, self._column)
            del row[self._column :]
        elif which == 1 and self._may_do(end):
            _divide(row, end)
            row[:end] = [" "] * end
        elif which == 2:
            self.rows[self._row] = ""

    def _erase_on_screen(self, which: int) -> None:
        if which == 2:
            self.rows = [""]
        elif which in {0, 1}:
            self._erase_in_line(which)
            above = min(self._row, len(self.rows))
            if which == 0:
                del self.rows[self._row + 1 :]
            elif self._may_do(above):
                self.rows[:above] = [""] * above

    def _insert(self, count: int) -> None:
        row, rest = self._cells_from_cursor()
        if rest and self._may_do(rest + (count := min(max(count, 1), _FARTHEST))):
            row[self._column : self._column] = [" "] * count

    def _delete(self, count: int) -> None:
        row, rest = self._cells_from_cursor()
        if rest and self._may_do(rest):
            end = self._column + max(count, 1)
            _divide(row, end)
            del row[self._column : end]

    def _blank(self, count: int) -> None:
        row, rest = self._cells_from_cursor()
        if rest and self._may_do(count := min(max(count, 1), rest)):
            end = self._column + count
            _divide(row, end)
            row[self._column : end] = [" "] * count

    def _cells_from_cursor(self) -> tuple[list[str], int]:
        """Return the cursor's row, and the number of its cells from the cursor on."""
        if self._row >= len(self.rows):
            return [], 0
        row = self._cells()
        _divide(row, self._column)
        return row, max(0, len(row) - self._column)

    def _cells(self) -> list[str]:
        self._reach_row()
        row = self.rows[self._row]
        if isinstance(row, str):
            row = self.rows[self._row] = cells_of(row)
        return row

    def _reach_row(self) -> None:
        missing = self._row + 1 - len(self.rows)
        if missing > 0:
            self.rows += [""] * (missing if missing == 1 or self._may_do(missing) else 0)
            self._row = len(self.rows) - 1

    def _may_do(self, work: int) -> bool:
        allowed = work <= self._work
        self._work -= work if allowed else 0
        return allowed


def _divide(row: list[str], column: int) -> None:
    """Blank a wide character that a column's left edge cuts in two, as terminals do."""
    if 0 < column < len(row) and not row[column]:
        row[column - 1 : column + 1] = [" ", " "]


def _number(digits: str) -> int:
    return min(int(digits or 0), _FARTHEST) if len(digits) < 9 else _FARTHEST


# Each returns the new row and column, given the cursor's and the two numbers of the sequence.
_MOVES: dict[str, Callable[[int, int, int, int], tuple[int, int]]] = {
    "A": lambda row, column, count, _: (row - count, column),
    "B": lambda row, column, count, _: (row + count, column),
    "C": lambda row, column, count, _: (row, column + count),
    "D": lambda row, column, count, _: (row, column - count),
    "E": lambda row, _column, count, _: (row + count, 0),
    "F": lambda row, _column, count, _: (row - count, 0),
    "G": lambda row, _column, to, _: (row, to - 1),
    "H": lambda _row, _column, to, to_column: (to - 1, to_column - 1),
    "d": lambda _row, column, to, _: (to - 1, column),
}
_MOVES |= {"`": _MOVES["G"], "f": _MOVES["H"]}
_CHANGES: dict[str, Callable[[_Screen, int], None]] = {
    "@": _Screen._insert,
    "J": _Screen._erase_on_screen,
    "K": _Screen._erase_in_line,
    "P": _Screen._delete,
    "X": _Screen._blank,
    "s": _Screen._save,
    "u": _Screen._restore,
}
_BARE: dict[str, Callable[[_Screen], None]] = {
    "7": _Screen._save,
    "8": _Screen._restore,
    "c": _Screen._reset,
    "D": lambda screen: screen._move_to(screen._row + 1, screen._column),
    "E": lambda screen: screen._move_to(screen._row + 1, 0),
    "M": lambda screen: screen._move_to(screen._row - 1, screen._column),
}
