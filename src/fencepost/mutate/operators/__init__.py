"""The ways to break a step, and `mutants_of`, which applies them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fencepost.mutate.mutant import Broken, Mutant, named
from fencepost.mutate.operators.expectations import changed_output, claimed_broken, unclaimed_broken, wrong_exit
from fencepost.mutate.operators.fences import broken_fence, dropped_file, misspelt_language, removed_include, reordered
from fencepost.mutate.operators.shell import changed_pattern, dropped_command, dropped_line, wrong_package
from fencepost.mutate.operators.statements import dropped_statement, negated_assertion
from fencepost.mutate.standing import Standing

# In the order of reports.
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
    """Return every mutant of one step of a page, each with a name of its own.

    Args:
        standing: the step, as it stands on the first of the machines.
        page: the page's name.
        machines: the machines on which the step runs.
    """
    breaks = [(operator, broken) for operator, breaks in OPERATORS.items() for broken in breaks(standing)]
    return named(page, machines, standing, breaks)
