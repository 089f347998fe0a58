"""Breaks what a Python step does: removes statements, and negates assertions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trials.mutation.edits import replaced
from trials.mutation.mutant import Broken
from trials.mutation.standing import Standing


def dropped_statement(standing: Standing) -> Iterator[Broken]:
    """Remove each statement at the top level, except assertions: a missing assertion can't be noticed."""
    for statement, start, end in _statements(standing):
        if not isinstance(statement, ast.Assert) and (edit := replaced(standing, start, end, ["pass"])):
            yield Broken(_words(standing, start), edit, later=True)


def negated_assertion(standing: Standing) -> Iterator[Broken]:
    """Negate each assertion."""
    for statement, start, end in _statements(standing):
        if isinstance(statement, ast.Assert):
            negated = f"assert not ({ast.unparse(statement.test)})"
            if edit := replaced(standing, start, end, [negated]):
                yield Broken(_words(standing, start), edit)


def _statements(standing: Standing) -> Iterator[tuple[ast.stmt, int, int]]:
    """Yield the statements at the top level, each with its first line and the line after its last, from 0."""
    if standing.snippet.runner != "python":
        return
    for statement in ast.parse(standing.snippet.source).body:
        if _is_docstring(statement):
            continue
        decorators = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
        yield statement, first - 1, statement.end_lineno or first


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _words(standing: Standing, start: int) -> str:
    line = standing.source[start].strip()
    return line if len(line) <= 60 else f"{line[:57]}..."
