"""Break what a step of statements does: leave statements out, and turn assertions into their opposite."""

from __future__ import annotations

from collections.abc import Iterator

from fencepost.mutate.edits import replaced
from fencepost.mutate.mutant import Broken
from fencepost.mutate.standing import Standing


def dropped_statement(standing: Standing) -> Iterator[Broken]:
    """Leave each statement at the top level out, except assertions: without one there is nothing to notice."""
    yield from _broken(standing, assertions=False)


def negated_assertion(standing: Standing) -> Iterator[Broken]:
    """Turn each assertion into its opposite."""
    yield from _broken(standing, assertions=True)


def _broken(standing: Standing, *, assertions: bool) -> Iterator[Broken]:
    if standing.is_file:
        return
    for statement in standing.kind.statements(standing.snippet.source):
        if statement.asserts is assertions:
            edit = replaced(standing, statement.start, statement.end, [statement.broken])
            if edit:
                yield Broken(_words(standing, statement.start), edit, later=not assertions)


def _words(standing: Standing, start: int) -> str:
    line = standing.source[start].strip()
    return line if len(line) <= 60 else f"{line[:57]}..."
