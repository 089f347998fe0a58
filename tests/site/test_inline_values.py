"""Times and outputs of steps in a page's text, titles of machines, and accelerators."""

from __future__ import annotations

import pytest

from fencepost.verdicts import Verdict
from tests.helpers.html import text_of, texts, the
from tests.helpers.site_builder import SiteBuilder
from tests.site.recorded_site import RecordedSite

PAGE = """
    ---
    machine: [debian-12, debian-13]
    ---
    # A title

    | what | took |
    |---|---|
    | both | <!-- fencepost: time of first second --> |
    | one | <!-- fencepost: time of only-there --> |
    | none | <!-- fencepost: time of third --> |
    | said | <!-- fencepost: output of first --> |
    | said | <!-- fencepost: output of third --> |

    ```bash { #first }
    true
    ```

    ```bash { #second }
    true
    ```

    ```bash { #only-there only="*-13" }
    true
    ```
    """


def times(html: str) -> list[str]:
    return texts(html, "td > .fencepost-time")


def test_times_of_steps_stand_in_the_text(build: SiteBuilder) -> None:
    site = RecordedSite(build)
    site.page(PAGE)
    assert times(site.html()) == [
        "not measured yet",
        "not measured yet",
        "(no step third)",
        "not run yet",
        "(no step third)",
    ]
    site.ran("debian-12", {"first": {"seconds": 61.0, "output": "one\n<b>80</b>\n"}, "second": {"seconds": 2.0}})
    site.ran("debian-13", {"first": {"seconds": 30.0}, "second": {"seconds": 3.0}, "only-there": {"seconds": 0.5}})
    assert times(site.html()) == [
        "33 s to 1 min 3 s",
        "0.5 s",
        "(no step third)",
        "<b>80</b>",
        "(no step third)",
    ]


@pytest.mark.parametrize("verdict", [Verdict.SKIPPED, Verdict.BLOCKED, Verdict.ERROR])
def test_steps_that_did_not_run_have_no_time(build: SiteBuilder, verdict: Verdict) -> None:
    site = RecordedSite(build)
    site.page(PAGE)
    site.page(
        "# Times\n\n<!-- fencepost: time of page page.md -->\n<!-- fencepost: time of page page.md second -->\n", "t.md"
    )
    not_run = {"verdict": verdict, "seconds": 0.0}
    site.ran("debian-12", {"first": {"seconds": 61.0}, "second": not_run})
    site.ran("debian-13", {"first": not_run, "second": not_run, "only-there": not_run}, seconds=0.0)
    assert times(site.html())[:2] == ["not measured yet", "not measured yet"]
    assert texts(site.html("t.md"), ".fencepost-time") == ["41 s", "not measured yet"]


def test_a_machine_has_a_title_and_says_that_it_was_emulated(build: SiteBuilder) -> None:
    site = RecordedSite(build)
    site.page(PAGE)
    site.ran("debian-12", title="Xen on Debian 12", accelerator="tcg")
    site.ran("debian-13", title="Xen on <Debian 13>", accelerator="kvm")
    html = site.html()
    words = text_of(the(html, ".fencepost-header"))
    assert "on Xen on Debian 12 (emulated)" in words
    assert "on Xen on <Debian 13>: " in words
    assert [text for text in texts(html, "summary") if "Xen on Debian 12 and Xen on <Debian 13>" in text] == []


def test_a_change_for_one_machine_leaves_the_other_verified(build: SiteBuilder) -> None:
    site = RecordedSite(build)
    site.page(PAGE)
    site.ran("debian-12", title="Twelve")
    site.ran("debian-13", title="Thirteen")
    site.page(PAGE.replace('only="*-13" }\n    true', 'only="*-13" }\n    false'))
    html = site.html()
    assert texts(html, ".fencepost-header tbody th") == ["Twelve", "Thirteen"]
    assert texts(html, ".fencepost-header td > strong") == ["Verified", "Changed since"]
