"""The runs of a page over time, and what has changed since the last green one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fencepost.record.change import change_of, change_since
from fencepost.record.history import KEPT_RUNS, Run, append_run, held, last_green, merged, read_history, shortened
from fencepost.record.model import Record
from fencepost.record.store import RecordStore
from tests.helpers.records import a_failed_step, a_record, a_step

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)


def on_day(day: int, *, green: bool = True, **told: object) -> Record:
    step = a_step() if green else a_failed_step()
    verdict = "passed" if green else "failed"
    return a_record(step, verdict=verdict, started=BEGIN + timedelta(days=day), **told)


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    return RecordStore(tmp_path / "records")


def test_every_run_leaves_a_line(store: RecordStore) -> None:
    for day, green in enumerate([True, True, False]):
        store.write(on_day(day, green=green))
    record = on_day(0)
    runs = store.history(record.key)
    assert [(run.started.day, run.green, run.red) for run in runs] == [
        (5, True, ()),
        (6, True, ()),
        (7, False, ("step-2",)),
    ]
    assert last_green(runs) == runs[1]


def test_lines_that_cannot_be_read_take_no_other_along(tmp_path: Path) -> None:
    path = tmp_path / "page.runs"
    with held(path) as history:
        append_run(history, Run.of(on_day(0)))
    with path.open("a") as file:
        file.write('{"started": "2026-01-0')
    with held(path) as history:
        append_run(history, Run.of(on_day(1)))
    path.write_bytes(b"\xff\n[]\n" + path.read_bytes())
    assert [run.started.day for run in read_history(path)] == [5, 6]


def test_the_last_green_run_is_kept_however_old(store: RecordStore) -> None:
    runs = [Run.of(on_day(0)), *(Run.of(on_day(day, green=False)) for day in range(1, 3 * KEPT_RUNS))]
    kept = shortened(runs)
    assert len(kept) == KEPT_RUNS + 1
    assert last_green(kept) == runs[0]
    record = on_day(3 * KEPT_RUNS, green=False)
    store.add_history(record.key, runs * 2)
    store.write(record)
    assert len(store.history(record.key)) == KEPT_RUNS + 2


def test_two_histories_become_one() -> None:
    one, two, three = (Run.of(on_day(day)) for day in range(3))
    assert merged([two, three], [one, two]) == [one, two, three]


def test_a_skipped_run_is_not_green() -> None:
    assert not Run.of(a_record(a_step(verdict="skipped"), verdict="skipped")).green


THEN = {"libvirt0": "11.3.0-3", "bash": "5.2.37-2", "gone": "1"}
NOW = {"libvirt0": "11.3.0-4", "bash": "5.2.37-2", "new": "2"}


def test_the_world_changes_packages() -> None:
    green = Run.of(on_day(0, image="sha256:1"))
    change = change_since(green, on_day(7, green=False, image="sha256:2"), THEN, NOW)
    assert change.by_the_world
    assert change.lines() == ["gone 1 is gone", "libvirt0 11.3.0-3 → 11.3.0-4", "new 2 is new"]


def test_the_package_that_the_failure_speaks_of_comes_first() -> None:
    failed = a_step(verdict="failed", output="virsh: error in libvirt0 (11)\n")
    record = a_record(failed, verdict="failed", image="sha256:2")
    change = change_since(Run.of(on_day(0, image="sha256:1")), record, THEN, NOW)
    assert change.lines()[0] == "libvirt0 11.3.0-3 → 11.3.0-4"


def test_many_packages_are_counted() -> None:
    then, now = ({f"package-{number:02}": version for number in range(30)} for version in "12")
    change = change_since(Run.of(on_day(0, image="sha256:1")), on_day(1, green=False, image="sha256:2"), then, now)
    assert len(change.lines()) == 9
    assert change.lines()[-1] == "and 22 more packages"


def test_packages_that_a_page_installs_count() -> None:
    green = Run.of(on_day(0, installed={"apache2": "2.4.62-1"}))
    change = change_since(green, on_day(7, green=False, installed={"apache2": "2.4.63-1"}), {}, {})
    assert change.by_the_world
    assert change.lines() == ["apache2 2.4.62-1 → 2.4.63-1"]


def test_a_failure_without_a_visible_change() -> None:
    change = change_since(Run.of(on_day(0)), on_day(7, green=False), THEN, THEN)
    assert change.by_the_world
    assert change.lines() == ["nothing that Fencepost can see: the network, the time, or chance"]


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ({"steps_sha256": "b" * 64}, "steps were edited"),
        ({"machine_sha256": "b" * 64}, "Containerfile"),
        ({"inputs_sha256": "b" * 64}, "settings or the limits"),
        ({"fencepost": "9.9"}, "→ 9.9"),
    ],
)
def test_a_commit(expected: dict[str, str], words: str) -> None:
    change = change_since(Run.of(on_day(0)), on_day(7, green=False, **expected), THEN, NOW)
    assert not change.by_the_world
    assert words in change.lines()[0]


def test_a_page_that_was_never_green_has_no_change(store: RecordStore) -> None:
    record = on_day(0, green=False)
    store.write(record)
    assert change_of(record, store) is None


def test_packages_are_kept_by_image(store: RecordStore) -> None:
    assert store.packages("sha256:1") is None
    store.write_packages("sha256:1", "debian-12", THEN)
    store.write_packages("sha256:2", "debian-12", NOW)
    store.write(on_day(0, image="sha256:1"))
    record = on_day(1, green=False, image="sha256:2")
    store.write(record)
    change = change_of(record, store)
    assert change
    assert "libvirt0 11.3.0-3 → 11.3.0-4" in change.lines()


def test_a_run_without_a_time_zone_takes_no_other_along(tmp_path: Path) -> None:
    path = tmp_path / "page.runs"
    line = Run.of(a_record(a_step())).model_dump_json()
    foreign = re.sub(r'("started":"[^"Z]*)Z', r"\1", line)
    assert foreign != line
    path.write_text(f"{foreign}\n{line}\n")
    assert len(read_history(path)) == 1


@pytest.mark.parametrize("started", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_run_at_no_time_takes_no_other_along(tmp_path: Path, started: str) -> None:
    path = tmp_path / "page.runs"
    line = Run.of(a_record(a_step())).model_dump_json()
    path.write_text(f"{line.replace('2026-11-23T14:00:00Z', started)}\n{line}\n")
    assert [run.started.year for run in read_history(path)] == [2026]


def test_two_runs_that_tell_the_same_are_two(store: RecordStore) -> None:
    for _ in range(2):
        store.write(on_day(0))
    record = on_day(0)
    assert len(store.history(record.key)) == 2
