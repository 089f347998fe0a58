"""The ways to break a step, a file for each kind; `mutants_of` applies them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trials.mutation.mutant import Broken, Mutant, named
from trials.mutation.operators.expectations import changed_output, claimed_broken, unclaimed_broken, wrong_exit
from trials.mutation.operators.fences import broken_fence, dropped_file, misspelt_language, removed_include, reordered
from trials.mutation.operators.python_code import dropped_statement, negated_assertion
from trials.mutation.operators.shell import changed_pattern, dropped_command, dropped_line, wrong_package
from trials.mutation.standing import Standing

# In the order of the tables.
OPERATORS: dict[str, Callable[[Standing], Iterator[Broken]]] = {
    "wrong exit": wrong_exit,
    "claimed broken": claimed_broken,
    "unclaimed broken": unclaimed_broken,
    "changed output": changed_output,
    "dropped command": dropped_command,
    "dropped statement": dropped_statement,
    "negated assertion": negated_assertion,
    "dropped line of a file": dropped_line,
    "wrong package": wrong_package,
    "changed pattern": changed_pattern,
    "removed include": removed_include,
    "dropped file=": dropped_file,
    "broken fence": broken_fence,
    "misspelt language": misspelt_language,
    "reordered": reordered,
}


def mutants_of(standing: Standing, page: str, machines: tuple[str, ...]) -> list[Mutant]:
    """Return all mutants of a step of a page, each with a unique name.

    Args:
        standing: the step and its place, on the first of the machines.
        page: the page's name.
        machines: the machines on which the step runs.
    """
    return named(
        page,
        machines,
        standing,
        [(operator, broken) for operator, breaks in OPERATORS.items() for broken in breaks(standing)],
    )
