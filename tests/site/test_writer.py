"""Files of a built site: made once, kept between builds, never taken from another build."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fencepost.errors import SiteError
from fencepost.publish.writer import Writer


class Builds:
    """One build after the other, each into an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.site, self.kept = folder / "site", folder / "kept"
        self.made: list[str] = []

    def build(self, content: str, made_of: str = "") -> str:
        """Builds a site of one file; what is in it then."""
        writer = Writer(self.site, self.kept)
        (self.site / "a/b.txt").unlink(missing_ok=True)
        writer.write("a/b.txt", lambda: self.made.append(content) or content, made_of)
        writer.finish()
        return (self.site / "a/b.txt").read_text("utf-8")


@pytest.fixture
def builds(tmp_path: Path) -> Builds:
    return Builds(tmp_path)


def test_files_with_the_same_sources_are_made_once(builds: Builds) -> None:
    assert [builds.build("one", "x"), builds.build("two", "x"), builds.build("three", "y")] == ["one", "one", "three"]
    assert builds.made == ["one", "three"]


def test_files_without_sources_are_always_made(builds: Builds) -> None:
    assert [builds.build("one"), builds.build("two")] == ["one", "two"]


@pytest.mark.parametrize("spoilt", ["the copy", "the manifest", "everything"])
def test_damaged_copies_and_manifests_are_not_trusted(builds: Builds, spoilt: str) -> None:
    builds.build("one", "x")
    if spoilt == "the copy":
        copy = builds.kept / "a/b.txt"
        copy.unlink()
        copy.write_text("another build's")
        os.utime(copy, ns=(1, 1))
    else:
        (builds.kept / "made-of.json").write_text("[]" if spoilt == "the manifest" else "\0{")
    assert builds.build("two", "x") == "two"


def test_a_site_that_is_looked_at_keeps_its_text(builds: Builds, tmp_path: Path) -> None:
    builds.build("one", "x")
    os.link(builds.site / "a/b.txt", tmp_path / "open")
    assert builds.build("two", "y") == "two"
    assert (tmp_path / "open").read_text() == "one"


def test_only_what_is_new_counts_as_written(builds: Builds) -> None:
    builds.build("one")
    writer = Writer(builds.site, builds.kept)
    writer.write("a/b.txt", lambda: "one")
    assert writer.written == 0
    writer.write("a/b.txt", lambda: "two")
    assert writer.written == 1
    assert (builds.site / "a/b.txt").read_text() == "two"


def test_files_are_written_although_nothing_can_be_kept(builds: Builds) -> None:
    builds.kept.write_text("a file where a folder should be")
    assert [builds.build("one", "x"), builds.build("two", "x")] == ["one", "two"]


def test_a_file_that_cannot_be_written_is_an_error(builds: Builds) -> None:
    builds.site.mkdir()
    (builds.site / "a").write_text("a file where a folder should be")
    with pytest.raises(SiteError, match="can't be written"):
        Writer(builds.site, builds.kept).write("a/b.txt", lambda: "one")


@pytest.mark.parametrize("path", ["../b.txt", "a/../../b.txt", "/tmp/b.txt", "a/..", "a\0b"])
def test_nothing_is_written_elsewhere(builds: Builds, path: str) -> None:
    with pytest.raises(SiteError, match="leads out of the built site"):
        Writer(builds.site, builds.kept).write(path, lambda: pytest.fail("it is made already"))


def test_a_copy_counts_for_its_own_sources_only(builds: Builds, tmp_path: Path) -> None:
    def write(folder: str, content: str, made_of: str) -> str:
        writer = Writer(tmp_path / folder, builds.kept)
        writer.write("a.txt", lambda: content, made_of)
        writer.finish()
        return (tmp_path / folder / "a.txt").read_text("utf-8")

    assert [write("a", "new", "x"), write("b", "old", "y"), write("a", "new", "x")] == ["new", "old", "new"]
    (tmp_path / "a/a.txt").unlink()
    assert write("a", "new", "x") == "new"
