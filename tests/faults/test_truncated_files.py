"""Files that end in the middle: whole parts are read, and a broken part takes no other along."""

from __future__ import annotations

from pathlib import Path

import pytest

from fencepost.record.history import as_lines, read_history
from fencepost.record.model import Record
from fencepost.record.store import RecordStore
from fencepost.run_key import RunKey
from tests.helpers.records import a_failed_step, a_record, a_step

PAGE, MACHINE = "docs/posts/page.md", "debian-12"


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    return RecordStore(tmp_path / "records", read_only=True)


def runs(number: int) -> list[Record]:
    return [a_record(a_step(), a_failed_step(), seconds=index, verdict="failed") for index in range(number)]


@pytest.mark.slow
def test_a_record_cut_at_each_byte(store: RecordStore) -> None:
    record = a_record(a_step(output="Grüße\n"), a_failed_step(), verdict="failed")
    store.write(record)
    path = store.path_of(RunKey(PAGE, MACHINE))
    whole = path.read_bytes()
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        # The last byte ends a line, and says nothing.
        assert store.read(RunKey(PAGE, MACHINE)) == (record if length >= len(whole) - 1 else None)
    assert len(store.unreadable) == len(whole) - 1


@pytest.mark.slow
def test_a_history_cut_at_each_byte(store: RecordStore) -> None:
    for record in runs(3):
        store.write(record)
    path = store.path_of(RunKey(PAGE, MACHINE)).with_suffix(".runs")
    whole = path.read_bytes()
    ends = [index for index, byte in enumerate(whole) if byte == ord("\n")]
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        there = read_history(path)
        assert [run.seconds for run in there] == [float(number) for number, end in enumerate(ends) if length >= end]
        store.path_of(RunKey(PAGE, MACHINE)).unlink()
        store.write(runs(4)[3])
        assert [run.seconds for run in read_history(path)] == [*(run.seconds for run in there), 3]
        assert path.read_bytes().endswith(b"\n")


def test_unicode_line_ends_do_not_split_a_run(store: RecordStore) -> None:
    record = a_record(a_failed_step("zeile\x85\u2028"), verdict="failed")
    store.write(record)
    assert [run.red for run in store.history(RunKey(PAGE, MACHINE))] == [("zeile\x85\u2028",)]


def test_a_list_of_packages_cut_at_each_byte(store: RecordStore) -> None:
    packages = {"bash": "5.2", "coreutils": "9.1"}
    store.write_packages("sha256:1", MACHINE, packages)
    (path,) = (store.folder / ".images").iterdir()
    whole = path.read_bytes()
    for length in range(len(whole) - 1):
        path.write_bytes(whole[:length])
        assert store.packages("sha256:1") is None


def test_a_run_that_was_not_noted_is_noted_with_the_next(store: RecordStore) -> None:
    first, second, third = runs(3)
    store.write(first)
    # As a check leaves it that is killed between the record and its line.
    store.put(second)
    store.write(third)
    history = store.history(RunKey(PAGE, MACHINE))
    assert [run.seconds for run in history] == [0, 1, 2]
    assert store.path_of(RunKey(PAGE, MACHINE)).with_suffix(".runs").read_bytes() == as_lines(history)
