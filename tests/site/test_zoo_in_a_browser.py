"""What readers see, in a real browser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.site_builder import SiteBuilder
from tests.site.browsing import ADDRESS, Reading
from tests.site.recorded_site import AT, RecordedSite
from tests.site.zoo import fill

pytestmark = pytest.mark.browser

PAGES = ("", "everything/", "failing/", "disagreeing/", "good/", "needy/", "new/", "two-days/")
# The contrast of an element's text with what is behind it, as WCAG reckons it.
CONTRAST = """element => {
  const parse = colour => { const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number); return [r, g, b, a] }
  const over = (top, under) => top.slice(0, 3).map((part, at) => part * top[3] + under[at] * (1 - top[3]))
  const light = rgb => rgb.map(part => part / 255)
    .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0)
  let behind = [], at = element
  while (at) { behind.unshift(parse(getComputedStyle(at).backgroundColor)); at = at.parentElement }
  const ground = behind.reduce((under, top) => over(top, under), [255, 255, 255])
  const [a, b] = [light(over(parse(getComputedStyle(element).color), ground)), light(ground)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a built site with one of everything."""
    site = RecordedSite(SiteBuilder(tmp_path_factory.mktemp("zoo") / "site"))
    fill(site)
    return site.build.folder / "built"


@pytest.fixture
def address() -> str:
    """Where the site is."""
    return ADDRESS


def standing(page: Page) -> str | None:
    return page.locator(".fencepost-header").get_attribute("data-fencepost-standing")


def test_nothing_is_fetched_from_elsewhere(reading: Reading, address: str) -> None:
    with reading() as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for name in PAGES:
            page.goto(address + name)
        assert asked
        assert [url for url in asked if not url.startswith((address, "data:"))] == []


def test_a_fresh_verdict_is_green(reading: Reading, address: str) -> None:
    with reading(now=AT + timedelta(days=29)) as page:
        page.goto(address + "good/")
        assert standing(page) == "verified"
        assert page.locator(".fencepost-header > p").inner_text() == (
            "Verified on 23 November 2026 on Debian 13: 1 of 1 step, 41 s"
        )


def test_an_old_verdict_turns_amber_and_says_why(reading: Reading, address: str) -> None:
    with reading(now=AT + timedelta(days=40)) as page:
        page.goto(address + "good/")
        assert standing(page) == "old"
        text = page.locator(".fencepost-header").inner_text()
        assert "on 23 November 2026 (40 days ago) on Debian 13" in text
        assert "A check more than 30 days old may not hold any more." in text


def test_bad_news_stays_red_however_old(reading: Reading, address: str) -> None:
    with reading(now=AT + timedelta(days=400)) as page:
        page.goto(address + "failing/")
        assert standing(page) == "failed"
        assert "(400 days ago)" in page.locator(".fencepost-header").inner_text()


def test_old_verdicts_in_tables_turn_amber(reading: Reading, address: str) -> None:
    with reading(now=AT + timedelta(days=40)) as page:
        page.goto(address + "disagreeing/")
        cells = page.locator(".fencepost-machines td[data-fencepost-standing]")
        assert [cell.get_attribute("data-fencepost-standing") for cell in cells.all()] == ["old", "failed"]
        page.goto(address)
        assert page.locator('.fencepost-overview td[data-fencepost-standing="verified"]').count() == 0
        assert page.locator('.fencepost-overview td[data-fencepost-standing="old"]').count() == 8


def test_each_line_of_a_header_has_a_mark_of_its_own(reading: Reading, address: str) -> None:
    mark = """line => {
      const {content, width, maskImage} = getComputedStyle(line, "::before")
      return content === "none" || width === "auto" ? "" : maskImage
    }"""
    with reading(now=AT + timedelta(days=5)) as page:
        page.goto(address + "two-days/")
        (first, second) = [line.evaluate(mark) for line in page.locator(".fencepost-header > p").all()]
        assert first == second != ""
        assert standing(page) == "verified"
    with reading(now=AT + timedelta(days=15)) as page:
        page.goto(address + "two-days/")
        (older, newer, note) = [line.evaluate(mark) for line in page.locator(".fencepost-header > p").all()]
        assert newer == second
        assert older not in {first, "", "none"}
        assert note == ""
        assert standing(page) == "old"


def test_an_old_verdict_ages_no_other_machine(reading: Reading, address: str, built: Path) -> None:
    html = (built / "index.html").read_text("utf-8")
    before, table, rest = html.partition('<table class="fencepost-pages">')
    aged = before + table + rest.replace("2026-11-23T14:00:00Z", "2026-01-01T00:00:00Z", 1)
    with reading(now=AT) as page:
        page.route(address, lambda route: route.fulfill(body=aged, content_type="text/html"))
        page.goto(address)
        cells = page.locator(".fencepost-pages td:has(time)")
        old = [cell.inner_text().count("days ago") for cell in cells.all()]
        assert old == [1] + [0] * (len(old) - 1)
        assert page.locator('.fencepost-pages td[data-fencepost-standing="old"]').count() <= 1


def test_without_scripts_the_date_stands(reading: Reading, address: str) -> None:
    with reading(now=datetime(2030, 1, 1, tzinfo=UTC), java_script_enabled=False) as page:
        page.goto(address + "good/")
        assert "23 November 2026" in page.locator(".fencepost-header").inner_text()
        page.locator("#a-step summary").click()
        assert page.locator("#a-step samp").is_visible()


def test_output_is_folded_and_opens_by_mouse_and_by_key(reading: Reading, address: str) -> None:
    with reading() as page:
        page.goto(address + "good/")
        output = page.locator("#a-step samp")
        assert not output.is_visible()
        page.locator("#a-step summary").click()
        assert output.inner_text() == "hello"
        page.locator("#a-step summary").press("Enter")
        assert not output.is_visible()


def test_a_failure_lies_open(reading: Reading, address: str) -> None:
    with reading() as page:
        page.goto(address + "failing/")
        assert page.locator("#refused dt", has_text="Expected").is_visible()
        assert page.get_by_text("E: Unable to locate package").first.is_visible()
        page.locator(".fencepost-header > p a").click()
        assert page.url.endswith("#refused")


@pytest.mark.parametrize(
    ("step", "copied"),
    [
        ("console", "echo a\nfor number in 1 2; do\n    echo $number\ndone"),
        ("passed", "ls /etc"),
        ("nasty", 'print("hello")'),
    ],
)
def test_copied_commands_can_be_pasted_into_a_shell(reading: Reading, address: str, step: str, copied: str) -> None:
    with reading(permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(address + "everything/")
        buttons = page.locator(f'#{step} button[data-md-type="copy"]')
        assert buttons.count() == 1
        buttons.click(force=True)
        page.wait_for_function("navigator.clipboard.readText().then(text => text !== '')")
        assert page.evaluate("navigator.clipboard.readText()") == copied


def test_annotations_find_their_list(reading: Reading, address: str) -> None:
    with reading() as page:
        page.goto(address + "everything/")
        page.locator("#annotated .md-annotation").wait_for()
        assert page.locator("#annotated + ol").is_hidden()


def test_captured_output_does_nothing(reading: Reading, address: str) -> None:
    with reading() as page:
        page.goto(address + "everything/")
        assert page.evaluate("window.hacked") is None
        page.locator("#nasty summary").click()
        shown = page.locator("#nasty samp").first.inner_text()
        assert shown.startswith("<script>window.hacked = 1</script>")
        assert "\x1b" not in shown


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [400, 1280])
def test_no_page_is_wider_than_the_window(reading: Reading, address: str, name: str, width: int) -> None:
    with reading(width=width) as page:
        page.goto(address + name)
        page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_words_can_be_read(reading: Reading, address: str, scheme: Any) -> None:
    with reading(color_scheme=scheme, now=AT + timedelta(days=40)) as page:
        for name in PAGES:
            page.goto(address + name)
            words = page.locator(
                ".fencepost-header :is(p, strong), .fencepost-mark, .fencepost-verdict, .fencepost-overview td strong"
            )
            for element in words.all():
                if element.is_visible():
                    assert element.evaluate(CONTRAST) >= 4.5, (name, element.inner_text())


def test_a_recording_of_anything_plays(reading: Reading, address: str) -> None:
    with reading(now=None) as page:
        page.goto(address + "everything/")
        page.locator(".fencepost-tools > summary").click()
        page.locator("a[data-fencepost-cast]").first.click()
        choice = page.get_by_label("Go to a step")
        choice.wait_for()
        choice.select_option("What a page must not believe")
        expect(page.locator(".fencepost-player .ap-term").first).to_contain_text("line 199", timeout=20_000)
        assert page.evaluate("window.hacked") is None
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
