"""Mutants of the sample, checked in a session on this computer: they are harmless, and so is the sample."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from fencepost.errors import EngineError
from fencepost.machine.image import NO_IMAGE
from fencepost.mutate.judging import Red, Where, where
from fencepost.mutate.mutant import Edit, Mutant
from fencepost.mutate.trial import Trials
from fencepost.site.mkdocs import read_site
from tests.mutate.mutating import PAGE, SITE, HostFleet, sample

# A line that nothing looks at, and steps that may as well come in another order.
SURVIVORS = [
    "settings dropped line of a file: Package: sample",
    "fails reordered: it comes behind broken",
    "broken reordered: it comes behind reckon",
]


@pytest.fixture
def trials(tmp_path: Path) -> Iterator[Trials]:
    with contextlib.ExitStack() as stack:
        fleet = HostFleet(tmp_path, stack)
        yield Trials(read_site(SITE), fleet, lambda run: run.close())  # type: ignore[arg-type]


def check(trials: Trials, machine: str, edit: Edit | None) -> Red | None:
    plan = sample()
    return trials.check(plan.page, plan.files, machine, NO_IMAGE, edit)


def test_the_sample_itself_is_green(trials: Trials) -> None:
    assert check(trials, "first", None) is None
    assert check(trials, "second", None) is None


def found(trials: Trials, one: Mutant) -> Where:
    machine = one.machines[-1]
    return where(one, check(trials, machine, one.broken.edit), sample().order(machine))


@pytest.mark.slow
@pytest.mark.parametrize("one", sample().mutants, ids=lambda one: one.name.partition("#")[2])
def test_every_mutant_is_noticed_where_it_was_made(trials: Trials, one: Mutant) -> None:
    told = one.name.partition("#")[2]
    wanted = {Where.NOWHERE} if told in SURVIVORS else {Where.AT_ITS_LINE, Where.LATER}
    assert found(trials, one) in wanted


def test_the_first_red_step_is_the_last_one_that_runs(trials: Trials, tmp_path: Path) -> None:
    witness = tmp_path / "it-went-on"
    lines = (SITE / PAGE).read_text("utf-8").split("\n")
    first = lines.index("mkdir work") + 1
    behind = lines.index("2") + 1
    edit = Edit(PAGE, first, behind - first + 1, ("false", "```", "", "```bash", f"touch {witness}"))
    red = check(trials, "first", edit)
    assert red is not None
    assert (red.verdict, red.step, red.line) == ("failed", "begin", first)
    assert not witness.exists()


def test_what_was_stopped_runs_nothing(trials: Trials) -> None:
    trials.stop()
    with pytest.raises(EngineError, match="stopped"):
        check(trials, "first", None)
