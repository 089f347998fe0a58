"""What became of all mutants, as a table in Markdown, and as complaints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trials.mutation.judging import Red, Where
from trials.mutation.justified import Justifications
from trials.mutation.mutant import Mutant
from trials.mutation.operators import OPERATORS

_HEAD = """# Mutation of the posts

Written by `make mutate`. Each step of each page is broken, one way at a time, on a copy of the site, and the page is
checked as `fencepost check` does it, on a fresh machine: the first on which the step runs, and where nothing is noticed
there, the page's others of that kind. *At its line*, *later* and *elsewhere* are told in `judging.py`, the ways to
break a step in `operators/`. `justified.toml` has the reason for each mutant that may survive.
"""
_COLUMNS = "| mutants | at its line | later | elsewhere | justified | survivors | not tried |"
_KINDS = {"container": "containers", "vm": "virtual machines"}
_RULE = "|---:|---:|---:|---:|---:|---:|---:|"


@dataclass(frozen=True)
class Outcome:
    """What is known of a mutant.

    Attributes:
        mutant: the mutant.
        kind: the kind of machine that it is for.
        where: where it was noticed; `None` where that isn't known yet.
        red: what was complained of first.
        why: why it may survive, where it did.
    """

    mutant: Mutant
    kind: str
    where: Where | None = None
    red: Red | None = None
    why: str = ""

    @property
    def survives(self) -> bool:
        """Whether nothing noticed it, and nothing says that this is right."""
        return self.where is Where.NOWHERE and not self.why


@dataclass(frozen=True)
class CleanRuns:
    """Runs of an unbroken page on a machine.

    Attributes:
        name: page and machine.
        wanted: how many in a row are asked for.
        green: whether each was green, the last one last.
    """

    name: str
    wanted: int
    green: Sequence[bool]

    @property
    def in_a_row(self) -> int:
        """How many of the last ones were green."""
        reversed_ = list(self.green)[::-1]
        return reversed_.index(False) if False in reversed_ else len(reversed_)

    @property
    def missing(self) -> int:
        """How many are to be run."""
        return max(0, self.wanted - self.in_a_row)


def as_markdown(circumstances: Sequence[str], outcomes: Sequence[Outcome], clean: Sequence[CleanRuns]) -> str:
    """The tables.

    Args:
        circumstances: what they were measured with, a line each.
        outcomes: of every mutant, tried or not.
        clean: of every page on every machine.
    """
    told = [_HEAD, *(f"- {line}" for line in circumstances), "\n## By operator\n", f"| operator {_COLUMNS}"]
    told.append("|---" + _RULE)
    told += [
        f"| {operator} {_counted(those)}"
        for operator in OPERATORS
        if (those := [outcome for outcome in outcomes if outcome.mutant.operator == operator])
    ]
    told += [f"| **all** {_counted(outcomes)}", "\n## By page\n", f"| page | in | operator {_COLUMNS}"]
    told.append("|---|---|---" + _RULE)
    groups: dict[tuple[str, str, str], list[Outcome]] = {}
    for outcome in outcomes:
        mutant = outcome.mutant
        groups.setdefault((mutant.page, _KINDS[outcome.kind], mutant.operator), []).append(outcome)
    told += [f"| {' | '.join(group)} {_counted(those)}" for group, those in groups.items()]
    told += ["\n## Clean runs\n", "The pages as they are, on fresh machines, in a row up to the last one.\n"]
    told += ["| page and machine | green in a row | asked for | red before that |", "|---|---:|---:|---:|"]
    told += [f"| {one.name} | {one.in_a_row} | {one.wanted} | {list(one.green).count(False)} |" for one in clean]
    return "\n".join(told) + "\n"


def complaints(outcomes: Iterable[Outcome], clean: Iterable[CleanRuns], justifications: Justifications) -> list[str]:
    """What has to be fixed or justified, a sentence each."""
    outcomes = list(outcomes)
    told = []
    for outcome in outcomes:
        if outcome.survives:
            told.append(f"survives: {outcome.mutant.name}")
        elif outcome.where is Where.ELSEWHERE and outcome.red:
            red = outcome.red
            told.append(f"noticed elsewhere: {outcome.mutant.name}\n    {red.file}:{red.line} {red.step} {red.reason}")
    names: dict[str, list[str]] = {"survivors": [], "killed": [], "untried": []}
    for outcome in outcomes:
        kind = "untried" if outcome.where is None else "survivors" if outcome.where is Where.NOWHERE else "killed"
        names[kind].append(outcome.mutant.name)
    told += [f"justified in vain: {stale}" for stale in justifications.stale(**names)]
    told += [f"a false red among the runs of {one.name}" for one in clean if False in one.green and one.missing]
    return told


def _counted(outcomes: Sequence[Outcome]) -> str:
    found = [outcome.where for outcome in outcomes]
    justified = sum(outcome.where is Where.NOWHERE and bool(outcome.why) for outcome in outcomes)
    numbers = [
        len(outcomes),
        *(found.count(where) for where in (Where.AT_ITS_LINE, Where.LATER, Where.ELSEWHERE)),
        justified,
        sum(outcome.survives for outcome in outcomes),
        found.count(None),
    ]
    return f"| {' | '.join(map(str, numbers))} |"
