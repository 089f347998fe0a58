"""Aligns the lines that a page shows with the lines of an output: which match, changed, were dropped or added."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from fencepost.transcript.match import ELLIPSIS, line_fits


class Move(IntEnum):
    """What happens to the next line of either text."""

    STANDS = 0  # a shown line that needs no line of output: `...`, or a notice
    ELIDED = 1  # a line of output that a `...` stands for
    FITS = 2
    CHANGED = 3
    DROPPED = 4
    ADDED = 5


@dataclass(frozen=True)
class Costs:
    """What the moves cost. The cheapest alignment wins; ties go to the earlier member of `Move`.

    Attributes:
        fits: a shown line that is in the output.
        dropped: a shown line that isn't in the output.
        added: a line of output that isn't shown.
        changed: a shown line with another line of output in its place; `None` to never allow this.
    """

    fits: int
    dropped: int
    added: int
    changed: int | None = None


def align(
    shown: Sequence[str], lines: Sequence[str], costs: Costs, notices: Collection[int] = ()
) -> Iterator[tuple[Move, int, int]]:
    """Yield the moves of the cheapest alignment, each with the indices of its shown line and its line of output.

    Args:
        shown: the lines of the page, with their patterns.
        lines: the lines of the output.
        costs: what the moves cost.
        notices: indices of shown lines that stay, in the output or not.

    Raises:
        TooLongError: if comparing with a ` (re)` takes too long.
    """
    table = _cheapest_moves(shown, lines, costs, notices)
    at = line = 0
    while at < len(shown) or line < len(lines):
        move = Move(table[at][line])
        yield move, at, line
        at += move in {Move.STANDS, Move.FITS, Move.CHANGED, Move.DROPPED}
        line += move in {Move.ELIDED, Move.FITS, Move.CHANGED, Move.ADDED}


def _cheapest_moves(
    shown: Sequence[str], lines: Sequence[str], costs: Costs, notices: Collection[int]
) -> list[bytearray]:
    """Return the best move for each pair of positions, computed from the ends of both texts."""
    end = len(lines)
    next_row: list[int] = []
    table: list[bytearray] = []
    for at in range(len(shown), -1, -1):
        row, chosen = [0] * (end + 1), bytearray(end + 1)
        is_line = at < len(shown)
        elides = is_line and at not in notices and shown[at].strip() == ELLIPSIS
        for line in range(end, -1, -1):
            moves: list[tuple[int, Move]] = []
            if elides or at in notices:
                moves.append((next_row[line], Move.STANDS))
                if elides and line < end:
                    moves.append((row[line + 1], Move.ELIDED))
            elif is_line:
                if line < end and line_fits(shown[at], lines[line]):
                    moves.append((next_row[line + 1] + costs.fits, Move.FITS))
                elif line < end and costs.changed is not None:
                    moves.append((next_row[line + 1] + costs.changed, Move.CHANGED))
                moves.append((next_row[line] + costs.dropped, Move.DROPPED))
            if line < end:
                moves.append((row[line + 1] + costs.added, Move.ADDED))
            if moves:
                row[line], chosen[line] = min(moves, key=lambda move: move[0])
        table.append(chosen)
        next_row = row
    return table[::-1]
