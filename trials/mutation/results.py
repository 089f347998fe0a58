"""What became of all mutants, as tables in Markdown, and as complaints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fencepost.mutate.judging import Where
from fencepost.mutate.operators import OPERATORS
from fencepost.mutate.outcome import CleanRuns, Outcome
from trials.mutation.justified import Justifications

_HEAD = """# Mutation of the posts

Written by `make mutate`. Each step of each page is broken, in one way at a time. The page is then checked as by
`fencepost check`, on a fresh machine: the first on which the step runs, and if nothing is noticed there, the page's
other machines of that kind. `src/fencepost/mutate/judging.py` explains *at its line*, *later* and *elsewhere*, and
`operators/` beside it has the ways to break a step. `justified.toml` has the reason for each mutant that may survive.
"""
_COLUMNS = "| mutants | at its line | later | elsewhere | justified | survivors | not tried |"
_KINDS = {"container": "containers", "vm": "virtual machines"}
_RULE = "|---:|---:|---:|---:|---:|---:|---:|"


def as_markdown(
    circumstances: Sequence[str],
    outcomes: Sequence[Outcome],
    clean: Sequence[CleanRuns],
    justifications: Justifications,
) -> str:
    """Return the tables.

    Args:
        circumstances: what they were measured with, a line each.
        outcomes: of every mutant, tried or not.
        clean: of every page on every machine.
        justifications: why some mutants may survive.
    """

    def row(outcomes: Sequence[Outcome]) -> str:
        return _counted(outcomes, justifications)

    lines = [_HEAD, *(f"- {line}" for line in circumstances), "\n## By operator\n", f"| operator {_COLUMNS}"]
    lines.append("|---" + _RULE)
    lines += [
        f"| {operator} {row(those)}"
        for operator in OPERATORS
        if (those := [outcome for outcome in outcomes if outcome.mutant.operator == operator])
    ]
    lines += [f"| **all** {row(outcomes)}", "\n## By page\n", f"| page | in | operator {_COLUMNS}"]
    lines.append("|---|---|---" + _RULE)
    groups: dict[tuple[str, str, str], list[Outcome]] = {}
    for outcome in outcomes:
        mutant = outcome.mutant
        groups.setdefault((mutant.page, _KINDS[outcome.kind], mutant.operator), []).append(outcome)
    lines += [f"| {' | '.join(group)} {row(those)}" for group, those in groups.items()]
    lines += ["\n## Clean runs\n", "Runs of the unbroken pages on fresh machines, up to the last run.\n"]
    lines += ["| page and machine | green in a row | required | red before that |", "|---|---:|---:|---:|"]
    lines += [f"| {runs.name} | {runs.in_a_row} | {runs.wanted} | {list(runs.green).count(False)} |" for runs in clean]
    return "\n".join(lines) + "\n"


def complaints(outcomes: Iterable[Outcome], clean: Iterable[CleanRuns], justifications: Justifications) -> list[str]:
    """Return what has to be fixed or justified, a sentence each."""
    outcomes = list(outcomes)
    lines = []
    for outcome in outcomes:
        if outcome.survives and not justifications.why(outcome.mutant.name):
            lines.append(f"survives: {outcome.mutant.name}")
        elif outcome.where is Where.ELSEWHERE and outcome.red:
            red = outcome.red
            lines.append(f"noticed elsewhere: {outcome.mutant.name}\n    {red.file}:{red.line} {red.step} {red.reason}")
    names: dict[str, list[str]] = {"survivors": [], "killed": [], "untried": []}
    for outcome in outcomes:
        kind = "untried" if outcome.where is None else "survivors" if outcome.survives else "killed"
        names[kind].append(outcome.mutant.name)
    lines += [f"needless justification: {stale}" for stale in justifications.stale(**names)]
    lines += [f"a false red among the runs of {runs.name}" for runs in clean if False in runs.green and runs.missing]
    return lines


def _counted(outcomes: Sequence[Outcome], justifications: Justifications) -> str:
    places = [outcome.where for outcome in outcomes]
    survivors = [outcome.mutant.name for outcome in outcomes if outcome.survives]
    justified = sum(bool(justifications.why(name)) for name in survivors)
    numbers = [
        len(outcomes),
        *(places.count(where) for where in (Where.AT_ITS_LINE, Where.LATER, Where.ELSEWHERE)),
        justified,
        len(survivors) - justified,
        places.count(None),
    ]
    return f"| {' | '.join(map(str, numbers))} |"
