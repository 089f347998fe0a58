"""Mutants of the sample, checked in a session on this computer: they are harmless, and so is the sample."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from fencepost.errors import EngineError
from fencepost.machine.image import NO_IMAGE
from tests.helpers.host_machine import HostMachine, host_machine
from tests.trials.mutating import PAGE, SITE, sample
from trials.mutation.judging import Where, where
from trials.mutation.mutant import Edit, Mutant
from trials.mutation.site_copy import SiteCopy
from trials.mutation.trial import Trials

# A check that is left out, a line that nothing looks at, and steps that may as well come in another order.
SURVIVORS = [
    "settings dropped line of a file: Package: sample",
    "fails dropped command: grep --quiet 'libc6 (' settings",
    "fails reordered: it comes behind broken",
    "broken reordered: it comes behind reckon",
]


class HostFleet:
    """Opens sessions in new folders of this computer."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self.settings = SiteCopy(SITE, folder / "settings").site.settings
        self.engine = SimpleNamespace(name="none", version="0")
        self._folder = folder
        self._stack = stack
        self._count = 0

    def open(self, *_: object, **__: object) -> HostMachine:
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        return self._stack.enter_context(host_machine(folder))

    def turn(self, _: object) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()


@pytest.fixture
def trials(tmp_path: Path) -> Iterator[Trials]:
    with contextlib.ExitStack() as stack:
        fleet = HostFleet(tmp_path, stack)
        yield Trials(fleet, SiteCopy(SITE, tmp_path / "site"), lambda run: run.close())  # type: ignore[arg-type]


def test_the_sample_itself_is_green(trials: Trials) -> None:
    assert trials.check(PAGE, "first", NO_IMAGE, None) is None
    assert trials.check(PAGE, "second", NO_IMAGE, None) is None


def found(trials: Trials, one: Mutant) -> Where:
    machine = one.machines[-1]
    return where(one, trials.check(PAGE, machine, NO_IMAGE, one.broken.edit), sample().order(machine))


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
    red = trials.check(PAGE, "first", NO_IMAGE, edit)
    assert red is not None
    assert (red.verdict, red.step, red.line) == ("failed", "begin", first)
    assert not witness.exists()


def test_what_was_stopped_runs_nothing(trials: Trials) -> None:
    trials.abort()
    with pytest.raises(EngineError, match="aborted"):
        trials.check(PAGE, "first", NO_IMAGE, None)
