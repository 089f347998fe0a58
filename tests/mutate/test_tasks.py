"""What follows from what was found of a mutant, or of a page as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fencepost.machine.image import NO_IMAGE
from fencepost.mutate.crew import Task
from fencepost.mutate.findings import Findings
from fencepost.mutate.journal import Journal
from fencepost.mutate.judging import Red, Where
from fencepost.mutate.plan import PagePlan
from fencepost.mutate.tasks import Tasks
from fencepost.site.mkdocs import read_site
from tests.mutate.mutating import PAGE, SITE, mutant, sample

ONE = mutant("#look dropped command: count .")
AT_ITS_LINE, LATER, EARLIER = (
    Red("failed", step, PAGE, line) for step, line in (("look", ONE.extents[0].first), ("fails", 60), ("begin", 7))
)
CLEAN = {"container": 1, "vm": 1}


class Desk:
    """Tasks, and those that follow."""

    def __init__(self, folder: Path) -> None:
        self.findings = Findings(read_site(SITE), lambda _: "image", Journal(folder / "journal", "ours"))
        self.added: list[Task] = []
        self.tasks = Tasks(self.findings, lambda _: NO_IMAGE, self.added.append)

    def where(self, plan: PagePlan) -> Where | None:
        return self.findings.outcome(plan, ONE).where


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def on_the_network() -> PagePlan:
    plan = sample()
    asked = plan.page.front_matter
    return replace(plan, page=replace(plan.page, front_matter=replace(asked, network=True)))


def test_every_mutant_and_clean_run_is_asked_for_once(desk: Desk) -> None:
    plan = sample()
    asked = [*desk.tasks.of_mutants([plan]), *desk.tasks.of_clean_runs([plan], CLEAN)]
    assert [task.edit for task in asked].count(None) == 2
    assert len(asked) == len(plan.mutants) + 2
    for task in asked:
        task.done(None)
    for task in desk.added:
        task.done(None)
    assert [*desk.tasks.of_mutants([plan]), *desk.tasks.of_clean_runs([plan], CLEAN)] == []


def test_only_mutants_of_some_name(desk: Desk) -> None:
    names = [task.name for task in desk.tasks.of_mutants([sample()], "#reckon negated")]
    assert names == ["docs/page.md@first #reckon negated assertion: assert root == 7, root"]


def test_what_is_noticed_is_not_tried_again(desk: Desk) -> None:
    plan = sample()
    desk.tasks.mutant(plan, ONE, "first").done(LATER)
    assert desk.added == []
    assert desk.where(plan) is Where.LATER


def test_what_survives_goes_to_the_next_machine(desk: Desk) -> None:
    desk.tasks.mutant(sample(), ONE, "first").done(None)
    assert [task.machine for task in desk.added] == ["second"]


def test_after_a_false_red_the_mutant_is_tried_again(desk: Desk) -> None:
    plan = sample()
    assert "FALSE RED" in desk.tasks.mutant(plan, ONE, "first").done(EARLIER)
    assert desk.findings.clean_runs(plan, "first", CLEAN).green == [False]
    assert desk.where(plan) is None
    (again,) = desk.added
    again.done(EARLIER)
    assert desk.added == [again]
    again.done(AT_ITS_LINE)
    assert desk.where(plan) is Where.AT_ITS_LINE


def test_on_the_network_a_later_step_says_so_twice(desk: Desk) -> None:
    plan = on_the_network()
    desk.tasks.mutant(plan, ONE, "first").done(LATER)
    assert desk.where(plan) is None
    desk.added.pop().done(LATER)
    assert desk.added == []
    assert desk.where(plan) is Where.LATER


def test_on_the_network_a_later_step_may_take_it_back(desk: Desk) -> None:
    plan = on_the_network()
    desk.tasks.mutant(plan, ONE, "first").done(LATER)
    desk.added.pop().done(None)
    assert [task.machine for task in desk.added] == ["second"]


def test_at_its_line_once_is_enough(desk: Desk) -> None:
    plan = on_the_network()
    desk.tasks.mutant(plan, ONE, "first").done(AT_ITS_LINE)
    assert desk.added == []
    assert desk.where(plan) is Where.AT_ITS_LINE
