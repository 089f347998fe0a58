"""Downloads whose exit status bash drops, found in sample pages that never run."""

from __future__ import annotations

from pathlib import Path

import pytest

from fencepost.check.downloads import dropped_downloads
from tests.helpers.site_builder import SiteBuilder

PAGES = Path(__file__).parent / "downloads"
# In `of-which-nothing-tells.md`.
LINES = [7, 11, 15, 19, 26, 30, 34, 39]


@pytest.mark.parametrize(("name", "lines"), [("of-which-nothing-tells", LINES), ("that-are-none", [])])
def test_finds_downloads_whose_failure_is_ignored(name: str, lines: list[int], build: SiteBuilder) -> None:
    build.page((PAGES / f"{name}.md").read_text("utf-8"))
    (page,) = build.read().read_pages()
    notes = [note for snippet in page.snippets for note in dropped_downloads(snippet, page.snippets)]
    assert [note.line for note in notes] == lines
    assert {note.file for note in notes} <= {"docs/page.md"}


HOSTILE = {
    "opened": "$(" * 20_000 + "curl https://a.org/",
    "nested": "$(" * 20_000 + "curl https://a.org/" + ")" * 20_000,
    "many in one": "$(" + "curl https://a.org/ ; " * 20_000 + ")",
    "one after the other": "$(curl https://a.org/) " * 20_000,
    "backticks": "`" * 20_000 + " curl",
    "quotes": "\"'" * 20_000 + " curl",
    "lines": "$(\n" + "\n" * 100_000 + "curl",
    "texts": "<<'END' curl\n" * 20_000,
    "assigned": "x=" * 50_000 + "$(curl https://a.org/)",
    "slashes": "$(" + "/" * 50_000 + " curl",
}
FOUND = {"nested", "many in one", "one after the other", "assigned"}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_large_steps_are_searched_quickly(name: str, build: SiteBuilder) -> None:
    build.page(f"---\nmachine: debian-12\n---\n\n```bash {{ exit=2 }}\n{HOSTILE[name]}\n```\n")
    (page,) = build.read().read_pages()
    notes = dropped_downloads(page.snippets[0], page.snippets)
    assert [note.line for note in notes] == [6] * (name in FOUND)
