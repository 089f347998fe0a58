"""Fragments of the changelog are well named, and the version is the same wherever it is stated."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from fencepost import __version__

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
TYPES = [kind["directory"] for kind in PROJECT["tool"]["towncrier"]["type"]]
WELL_NAMED = re.compile(rf"(\d+|\+[a-z0-9-]+)\.({'|'.join(TYPES)})\.md")


def misnamed(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name != "README.md" and not WELL_NAMED.fullmatch(path.name)]


def test_fragments_are_well_named_and_not_empty() -> None:
    folder = ROOT / "changelog.d"
    assert misnamed(folder) == []
    assert [path.name for path in folder.iterdir() if not path.read_text("utf-8").strip()] == []


@pytest.mark.parametrize("name", ["12.fixed.md", "+warm-machines.added.md"])
def test_a_good_name_is_accepted(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert misnamed(tmp_path) == []


@pytest.mark.parametrize("name", ["fix.md", "12.fix.md", "12.fixed", "warm-machines.added.md", "+.added.md"])
def test_a_bad_name_is_found(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert misnamed(tmp_path) == [name]


def test_the_changelog_begins_with_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.findall(r"^## (\S+)", text, re.MULTILINE)[0] == PROJECT["project"]["version"] == __version__
    assert text.count(PROJECT["tool"]["towncrier"]["start_string"]) == 1
