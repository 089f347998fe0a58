"""All records in one file, and merged again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fencepost.record.bundle import Bundle, bundle_of, take_in
from fencepost.record.store import RecordStore
from tests.helpers.records import a_failed_step, a_record, a_step


@pytest.fixture
def theirs(tmp_path: Path) -> RecordStore:
    store = RecordStore(tmp_path / "theirs")
    store.write(a_record(a_step(), page="docs/a.md"))
    store.write(a_record(a_failed_step(), page="docs/b.md", verdict="failed"))
    store.write_packages(a_record(a_step()).image, "debian-12", {"bash": "5"})
    return store


@pytest.fixture
def ours(tmp_path: Path) -> RecordStore:
    return RecordStore(tmp_path / "ours")


def all_files(store: RecordStore) -> dict[str, bytes]:
    return {
        str(path.relative_to(store.folder)): path.read_bytes() for path in store.folder.rglob("*") if path.is_file()
    }


def test_nothing_is_lost_on_the_way(theirs: RecordStore, ours: RecordStore) -> None:
    taken = take_in(ours, Bundle.from_json(bundle_of(theirs).to_json()), lambda _: True)
    assert len(taken.new) == 2
    assert all_files(ours) == all_files(theirs)


def test_taken_twice_is_taken_once(theirs: RecordStore, ours: RecordStore) -> None:
    take_in(ours, bundle_of(theirs), lambda _: True)
    taken = take_in(ours, bundle_of(theirs), lambda _: True)
    assert (len(taken.new), len(taken.old)) == (0, 2)
    assert all_files(ours) == all_files(theirs)


def test_newer_records_stay_and_older_runs_join_the_history(theirs: RecordStore, ours: RecordStore) -> None:
    own = a_record(a_step(), page="docs/b.md")
    own = own.model_copy(update={"started": own.started + timedelta(days=1)})
    ours.write(own)
    take_in(ours, bundle_of(theirs), lambda _: True)
    assert ours.read(own.key) == own
    assert [run.green for run in ours.history(own.key)] == [False, True]


def test_a_skipped_run_replaces_no_record(theirs: RecordStore, ours: RecordStore) -> None:
    ran = a_record(a_step(), page="docs/a.md")
    later = ran.started + timedelta(days=1)
    skipped = a_record(a_step(verdict="skipped"), page="docs/a.md", image="", verdict="skipped", started=later)
    theirs.write(skipped)
    ours.write(ran)
    take_in(ours, bundle_of(theirs), lambda _: True)
    assert ours.read(ran.key) == ran
    take_in(theirs, bundle_of(ours), lambda _: True)
    assert theirs.read(ran.key) == ran


def test_records_of_unknown_pages_are_not_written(theirs: RecordStore, ours: RecordStore) -> None:
    evil = a_record(a_step(), page="../../../evil.md")
    bundle = bundle_of(theirs)
    bundle = bundle.model_copy(update={"records": (*bundle.records, evil)})
    taken = take_in(ours, bundle, lambda key: key.page == "docs/a.md")
    assert [record.page for record in taken.foreign] == ["docs/b.md", "../../../evil.md"]
    assert {path.name for path in ours.folder.rglob("*@*")} == {
        f"a.md@{evil.machine}.{ending}" for ending in ("json", "runs")
    }


IMAGE = '{"schema": 1, "records": [], "images": [{"image": "ID", "machine": "m", "packages": {}}]}'


def test_the_id_of_an_image_can_name_a_file() -> None:
    assert Bundle.from_json(IMAGE).images
    with pytest.raises(ValueError, match="at most 200 characters"):
        Bundle.from_json(IMAGE.replace("ID", "a" * 300))


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "<html>", '{"schema": 2, "records": []}', '{"schema": 1, "records": 5}']
)
def test_files_that_are_no_bundle(text: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Bundle.from_json(text)
