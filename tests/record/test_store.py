"""Records on disk: whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, NoReturn

import pytest

from fencepost.errors import EngineError, SiteError
from fencepost.record.store import RecordStore
from fencepost.run_key import RunKey
from tests.helpers.records import a_failed_step, a_record, a_step


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    return RecordStore(tmp_path / "records")


def files(store: RecordStore) -> list[str]:
    return sorted(path.relative_to(store.folder).as_posix() for path in store.folder.rglob("*") if path.is_file())


def test_a_written_record_is_read_back(store: RecordStore) -> None:
    record = a_record(a_step(), a_failed_step())
    store.write(record)
    assert files(store) == [f"docs/posts/page.md@debian-12.{ending}" for ending in ("json", "runs")]
    assert store.read(RunKey("docs/posts/page.md", "debian-12")) == record


def test_an_older_versions_recording_goes_with_its_run(store: RecordStore) -> None:
    store.write(a_record(a_step()))
    recording = store.path_of(RunKey("docs/posts/page.md", "debian-12")).with_suffix(".cast")
    recording.write_text("{}\n")
    store.write(a_record(a_step(), seconds=9))
    assert not recording.exists()


def test_a_record_that_was_never_written(store: RecordStore) -> None:
    assert store.read(RunKey("docs/page.md", "debian-12")) is None
    assert store.read_all() == []
    assert store.unreadable == []


def test_all_records_in_order(store: RecordStore) -> None:
    for page, machine in [("docs/b.md", "debian-12"), ("docs/a.md", "debian-13"), ("docs/a.md", "debian-12")]:
        store.write(a_record(page=page, machine=machine))
    result = [(record.page, record.machine) for record in store.read_all()]
    assert result == [("docs/a.md", "debian-12"), ("docs/a.md", "debian-13"), ("docs/b.md", "debian-12")]


def test_a_record_is_replaced(store: RecordStore) -> None:
    store.write(a_record(seconds=1))
    store.write(a_record(seconds=2))
    assert [record.seconds for record in store.read_all()] == [2]
    assert len(files(store)) == 2


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"schema": 1}', '{"schema": 2}', "\udcff", "\0" * 100],
    ids=["empty", "half", "list", "nothing in it", "another schema", "no text", "zeros"],
)
def test_a_record_that_cannot_be_read_is_set_aside(store: RecordStore, text: str) -> None:
    store.write(a_record())
    path = store.path_of(RunKey("docs/posts/page.md", "debian-12"))
    path.write_text(text, "utf-8", errors="surrogateescape")
    assert store.read(RunKey("docs/posts/page.md", "debian-12")) is None
    assert store.unreadable == [path]
    assert "docs/posts/page.md@debian-12.json.unreadable" in files(store)
    assert store.read_all() == []


def test_a_cut_off_record_is_set_aside(store: RecordStore) -> None:
    store.write(a_record(a_step()))
    path = store.path_of(RunKey("docs/posts/page.md", "debian-12"))
    path.write_bytes(path.read_bytes()[:-20])
    assert store.read_all() == []
    assert store.unreadable == [path]


def test_a_record_that_the_disk_does_not_give_now_stays(store: RecordStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write(a_record(a_step()))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", lambda _: fail(errno.EMFILE))
        assert store.read(RunKey("docs/posts/page.md", "debian-12")) is None
    assert store.unreadable == [store.path_of(RunKey("docs/posts/page.md", "debian-12"))]
    assert store.read(RunKey("docs/posts/page.md", "debian-12")) is not None


def fail(number: int) -> NoReturn:
    raise OSError(number, os.strerror(number))


ELSEWHERE = [("../page.md", "m"), ("/page.md", "m"), ("docs/page.md", "../../m"), ("a\0b", "m")]


@pytest.mark.parametrize(("page", "machine"), ELSEWHERE)
def test_no_name_leads_out_of_the_folder(store: RecordStore, page: str, machine: str) -> None:
    for call in (store.path_of, store.read, store.history):
        with pytest.raises(SiteError, match="leads out of the folder of records"):
            call(RunKey(page, machine))
    with pytest.raises(SiteError, match="leads out of the folder of records"):
        store.write(a_record(page=page, machine=machine))
    assert not store.folder.exists()


@pytest.mark.parametrize(("page", "machine"), ELSEWHERE)
def test_a_record_whose_names_lead_elsewhere_cannot_be_read(store: RecordStore, page: str, machine: str) -> None:
    store.write(a_record(a_step()))
    path = store.path_of(RunKey("docs/posts/page.md", "debian-12"))
    path.write_text(a_record(a_step(), page=page, machine=machine).to_json())
    assert store.read_all() == []
    assert store.unreadable == [path]


@pytest.mark.parametrize("failing", ["writing", "replacing"])
def test_a_full_disk_leaves_the_old_record_and_nothing_else(
    store: RecordStore, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    old = a_record(a_step())
    store.write(old)
    before = files(store)
    no_space = fails_with(OSError(28, "No space left on device"))
    with monkeypatch.context() as patch:
        if failing == "replacing":
            patch.setattr(os, "replace", no_space)
        else:
            patch.setattr("fencepost.whole_files.open", opens_full_file, raising=False)
        with pytest.raises(EngineError, match="the record can't be written: No space left on device") as raised:
            store.write(a_record(a_step(), a_step("another")))
    assert raised.value.file == str(store.path_of(old.key))
    assert files(store) == before
    assert store.read(old.key) == old


def test_a_folder_that_cannot_be_made(store: RecordStore) -> None:
    store.folder.write_text("a file where the folder should be")
    with pytest.raises(SiteError, match="the record can't be written: Not a directory") as raised:
        store.write(a_record())
    assert "free some space" not in str(raised.value)
    assert store.read(RunKey("docs/posts/page.md", "debian-12")) is None
    assert store.unreadable == []


def test_a_page_whose_name_is_too_long_for_a_record(store: RecordStore) -> None:
    name = f"docs/{'x' * 240}.md"
    assert store.read(RunKey(name, "debian-12")) is None
    assert store.unreadable == []
    with pytest.raises(SiteError, match="the record can't be written: File name too long") as raised:
        store.write(a_record(page=name))
    assert "free some space" not in str(raised.value)


def test_a_folder_where_the_record_should_be(store: RecordStore) -> None:
    store.path_of(RunKey("docs/posts/page.md", "debian-12")).mkdir(parents=True)
    with pytest.raises(SiteError, match="the record can't be written: Is a directory"):
        store.write(a_record())


def test_output_that_is_no_text_can_be_written(store: RecordStore) -> None:
    store.write(a_record(a_step(output="a\0\ufffd\x1b[31m\u65e5\n")))
    (record,) = store.read_all()
    assert record.snippets[0].output == "a\0\ufffd\x1b[31m\u65e5\n"


def fails_with(error: OSError) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


class FullFile:
    """A file on a disk that fills up while it is written."""

    def __init__(self, handle: int) -> None:
        self.handle = handle

    def __enter__(self) -> FullFile:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.handle)

    def write(self, data: bytes) -> None:
        os.write(self.handle, data[: len(data) // 2])
        raise OSError(28, "No space left on device")


def opens_full_file(handle: int, *_: object, **__: object) -> FullFile:
    return FullFile(handle)
