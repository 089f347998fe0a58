"""Aligns the lines that a page shows with those that came: which fit, which changed, which were dropped or added."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from fencepost.transcript.match import ELLIPSIS, BadPattern, line_matches


class Move(IntEnum):
    """What becomes of the next line of either text."""

    STANDS = 0  # a shown line for which no line has to come: `...`, or a notice
    ELIDED = 1  # a line that came, and that a `...` stands for
    FITS = 2
    CHANGED = 3
    DROPPED = 4
    ADDED = 5


@dataclass(frozen=True)
class Costs:
    """What the moves cost; the cheapest way is taken, and between equals the earlier move.

    Attributes:
        fits: a shown line that came.
        dropped: a shown line that didn't come.
        added: a line that came and isn't shown.
        changed: a shown line and another one in its place; `None` for never.
    """

    fits: int
    dropped: int
    added: int
    changed: int | None = None


def align(
    shown: Sequence[str], lines: Sequence[str], costs: Costs, notices: Collection[int] = ()
) -> Iterator[tuple[Move, int, int]]:
    """The cheapest way through both texts: each move, with the indices of the shown line and of the line that came.

    Args:
        shown: the lines of the page, with their patterns.
        lines: the lines that came.
        costs: what the moves cost.
        notices: indices of shown lines that stand whether they came or not.

    Raises:
        TooLongError: where comparing with a ` (re)` takes too long.
    """
    table = _chosen(shown, lines, costs, notices)
    at = line = 0
    while at < len(shown) or line < len(lines):
        move = Move(table[at][line])
        yield move, at, line
        at += move in {Move.STANDS, Move.FITS, Move.CHANGED, Move.DROPPED}
        line += move in {Move.ELIDED, Move.FITS, Move.CHANGED, Move.ADDED}


def _chosen(shown: Sequence[str], lines: Sequence[str], costs: Costs, notices: Collection[int]) -> list[bytearray]:
    """The move of each place in both texts, reckoned from their ends."""
    end = len(lines)
    below: list[int] = []
    table: list[bytearray] = []
    for at in range(len(shown), -1, -1):
        row, chosen = [0] * (end + 1), bytearray(end + 1)
        is_line = at < len(shown)
        elides = is_line and at not in notices and shown[at].strip() == ELLIPSIS
        for line in range(end, -1, -1):
            moves: list[tuple[int, Move]] = []
            if elides or at in notices:
                moves.append((below[line], Move.STANDS))
                if elides and line < end:
                    moves.append((row[line + 1], Move.ELIDED))
            elif is_line:
                if line < end and _fits(shown[at], lines[line]):
                    moves.append((below[line + 1] + costs.fits, Move.FITS))
                elif line < end and costs.changed is not None:
                    moves.append((below[line + 1] + costs.changed, Move.CHANGED))
                moves.append((below[line] + costs.dropped, Move.DROPPED))
            if line < end:
                moves.append((row[line + 1] + costs.added, Move.ADDED))
            if moves:
                row[line], chosen[line] = min(moves, key=lambda move: move[0])
        table.append(chosen)
        below = row
    return table[::-1]


def _fits(shown: str, line: str) -> bool:
    try:
        return line_matches(shown, line)
    except BadPattern:
        return False
