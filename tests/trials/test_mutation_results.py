"""The trial over the posts: mutants that may survive, and the tables of results."""

from __future__ import annotations

from pathlib import Path

import pytest

from fencepost.mutate.judging import Red, Where
from fencepost.mutate.outcome import CleanRuns, Outcome
from fencepost.mutate.plan import plan_of
from fencepost.site.mkdocs import read_site
from trials.mutation.justified import Justifications, read_justifications
from trials.mutation.results import as_markdown, complaints

SITE = read_site(Path(__file__).parents[1] / "mutate" / "mutation_site")
PAGE = "docs/page.md"
(PLAN,) = plan_of(SITE, SITE.read_pages()[0])


def test_justifications_name_each_mutant_once_and_say_why(tmp_path: Path) -> None:
    path = tmp_path / "justified.toml"
    path.write_text('[[justified]]\nwhy = "it only prints"\nmutants = ["page.md@debian-* #step dropped: a [b]"]\n')
    found = read_justifications(path)
    assert found.why("page.md@debian-13 #step dropped: a [b]") == "it only prints"
    assert found.why("page.md@xen-13 #step dropped: a [b]") == ""
    assert found.why("page.md@debian-13 #step dropped: a b") == ""
    path.write_text('[[justified]]\nmutants = ["a b"]\n')
    with pytest.raises(ValueError, match="no `why`"):
        read_justifications(path)
    path.write_text('[[justified]]\nwhy = "so"\nmutants = ["a b", "a b"]\n')
    with pytest.raises(ValueError, match="twice"):
        read_justifications(path)


def test_a_justification_that_no_survivor_needs_is_wrong() -> None:
    found = Justifications({"a survives": "so", "a untried": "so", "a killed": "so", "a gone": "so"})
    assert found.stale(survivors=["a survives"], killed=["a killed"], untried=["a untried"]) == [
        "a killed: is noticed now",
        "a gone: there is no such mutant",
    ]


def test_tables_and_complaints() -> None:
    survivor, other, odd = PLAN.mutants[:3]
    outcomes = [
        Outcome(survivor, "container", Where.NOWHERE),
        Outcome(other, "container", Where.NOWHERE),
        Outcome(odd, "container", Where.ELSEWHERE, Red("failed", "look", PAGE, 3)),
        *(Outcome(one, "container", Where.AT_ITS_LINE, Red("failed", one.step, PAGE, 9)) for one in PLAN.mutants[3:-1]),
        Outcome(PLAN.mutants[-1], "container"),
    ]
    clean = [CleanRuns("page@first", 20, [True] * 20), CleanRuns("page@second", 20, [True, False, True])]
    # A red whose cause was fixed since: as many green ones as are asked for have come behind it.
    clean.append(CleanRuns("page@third", 2, [False, True, True]))
    justified = Justifications({other.name: "so"})
    text = as_markdown(["an engine"], outcomes, clean, justified)
    total = len(outcomes)
    assert f"| **all** | {total} | {total - 4} | 0 | 1 | 1 | 1 | 1 |" in text
    assert "| page@first | 20 | 20 | 0 |" in text
    assert "| page@second | 1 | 20 | 1 |" in text
    told = complaints(outcomes, clean, justified)
    assert [line.partition(":")[0] for line in told] == [
        "survives",
        "noticed elsewhere",
        "a false red among the runs of page@second",
    ]
