"""The overview: every page by every machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fencepost.verdicts import Verdict
from tests.helpers.html import attributes, select, text_of, texts, the
from tests.helpers.site_builder import MARKDOWN
from tests.site.recorded_site import RecordedSite, failed, mkdocs_build

OVERVIEW = "# What still works\n\n<!-- fencepost: what still works -->\n"
PAGE = """
    ---
    machine: {machines}
    ---
    # Page {name} `code` #

    ```bash {{ #first }}
    true
    ```
    """


@pytest.fixture
def three(site: RecordedSite) -> RecordedSite:
    """Three pages with machines, one without, and the overview."""
    site.page(OVERVIEW, "works.md")
    site.page("# Just prose\n", "prose.md")
    for name, machines in (("a", "[debian-12, debian-13]"), ("b", "debian-13"), ("c", "debian-12")):
        site.page(PAGE.format(machines=machines, name=name), f"posts/{name}.md")
    return site


def cells(html: str, table: str = "pages") -> list[list[str]]:
    """A table's rows, as text."""
    rows = the(html, f"table.fencepost-{table}").css("tr")
    return [[text_of(cell, apart=("span",)) for cell in row.css("th, td")] for row in rows]


def test_every_page_by_every_machine(three: RecordedSite) -> None:
    three.ran("debian-12", name="posts/a.md")
    three.ran("debian-13", {"first": failed()}, name="posts/a.md", seconds=2)
    needs = {"verdict": Verdict.SKIPPED, "reason": "needs KVM"}
    three.ran("debian-13", {"first": needs}, name="posts/b.md")
    assert cells(three.html("works.md")) == [
        ["Page", "Debian 12", "Debian 13"],
        ["Page a code", "Verified 23 Nov 2026", "Failed exit status 1 23 Nov 2026"],
        ["Page b code", "not for it", "Not verified here needs KVM 23 Nov 2026"],
        ["Page c code", "Not verified yet", "not for it"],
    ]


def test_run_by_run(three: RecordedSite) -> None:
    three.ran("debian-12", name="posts/a.md")
    three.ran("debian-13", {"first": failed()}, name="posts/a.md", seconds=2, image="sha256:" + "ab" * 32)
    first, second, third, _, last = cells(three.html("works.md"), "runs")
    assert first == ["Page", "Machine", "Verdict", "Last run", "Took", "Last held", "History", "Image"]
    assert second[:6] == [
        "Page a code", "Debian 12", "Verified 1 of 1 step", "23 Nov 2026", "41 s", "23 Nov 2026",
    ]  # fmt: skip
    assert third[1:6] == ["Debian 13", "Failed exit status 1 0 of 1 step", "23 Nov 2026", "2.0 s", "-"]
    assert third[7] == "abababababab"
    assert last == ["Page c code", "Debian 12", "Not verified yet", "-", "-", "-", "-", "-"]


def test_each_column_says_by_what_it_is_sorted(three: RecordedSite) -> None:
    three.ran("debian-12", name="posts/a.md")
    html = three.html("works.md")
    row = the(html, "table.fencepost-runs").css("tr")[1]
    keys = [cell.attributes.get("data-fencepost-sort") for cell in row.css("th, td")]
    at = "2026-11-23T14:00:00Z"
    assert keys == ["Page a code", "Debian 12", "0", at, "41.0", at, None, None]


def test_dates_link_to_published_runs(three: RecordedSite) -> None:
    three.ran("debian-12", name="posts/a.md")
    assert "assets/fencepost/" not in three.html("works.md")
    three.build.configure({**MARKDOWN, "fencepost": {}}, extra_css=["assets/fencepost/fencepost.css"])
    html = three.html("works.md")
    assert select(html, "a[href='../assets/fencepost/runs/docs/posts/a@debian-12.html'] > time")
    assert select(html, "a[href='../assets/fencepost/what-still-works.json']")


def test_the_overview_has_a_summary(three: RecordedSite) -> None:
    three.ran("debian-12", name="posts/a.md", seconds=100)
    three.ran("debian-13", {"first": failed()}, name="posts/a.md", seconds=20)
    summary = texts(three.html("works.md"), "section > p:first-child")[0]
    text = "3 pages on 2 machines: 1 of 4 checks hold. The last one ran on 23 November 2026; all together took 2 min."
    assert summary == text


def test_titles_lead_to_their_pages(three: RecordedSite) -> None:
    assert texts(three.html("works.md"), "table a[href='../posts/a/']") == ["Page a code"] * 3
    three.page(PAGE.format(machines="[debian-12]\n    title: <b>Bold</b>", name="a"), "posts/a.md")
    assert "<b>Bold</b>" in texts(three.html("works.md"), "a[href='../posts/a/']")


@pytest.mark.parametrize(
    ("front_matter", "heading", "expected"),
    [("", "R&D `<b>` & more", "R&D <b> & more"), ("title: 'R&amp;D'", "A title", "R&amp;D")],
)
def test_titles_are_told_as_they_read(site: RecordedSite, front_matter: str, heading: str, expected: str) -> None:
    site.build.configure({**MARKDOWN, "fencepost": {}}, theme={"name": "mkdocs"}, plugins=["fencepost"])
    site.page(OVERVIEW, "index.md")
    site.page(f"---\nmachine: debian-12\n{front_matter}\n---\n# {heading}\n\n```bash\ntrue\n```\n", "a.md")
    mkdocs_build(site.build.folder)
    assert cells((site.build.folder / "built/index.html").read_text("utf-8"))[1][0] == expected


def test_a_colon_in_a_name_is_no_url_scheme(site: RecordedSite) -> None:
    site.page(OVERVIEW + "\n<!-- fencepost: slowest steps -->\n", "index.md")
    site.page(PAGE.format(machines="debian-12", name="a"), "javascript:alert(1),a.md")
    site.ran("debian-12", name="javascript:alert(1),a.md")
    html = site.html("index.md")
    links = set(attributes(html, "a", "href"))
    assert {"javascript%3Aalert(1),a/", "javascript%3Aalert(1),a/#first"} <= links
    assert [link for link in links if link.startswith("javascript:")] == []


def test_a_page_that_changed_since_is_told(three: RecordedSite) -> None:
    three.ran("debian-13", name="posts/b.md")
    three.page(PAGE.format(machines="debian-13", name="b").replace("true", "false"), "posts/b.md")
    assert cells(three.html("works.md"))[2][2].startswith("Changed since")


def test_a_page_with_a_mistake_does_not_stop_the_others(three: RecordedSite) -> None:
    three.ran("debian-13", name="posts/b.md")
    three.ran("debian-12", name="posts/c.md")
    three.page(PAGE.format(machines="debian-13", name="b").replace("#first", '#first tiemout="3"'), "posts/b.md")
    table = cells(three.html("works.md"))
    assert table[2][2].startswith("Changed since")
    assert table[3][1].startswith("Verified")


def test_records_of_pages_that_are_gone_are_forgotten(three: RecordedSite) -> None:
    three.ran("debian-13", name="posts/b.md")
    (three.build.folder / "docs/posts/b.md").unlink()
    assert [row[0] for row in cells(three.html("works.md"))] == ["Page", "Page a code", "Page c code"]


def test_a_site_without_pages_to_check(site: RecordedSite) -> None:
    site.page(OVERVIEW, "works.md")
    assert "No page has been verified yet." in site.html("works.md")


def test_the_marker_in_code_is_code(site: RecordedSite) -> None:
    site.page("# A title\n\n    <!-- fencepost: what still works -->\n", "works.md")
    assert "No page" not in site.html("works.md")


def test_without_any_record_the_site_builds_without_a_warning(three: RecordedSite) -> None:
    three.build.configure({**MARKDOWN, "fencepost": {}}, theme={"name": "mkdocs"}, plugins=["fencepost"])
    mkdocs_build(three.build.folder)
    assert "Not verified yet" in (three.build.folder / "built/works/index.html").read_text("utf-8")
    assert "Not verified yet" in (three.build.folder / "built/posts/a/index.html").read_text("utf-8")


def test_the_runs_before_the_last_one_are_told(three: RecordedSite) -> None:
    first = datetime(2026, 11, 2, 4, 17, tzinfo=UTC)
    for number, outcome in enumerate([{}, {}, {"first": failed()}]):
        three.ran("debian-12", outcome, name="posts/c.md", started=first + timedelta(days=7 * number))
    html = three.html("works.md")
    (row,) = [row for row in cells(html, "runs") if row[0] == "Page c code"]
    assert row[3:6] == ["16 Nov 2026", "41 s", "9 Nov 2026"]
    assert select(html, "[role='img'][aria-label='held in 2 of the last 3 runs']")
    strokes = [stroke.attributes for stroke in select(html, "[role='img'] > i")]
    assert [("red" in str(stroke), stroke["title"]) for stroke in strokes] == [
        (False, "2 November 2026: passed, 41 s"),
        (False, "9 November 2026: passed, 41 s"),
        (True, "16 November 2026: failed, 41 s"),
    ]
    three.ran("debian-12", name="posts/c.md", started=first + timedelta(days=21))
    assert select(three.html("works.md"), "[aria-label='held in 3 of the last 4 runs']")


@pytest.mark.parametrize("words", ["time of", "time of page", "time of  page"])
@pytest.mark.parametrize("many", [" ", "a", "a "])
def test_a_comment_that_never_ends_takes_no_time(three: RecordedSite, words: str, many: str) -> None:
    comment = f"<!-- fencepost: {words} {many * 20_000}x <b>-->"
    three.page(f"---\nmachine: debian-13\n---\n# A title\n\n{comment}\n\n```bash\ntrue\n```\n", "works.md")
    assert comment in three.html("works.md")


@pytest.mark.parametrize("blanks", [" ", "  ", "\n"])
def test_the_time_of_another_page_however_it_is_spaced(three: RecordedSite, blanks: str) -> None:
    comment = blanks.join(["<!--", "fencepost:", "time of", "page", "posts/b.md", "-->"])
    three.ran("debian-13", name="posts/b.md")
    three.page(f"---\nmachine: debian-13\n---\n# A title\n\n{comment}\n\n```bash\ntrue\n```\n", "works.md")
    assert texts(three.html("works.md"), ".fencepost-time") == ["41 s"]


def test_the_time_of_a_page_with_a_blank_in_its_name(three: RecordedSite) -> None:
    three.page(PAGE.format(machines="debian-13", name="d"), "posts/d e.md")
    three.ran("debian-13", name="posts/d e.md")
    three.page("# A title\n\n<!-- fencepost: time of page posts/d%20e.md -->\n", "works.md")
    assert texts(three.html("works.md"), ".fencepost-time") == ["41 s"]
