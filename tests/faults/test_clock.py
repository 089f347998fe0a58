"""The clock is set back: no verdict stays green for it, none is lost, and nothing waits by it."""

from __future__ import annotations

import ast
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from builders import SiteBuilder
from checking import Story, check, records_of
from stand_in import ENGINE, HostFleet

sys.path.insert(0, str(Path(__file__).parents[1] / "record"))

from records import a_failed_step, a_record, a_step

import fencepost.check.site_check
from fencepost.machine import base
from fencepost.machine.making import Making
from fencepost.record.bundle import bundle_of, take_in
from fencepost.record.change import change_of
from fencepost.record.model import now
from fencepost.record.store import RecordStore

SOURCE = Path(base.__file__).parents[1]
# Who may ask what time it is: for the date of a run, the age of a file, and to set a virtual machine's clock.
MAY_ASK = {"record/model.py": 1, "machine/base.py": 1, "machine/vm/keeper.py": 1}


def test_nothing_waits_by_a_clock_that_can_be_set() -> None:
    asked = {}
    for path in SOURCE.rglob("*.py"):
        calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        names = [ast.unparse(call) for call in calls]
        number = sum(name in {"time.time", "datetime.now", "datetime.utcnow", "datetime.today"} for name in names)
        if number:
            asked[path.relative_to(SOURCE).as_posix()] = number
    assert asked == MAY_ASK


@pytest.fixture
def site(build: SiteBuilder, monkeypatch: pytest.MonkeyPatch) -> SiteBuilder:
    monkeypatch.setattr(fencepost.check.site_check, "Fleet", HostFleet)
    build.page("---\nmachine: debian-12\n---\n\n```bash\nsleep 0.1\n```\n\n```bash\ntrue\n```\n")
    return build


def test_a_record_from_the_future_is_run_again(site: SiteBuilder) -> None:
    (record,) = check(site, ENGINE)
    store = RecordStore(site.read().records)
    store.write(record.model_copy(update={"started": now() + timedelta(days=400)}))
    story = Story()
    (again,) = check(site, ENGINE, story, max_age_days=1)
    assert "in the future: a clock was wrong" in story.told[0]
    assert abs(again.started - now()) < timedelta(minutes=10)
    assert records_of(site) == [again]
    # Clocks of two computers may be apart by a little.
    store.write(again.model_copy(update={"started": now() + timedelta(minutes=5)}))
    story = Story()
    check(site, ENGINE, story)
    assert story.told == ["docs/page.md on debian-12 holds: passed"]


def test_the_clock_goes_back_in_the_middle_of_a_run(site: SiteBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    def set_back(step: str) -> None:
        monkeypatch.setattr(time, "time", lambda: 0.0)
        monkeypatch.setattr("fencepost.record.model.now", lambda: now() - timedelta(days=9000))

    (record,) = check(site, ENGINE, Story(when_a_step_begins=set_back))
    assert record.verdict == "passed"
    assert 0.1 <= record.seconds < 60


def test_a_computer_whose_clock_is_ahead_does_not_have_the_last_word(tmp_path: Path) -> None:
    ours, theirs = RecordStore(tmp_path / "ours"), RecordStore(tmp_path / "theirs")
    ahead = a_record(a_step(), started=now() + timedelta(days=400))
    right = a_record(a_failed_step(), verdict="failed", started=now() - timedelta(hours=1))
    ours.write(right)
    theirs.write(ahead)
    assert take_in(ours, bundle_of(theirs), lambda _: True).old == [ahead]
    assert ours.read(right.key) == right
    # And where it had it already, whoever comes next is right.
    assert take_in(theirs, bundle_of(ours), lambda _: True).new == [right]
    assert theirs.read(right.key) == right


def test_the_last_green_run_is_one_before_it(tmp_path: Path) -> None:
    store = RecordStore(tmp_path)
    red = a_record(a_failed_step(), verdict="failed", started=now())
    for days in (-7, 400):
        store.write(a_record(a_step(), started=now() + timedelta(days=days)))
    store.write(red)
    change = change_of(red, store)
    assert change
    assert change.green.started < red.started


def test_a_base_from_the_future_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def mmdebstrap(_: Making, suite: str, target: Path) -> str:
        made.append(suite)
        target.write_text("tar")
        return ""

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(base, "_mmdebstrap", mmdebstrap)
    for expected in (1, 1, 2):
        tar = base._tar_of("trixie", Making())
        assert len(made) == expected
        if expected == 1 and len(made) == 1:
            age = 3600 if not tar.stat().st_mtime < time.time() - 1800 else -3600
            os.utime(tar, (time.time() - age, time.time() - age))
