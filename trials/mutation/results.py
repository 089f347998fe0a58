"""The results of all mutants, as tables in Markdown and as complaints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trials.mutation.judging import Red, Where
from trials.mutation.justified import Justifications
from trials.mutation.mutant import Mutant
from trials.mutation.operators import OPERATORS

_HEAD = """# Mutation of the posts

Written by `make mutate`. Each step of each page is broken, in one way at a time, on a copy of the site. The page is
then checked as by `fencepost check`, on a fresh machine: the first on which the step runs, and if nothing is noticed
there, the page's other machines of that kind. `judging.py` explains *at its line*, *later* and *elsewhere*.
`operators/` has the ways to break a step, and `justified.toml` has the reason for each mutant that may survive.
"""
_COLUMNS = "| mutants | at its line | later | elsewhere | justified | survivors | not tried |"
_KINDS = {"container": "containers", "vm": "virtual machines"}
_RULE = "|---:|---:|---:|---:|---:|---:|---:|"


@dataclass(frozen=True)
class Outcome:
    """The result of a mutant.

    Attributes:
        mutant: the mutant.
        kind: the kind of machine that it is for.
        where: where it was noticed; `None` if it wasn't tried yet.
        red: the first red verdict.
        why: why it may survive, if it did.
    """

    mutant: Mutant
    kind: str
    where: Where | None = None
    red: Red | None = None
    why: str = ""

    @property
    def survives(self) -> bool:
        """True if it wasn't noticed, and nothing justifies that."""
        return self.where is Where.NOWHERE and not self.why


@dataclass(frozen=True)
class CleanRuns:
    """Runs of an unbroken page on a machine.

    Attributes:
        name: the page and the machine.
        wanted: the required number of green runs in a row.
        green: for each run, oldest first, True if it was green.
    """

    name: str
    wanted: int
    green: Sequence[bool]

    @property
    def in_a_row(self) -> int:
        """The number of green runs since the last red one."""
        reversed_ = list(self.green)[::-1]
        return reversed_.index(False) if False in reversed_ else len(reversed_)

    @property
    def missing(self) -> int:
        """The number of runs that are still required."""
        return max(0, self.wanted - self.in_a_row)


def as_markdown(circumstances: Sequence[str], outcomes: Sequence[Outcome], clean: Sequence[CleanRuns]) -> str:
    """Return the tables.

    Args:
        circumstances: the versions of everything that was used, a line each.
        outcomes: the outcomes of all mutants, tried or not.
        clean: the clean runs of all pages on all machines.
    """
    lines = [_HEAD, *(f"- {item}" for item in circumstances), "\n## By operator\n", f"| operator {_COLUMNS}"]
    lines.append("|---" + _RULE)
    lines += [
        f"| {operator} {_counted(those)}"
        for operator in OPERATORS
        if (those := [outcome for outcome in outcomes if outcome.mutant.operator == operator])
    ]
    lines += [f"| **all** {_counted(outcomes)}", "\n## By page\n", f"| page | in | operator {_COLUMNS}"]
    lines.append("|---|---|---" + _RULE)
    groups: dict[tuple[str, str, str], list[Outcome]] = {}
    for outcome in outcomes:
        mutant = outcome.mutant
        groups.setdefault((mutant.page, _KINDS[outcome.kind], mutant.operator), []).append(outcome)
    lines += [f"| {' | '.join(group)} {_counted(those)}" for group, those in groups.items()]
    lines += ["\n## Clean runs\n", "Runs of the unbroken pages on fresh machines, up to the last run.\n"]
    lines += ["| page and machine | green in a row | required | red before that |", "|---|---:|---:|---:|"]
    lines += [f"| {one.name} | {one.in_a_row} | {one.wanted} | {list(one.green).count(False)} |" for one in clean]
    return "\n".join(lines) + "\n"


def complaints(outcomes: Iterable[Outcome], clean: Iterable[CleanRuns], justifications: Justifications) -> list[str]:
    """Return a sentence for everything that has to be fixed or justified."""
    outcomes = list(outcomes)
    lines = []
    for outcome in outcomes:
        if outcome.survives:
            lines.append(f"survives: {outcome.mutant.name}")
        elif outcome.where is Where.ELSEWHERE and outcome.red:
            red = outcome.red
            lines.append(f"noticed elsewhere: {outcome.mutant.name}\n    {red.file}:{red.line} {red.step} {red.reason}")
    names: dict[str, list[str]] = {"survivors": [], "killed": [], "untried": []}
    for outcome in outcomes:
        kind = "untried" if outcome.where is None else "survivors" if outcome.where is Where.NOWHERE else "killed"
        names[kind].append(outcome.mutant.name)
    lines += [f"needless justification: {stale}" for stale in justifications.stale(**names)]
    lines += [f"a false red among the runs of {one.name}" for one in clean if False in one.green and one.missing]
    return lines


def _counted(outcomes: Sequence[Outcome]) -> str:
    places = [outcome.where for outcome in outcomes]
    justified = sum(outcome.where is Where.NOWHERE and bool(outcome.why) for outcome in outcomes)
    numbers = [
        len(outcomes),
        *(places.count(where) for where in (Where.AT_ITS_LINE, Where.LATER, Where.ELSEWHERE)),
        justified,
        sum(outcome.survives for outcome in outcomes),
        places.count(None),
    ]
    return f"| {' | '.join(map(str, numbers))} |"
