"""The status at the top of a page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fencepost.verdicts import Verdict
from tests.helpers.html import attributes, element_after, select, text_of, texts, the
from tests.site.recorded_site import AT, RecordedSite, failed

TWO = """
    ---
    machine: [debian-12, debian-13]
    ---
    # A title

    ```bash { #first title="The first" }
    true
    ```

    ```bash { #second }
    true
    ```
    """
ONE = TWO.replace("[debian-12, debian-13]", "debian-13")


def header(html: str) -> tuple[str, str]:
    """The header's standing, and its text."""
    element = the(html, "aside.fencepost-header")
    standing = element.css_first("[data-fencepost-standing]", default=element).attributes["data-fencepost-standing"]
    for tools in element.css("details.fencepost-tools"):
        tools.decompose()
    return standing or "", text_of(element)


def test_the_header_stands_below_the_title(site: RecordedSite) -> None:
    site.page(ONE)
    site.ran()
    following = element_after(the(site.html(), "h1"))
    assert following
    assert following.css_matches("aside.fencepost-header")


def test_without_a_title_the_header_stands_at_the_top(site: RecordedSite) -> None:
    site.page(ONE.replace("# A title", "<!-- </h1> -->"))
    site.ran()
    assert site.html().startswith('<aside class="fencepost-header"')


def test_verified(site: RecordedSite) -> None:
    site.page(ONE)
    site.ran()
    assert header(site.html()) == ("verified", "Verified on 23 November 2026 on Debian 13: 2 of 2 steps, 41 s")
    assert attributes(site.html(), ".fencepost-header time", "datetime") == ["2026-11-23T14:00:00Z"]


def test_machines_that_agree_share_a_sentence(site: RecordedSite) -> None:
    site.page(TWO)
    site.ran("debian-12", seconds=3)
    site.ran("debian-13", seconds=41)
    text = "Verified on 23 November 2026 on Debian 12 and Debian 13: 2 of 2 steps on each, 3.0 s to 41 s"
    assert header(site.html()) == ("verified", text)


def test_each_sentence_has_its_standing(site: RecordedSite) -> None:
    site.page(TWO)
    site.ran("debian-12", started=AT - timedelta(days=9))
    site.ran("debian-13")
    html = site.html()
    assert attributes(html, "p[data-fencepost-standing]", "data-fencepost-standing") == ["verified", "verified"]
    assert texts(html, ".fencepost-header p > time") == ["14 November 2026", "23 November 2026"]


def test_known_broken_steps_stand_beside(site: RecordedSite) -> None:
    site.page(ONE)
    site.ran(steps={"second": {"verdict": Verdict.KNOWN_BROKEN, "reason": "xend is gone"}})
    text = "Verified on 23 November 2026 on Debian 13: 1 of 1 step; 1 known to be broken, 41 s"
    assert header(site.html()) == ("verified", text)


def test_a_failure_is_red_and_says_which_step(site: RecordedSite) -> None:
    site.page(ONE)
    site.ran(steps={"first": failed(), "second": {"verdict": Verdict.BLOCKED, "reason": "step `first` failed"}})
    standing, text = header(site.html())
    assert standing == "failed"
    assert text == "Failed on 23 November 2026 on Debian 13, at step The first: exit status 1 (0 of 2 steps, 41 s)"
    assert the(site.html(), ".fencepost-header a[href='#first']").text() == "The first"


@pytest.mark.parametrize(
    ("verdict", "standing", "word"),
    [
        (Verdict.TIMED_OUT, "failed", "Timed out"),
        (Verdict.UNEXPECTEDLY_WORKS, "failed", "Not as written"),
        (Verdict.ERROR, "error", "Could not be checked"),
    ],
)
def test_other_bad_news(site: RecordedSite, verdict: Verdict, standing: str, word: str) -> None:
    site.page(ONE)
    site.ran(steps={"second": {"verdict": verdict, "reason": "for a reason"}})
    result = header(site.html())
    assert result[0] == standing
    assert result[1].startswith(f"{word} on 23 November 2026 on Debian 13, at step second: for a reason")


def test_a_page_that_needs_what_is_missing(site: RecordedSite) -> None:
    site.page(ONE)
    needs = {"verdict": Verdict.SKIPPED, "reason": "needs KVM, which a container can't give"}
    site.ran(steps={"first": needs, "second": needs})
    standing, text = header(site.html())
    assert standing == "not-here"
    assert text.startswith("Not verified here on Debian 13: needs KVM, which a container can't give")


def test_a_page_of_which_a_step_was_skipped(site: RecordedSite) -> None:
    site.page(ONE)
    site.ran(steps={"second": {"verdict": Verdict.SKIPPED, "reason": "needs pytest, for its fixture x"}})
    standing, text = header(site.html())
    assert standing == "partly"
    assert text.endswith("1 of 2 steps, 41 s; 1 not verified here: needs pytest, for its fixture x")


@pytest.mark.parametrize(
    "change",
    [
        ("true", "false"),
        ("#second", "#other"),
        ("{ #second }", "{ #second exit=1 }"),
        ("```bash { #second", "```sh { #n"),
    ],
)
def test_a_text_that_changed_since_is_amber(site: RecordedSite, change: tuple[str, str]) -> None:
    site.page(ONE)
    site.ran()
    site.page(ONE.replace(*change))
    standing, text = header(site.html())
    assert standing == "changed"
    assert text == "Changed since it was verified on 23 November 2026 on Debian 13 (2 of 2 steps, 41 s)"


def test_prose_that_changed_changes_nothing(site: RecordedSite) -> None:
    site.page(ONE)
    site.ran()
    site.page(ONE + "\n    One more paragraph.\n")
    assert header(site.html())[0] == "verified"


def test_a_page_with_an_error_counts_as_changed(site: RecordedSite) -> None:
    site.page(ONE)
    site.ran()
    site.page(ONE.replace("#second", '#second tiemout="3"'))
    assert header(site.html())[0] == "changed"


def test_a_page_that_never_ran(site: RecordedSite) -> None:
    site.page(TWO)
    assert header(site.html()) == ("not-yet", "Not verified yet on Debian 12 and Debian 13.")


def test_machines_that_disagree_make_a_table(site: RecordedSite) -> None:
    site.page(TWO)
    site.ran("debian-12")
    site.ran("debian-13", {"second": failed()})
    html = site.html()
    standing, text = header(html)
    assert standing == "failed"
    assert text.startswith("Failed on 1 of 2 machines")
    rows = [[text_of(cell) for cell in row.css("th, td")] for row in select(html, ".fencepost-header tr")[1:]]
    assert rows == [
        ["Debian 12", "Verified: 2 of 2 steps", "23 November 2026", "41 s"],
        ["Debian 13", "Failed at step second: exit status 1", "23 November 2026", "41 s"],
    ]


def test_a_machine_that_the_page_names_no_more_is_forgotten(site: RecordedSite) -> None:
    site.page(TWO)
    site.ran("debian-12", {"first": failed()})
    site.ran("debian-13")
    site.page(ONE)
    assert header(site.html())[0] == "verified"


def test_the_settings_say_when_a_record_is_old(site: RecordedSite) -> None:
    site.page(ONE)
    site.ran()
    assert attributes(site.html(), ".fencepost-header", "data-fencepost-max-age") == ["30"]
    site.build.write("fencepost.toml", "max-age = 7.5\n")
    assert attributes(site.html(), ".fencepost-header", "data-fencepost-max-age") == ["7.5"]


def test_control_characters_become_visible(site: RecordedSite) -> None:
    site.page(ONE)
    site.ran(steps={"first": {"verdict": Verdict.FAILED, "reason": "\x1b[31mred\x07 \u202eback\x02wzxhzdk:0\x03"}})
    html = site.html()
    assert "␛[31mred␇ \\u202eback␂wzxhzdk:0␃" in html


def test_names_and_reasons_are_data(site: RecordedSite) -> None:
    nasty: dict[str, Any] = {"verdict": Verdict.FAILED, "reason": "<script>1</script>", "output": "<script>2</script>"}
    site.page(ONE.replace("The first", "<script>3</script>"))
    site.ran(steps={"first": nasty})
    assert select(site.html(), "script") == []
