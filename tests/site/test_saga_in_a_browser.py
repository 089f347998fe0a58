"""The posts in a real browser: what a reader sees and can do, with a mouse, with keys alone, on paper."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from tests.site.browsing import ADDRESS, Reading, open_everything
from tests.site.saga import PARTS, built_saga

pytestmark = pytest.mark.browser

PAGES = ("", *(f"{part}/" for part in PARTS), "what-still-works/", "times/", "tags/", "guide/", "reference/")
TERMINAL = ".fencepost-player .ap-term"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built saga."""
    return built_saga(tmp_path_factory.mktemp("saga") / "site")


def test_the_front_page_lists_all_parts_with_their_verdicts(reading: Reading) -> None:
    with reading() as page:
        page.goto(ADDRESS)
        labels = page.locator(".saga-summary .saga-dates strong").all_inner_texts()
        assert labels == ["Part 1", "Part 2", "Part 3", "Part 4", "P.S."]
        summaries = page.locator(".saga-summary .fencepost-summary").all_inner_texts()
        assert [text.split(" on ")[0] for text in summaries] == ["Verified"] * 5
        assert page.locator(".saga-summary .saga-voices .then").count() == 5
        page.get_by_role("link", name="Read part 3").click()
        assert page.url == f"{ADDRESS}part-3/"


def test_each_part_leads_to_the_others(reading: Reading) -> None:
    with reading() as page:
        page.goto(f"{ADDRESS}part-2/")
        series = page.locator(".saga-series li")
        assert series.locator("span").all_inner_texts() == ["Part 1", "Part 2", "Part 3", "Part 4", "P.S."]
        assert series.nth(1).locator("[aria-current=page]").count() == 1
        page.locator(".md-footer__link--next").click()
        assert page.url == f"{ADDRESS}part-3/"


def test_then_and_now_differ_by_more_than_colour(reading: Reading) -> None:
    with reading() as page:
        page.goto(f"{ADDRESS}part-1/")
        then, now = page.locator(".admonition.then").first, page.locator(".admonition.now").first
        styles = [box.evaluate("box => getComputedStyle(box).borderLeftStyle") for box in (then, now)]
        assert styles == ["double", "solid"]
        assert "28 February 2012" in then.locator(".admonition-title").inner_text()
        assert now.locator(".admonition-title").inner_text() == "Today"


def test_no_foreign_requests_and_the_player_loads_on_play(reading: Reading) -> None:
    with reading() as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for name in PAGES:
            page.goto(ADDRESS + name)
        assert [url for url in asked if not url.startswith((ADDRESS, "data:"))] == []
        assert [url for url in asked if "asciinema" in url or url.endswith(".cast")] == []


@pytest.mark.parametrize("width", [360, 768, 1280, 1920])
def test_no_page_is_wider_than_the_window(reading: Reading, width: int) -> None:
    with reading(width=width) as page:
        for name in PAGES:
            page.goto(ADDRESS + name)
            open_everything(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def watch(page: Page, how: str) -> None:
    page.goto(f"{ADDRESS}part-1/")
    tools = page.locator(".fencepost-tools > summary")
    link = page.get_by_role("link", name="watch the run").first
    if how == "keys":
        tools.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(link).to_be_focused()
        page.keyboard.press("Enter")
    else:
        tools.click()
        link.click()


@pytest.mark.parametrize("how", ["mouse", "keys"])
def test_a_recording_plays(reading: Reading, how: str) -> None:
    with reading(now=None) as page:
        watch(page, how)
        expect(page.locator(TERMINAL).first).to_contain_text("candidate()", timeout=20_000)
        assert page.url == f"{ADDRESS}part-1/"
        # The player has the keys: a space lets it rest.
        expect(page.locator(".fencepost-player .ap-wrapper")).to_be_focused()
        page.get_by_role("link", name="watch the run").nth(1).click()
        expect(page.locator(".fencepost-player")).to_have_count(1)


def test_a_recording_goes_to_a_step(reading: Reading) -> None:
    with reading(now=None) as page:
        watch(page, "mouse")
        choice = page.get_by_label("Go to a step")
        choice.wait_for()
        assert choice.locator("option").all_inner_texts()[:2] == [
            "Go to a step",
            "A small helper: which version would apt install?",
        ]
        choice.select_option("Rehearse the installation")
        expect(page.locator(TERMINAL).first).to_contain_text("--simulate", timeout=20_000)


def test_without_a_recording_there_is_the_run_to_read(reading: Reading) -> None:
    # The browser itself complains of what it can't load.
    with reading(now=None, complaining=True) as page:
        page.route("**/*.cast", lambda route: route.abort())
        page.goto(f"{ADDRESS}part-2/")
        page.locator(".fencepost-tools > summary").click()
        page.get_by_role("link", name="watch the run").first.click()
        page.wait_for_url("**/runs/docs/posts/part-2@debian-12.html")
        assert page.get_by_role("heading", level=1).inner_text().endswith("run on Debian 12")


def test_without_scripts_the_links_lead_to_the_run(reading: Reading) -> None:
    with reading(java_script_enabled=False) as page:
        page.goto(f"{ADDRESS}part-2/")
        page.locator(".fencepost-tools > summary").click()
        page.get_by_role("link", name="watch the run").first.click()
        assert page.url.endswith("/runs/docs/posts/part-2@debian-12.html")
        page.get_by_role("link", name=re.compile("on Squeeze via libvirt")).first.click()
        assert page.url == f"{ADDRESS}part-2/"


def test_the_command_that_leads_into_the_machine(reading: Reading) -> None:
    with reading(permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(f"{ADDRESS}part-1/")
        page.locator("#plug-by-hand .fencepost-shell, .fencepost-step#plug-by-hand .fencepost-shell").first.focus()
        page.keyboard.press("Enter")
        command = "fencepost shell docs/posts/part-1.md --machine debian-12 --after plug-by-hand"
        expect(page.locator(".fencepost-command code")).to_have_text(command)
        assert page.evaluate("navigator.clipboard.readText()") == command


def test_all_steps_can_be_kept_as_a_script(reading: Reading) -> None:
    with reading(accept_downloads=True) as page:
        page.goto(f"{ADDRESS}part-1/")
        page.locator(".fencepost-tools > summary").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="all steps as a script").first.click()
        assert download.value.suggested_filename == "part-1-debian-12.sh"


def test_search_finds_the_message_in_hand(reading: Reading) -> None:
    with reading(now=None) as page:
        page.goto(ADDRESS)
        page.keyboard.press("/")
        page.keyboard.type("hotplugpath.sh: No such file")
        result = page.locator(".md-search-result__link").first
        result.wait_for(timeout=20_000)
        assert "/part-" in str(result.get_attribute("href"))


def test_runs_can_be_sorted(reading: Reading) -> None:
    with reading() as page:
        page.goto(f"{ADDRESS}what-still-works/")
        machines = page.locator(".fencepost-runs tbody td:nth-child(2)")
        before = machines.all_inner_texts()
        button = page.get_by_role("button", name="Machine")
        button.focus()
        page.keyboard.press("Enter")
        assert page.get_by_role("columnheader", name="Machine").get_attribute("aria-sort") == "ascending"
        assert machines.all_inner_texts() == sorted(before)
        page.keyboard.press("Enter")
        assert machines.all_inner_texts() == sorted(before, reverse=True)


def test_times_are_sorted_as_numbers(reading: Reading) -> None:
    with reading() as page:
        page.goto(f"{ADDRESS}what-still-works/")
        cells = page.locator(".fencepost-runs tbody td:nth-child(5)")
        values = ["12.5", "0.9", "100.0", "12.25", "0.15"]
        cells.evaluate_all(
            "(cells, values) => values.forEach((v, i) => { cells[i].dataset.fencepostSort = v })", values
        )
        page.get_by_role("button", name="Took").click()
        result = [float(str(cell.get_attribute("data-fencepost-sort"))) for cell in cells.all()]
        assert result == sorted(result)


def test_on_paper_the_verdict_stays_and_the_buttons_go(reading: Reading) -> None:
    with reading() as page:
        page.goto(f"{ADDRESS}part-1/")
        page.emulate_media(media="print")
        assert page.locator(".fencepost-header p").first.is_visible()
        assert page.locator(".fencepost-mark").first.is_visible()
        for gone in (".fencepost-tools", ".fencepost-shell", ".fencepost-link"):
            assert not page.locator(gone).first.is_visible(), gone
        assert page.pdf(format="A4").startswith(b"%PDF")


def test_the_feed_has_every_part(built: Path) -> None:
    feed = ElementTree.fromstring((built / "feed_rss_created.xml").read_text("utf-8"))  # our own
    links = [item.findtext("link") or "" for item in feed.iter("item")]
    assert sorted(link.rstrip("/").rpartition("/")[2] for link in links) == sorted(PARTS)
    assert 'type="application/rss+xml"' in (built / "index.html").read_text("utf-8")
    assert not any("fencepost" in (item.findtext("description") or "") for item in feed.iter("item"))


def test_readers_prefer_dark(reading: Reading) -> None:
    options: dict[str, Any] = {"color_scheme": "dark"}
    with reading(**options) as page:
        page.goto(f"{ADDRESS}part-1/")
        assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
