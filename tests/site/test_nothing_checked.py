"""What readers see where nothing was checked: nothing says that it passed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fencepost.verdicts import Verdict
from tests.helpers.html import select, texts
from tests.helpers.site_builder import MARKDOWN
from tests.site.recorded_site import RecordedSite, mkdocs_build, words_on
from tests.site.test_overview import OVERVIEW, cells
from tests.site.test_page_header import header
from tests.site.test_step_marks import marks

COMMENTS = """
    ---
    machine: debian-13
    ---
    # Comments

    ```bash { #stop }
    # killall httpd
    ```
    """
ONE_OF_TWO = (
    COMMENTS.replace("# Comments", "# One of two")
    + """
    ```bash { #start }
    true
    ```
    """
)
NO_STEP = """
    ---
    machine: debian-13
    ---
    # No step
    """
EMPTY: dict[str, Any] = {
    "verdict": Verdict.SKIPPED,
    "empty": True,
    "reason": "nothing in it runs: it holds comments alone",
}
NOTHING: dict[str, Any] = {"verdict": Verdict.SKIPPED, "reason": "nothing in the page's steps runs", "seconds": 0}


def test_a_page_of_comments(site: RecordedSite) -> None:
    site.page(COMMENTS)
    site.ran(steps={"stop": EMPTY}, **NOTHING)
    html = site.html()
    text = "Nothing here is checked on Debian 13: nothing in the page's steps runs"
    assert header(html) == ("nothing", text)
    assert marks(html) == [("skipped", "Nothing to check")]
    assert "erified" not in html.replace("When this page was verified", "")
    # There is nothing to watch, and nothing to do.
    assert select(html, ".fencepost-tools") == []


@pytest.mark.parametrize("record", [NOTHING, {"verdict": Verdict.PASSED}], ids=["now", "as earlier versions wrote it"])
def test_a_page_without_a_step(site: RecordedSite, record: dict[str, Any]) -> None:
    site.page(NO_STEP)
    site.ran(**record)
    standing, text = header(site.html())
    assert standing == "nothing"
    assert text.startswith("Nothing here is checked on Debian 13")


def test_a_step_in_which_nothing_runs_stands_beside_the_others(site: RecordedSite) -> None:
    site.page(ONE_OF_TWO)
    site.ran(steps={"stop": EMPTY}, verdict=Verdict.PASSED)
    text = "Verified on 23 November 2026 on Debian 13: 1 of 1 step; 1 with nothing to check, 41 s"
    assert header(site.html()) == ("verified", text)
    assert marks(site.html()) == [("skipped", "Nothing to check"), ("passed", "Verified · 0.5 s")]


def test_a_machine_for_which_a_page_has_no_step(site: RecordedSite) -> None:
    only = ONE_OF_TWO.replace("debian-13", "[debian-12, debian-13]").replace("#start", '#start only="debian-12"')
    site.page(only)
    site.ran("debian-12", {"stop": EMPTY}, verdict=Verdict.PASSED)
    site.ran("debian-13", {"stop": EMPTY}, **NOTHING)
    standing, text = header(site.html())
    assert standing == "verified"
    assert text.startswith("Verified on 1 of 2 machines")
    assert "Debian 13 Nothing is checked: nothing in the page's steps runs" in text


@pytest.mark.parametrize("verdict", [EMPTY, {"verdict": Verdict.SKIPPED, "reason": "needs KVM"}])
def test_steps_that_never_ran_are_not_verified(site: RecordedSite, verdict: dict[str, Any]) -> None:
    site.page(COMMENTS)
    site.ran(steps={"stop": verdict}, **NOTHING)
    site.page(COMMENTS.replace("# killall", "killall"))
    assert header(site.html()) == ("not-yet", "Not verified yet on Debian 13.")


@pytest.fixture
def three(site: RecordedSite) -> RecordedSite:
    """Three pages: one that ran, one of comments, one without a step."""
    site.build.configure({**MARKDOWN, "fencepost": {}}, theme={"name": "mkdocs"}, plugins=["fencepost"])
    site.page(OVERVIEW, "index.md")
    site.page(ONE_OF_TWO, "a.md")
    site.page(COMMENTS, "b.md")
    site.page(NO_STEP, "c.md")
    site.ran(steps={"stop": EMPTY}, name="a.md", verdict=Verdict.PASSED)
    site.ran(steps={"stop": EMPTY}, name="b.md", **NOTHING)
    site.ran(name="c.md", **{**NOTHING, "reason": "the page has no step that runs"})
    return site


def test_the_overview_counts_only_checked_steps(three: RecordedSite) -> None:
    mkdocs_build(three.build.folder)
    html = (three.build.folder / "built/index.html").read_text("utf-8")
    assert "3 pages on 1 machine: 1 of 1 check holds. 2 more have nothing to check." in texts(html, "section > p")[0]
    table = cells(html)
    assert table[2] == ["Comments", "Nothing is checked nothing in the page's steps runs 23 Nov 2026"]
    assert table[3][1].startswith("Nothing is checked the page has no step that runs")
    first, second, third = cells(html, "runs")[1:]
    assert first[2] == "Verified 1 of 1 step; 1 with nothing to check"
    assert second[2] == "Nothing is checked nothing in the page's steps runs"
    # It never held, and no run of it is told.
    assert [row[5:7] for row in (second, third)] == [["-", "-"], ["-", "-"]]


def test_badges_and_data_count_what_was_checked(three: RecordedSite) -> None:
    mkdocs_build(three.build.folder)
    folder = three.build.folder / "built/assets/fencepost"
    assert words_on(folder / "badge.svg") == ("what still works | 1 of 1 check holds, 23 November 2026", "#2b7a4b")
    assert words_on(folder / "badges/docs/b.svg") == ("steps | none checked on 23 November 2026", "#5c6166")
    pages = json.loads((folder / "what-still-works.json").read_text("utf-8"))["pages"]
    result = [
        (page["standing"], *(page["machines"][0][key] for key in ("verdict", "passed", "steps"))) for page in pages
    ]
    assert result == [("verified", "passed", 1, 1), ("nothing", "skipped", 0, 0), ("nothing", "skipped", 0, 0)]
    run = (folder / "runs/docs/b@debian-13.html").read_text("utf-8")
    words = ", nothing in the page's steps runs, under 0.1 s. Machine debian-13"
    assert [text for text in texts(run, "p") if words in text]
    assert "Nothing to check" in run


def test_a_site_on_which_nothing_is_checked(three: RecordedSite) -> None:
    (three.build.folder / "docs/a.md").unlink()
    mkdocs_build(three.build.folder)
    badge = words_on(three.build.folder / "built/assets/fencepost/badge.svg")
    assert badge == ("what still works | nothing checked on 23 November 2026", "#5c6166")
    html = (three.build.folder / "built/index.html").read_text("utf-8")
    assert "2 pages on 1 machine: nothing is checked." in texts(html, "section > p")
