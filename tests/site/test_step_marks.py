"""The verdict and output under a fence."""

from __future__ import annotations

from typing import Any

import pytest

from fencepost.page.html_scan import MARKER
from fencepost.verdicts import Verdict
from tests.helpers.html import attributes, select, text_of, texts, the
from tests.site.recorded_site import RecordedSite, failed

PAGE = """
    ---
    machine: {machines}
    ---
    # A title

    ## Some steps

    ```bash {{ #first title="The first" }}
    echo one
    ```

    ```bash
    echo two
    ```
    """
ONE = PAGE.format(machines="debian-13")
TWO = PAGE.format(machines="[debian-12, debian-13]")


def marks(html: str) -> list[tuple[str, str]]:
    """Each mark's verdict and words, in order."""
    return [
        (mark.attributes["data-fencepost-verdict"] or "", text_of(mark.css_first("summary", default=mark)))
        for mark in select(html, ".fencepost-mark")
    ]


def test_a_step_that_passed(site: RecordedSite) -> None:
    site.page(ONE)
    site.ran(steps={"first": {"output": "one\n"}})
    html = site.html()
    assert marks(html) == [("passed", "Verified · 0.5 s"), ("passed", "Verified · 0.5 s")]
    assert the(html, "details.fencepost-mark > summary + pre[tabindex='0'] > samp").text() == "one"


def test_a_mark_stands_inside_the_code_block(site: RecordedSite) -> None:
    # Behind it, Material would look for the list of a block's annotations, and find this instead.
    site.page(ONE + "\n    1. A note.\n")
    site.ran()
    html = site.html()
    assert len(select(html, ".highlight > .fencepost-step > .fencepost-mark")) == 2
    assert select(html, ".highlight + ol")


def test_machines_that_agree_share_a_mark(site: RecordedSite) -> None:
    site.page(TWO)
    site.ran("debian-12", {"first": {"output": "same\n", "seconds": 2}})
    site.ran("debian-13", {"first": {"output": "same\n"}})
    html = site.html()
    assert marks(html)[0] == ("passed", "Verified on Debian 12 and Debian 13 · 0.5 s to 2.0 s")
    assert texts(html, "samp") == ["same"]
    assert select(html, ".fencepost-caption") == []


def test_outputs_that_differ_are_told_apart(site: RecordedSite) -> None:
    site.page(TWO)
    site.ran("debian-12", {"first": {"output": "12\n"}})
    site.ran("debian-13", {"first": {"output": "13\n"}})
    html = site.html()
    assert len(marks(html)) == 2
    assert texts(html, ".fencepost-caption") == ["Debian 12", "Debian 13"]


def test_machines_that_disagree_have_a_mark_each(site: RecordedSite) -> None:
    site.page(TWO)
    site.ran("debian-12")
    site.ran("debian-13", {"first": failed(output="no\n")})
    assert marks(site.html())[:2] == [
        ("passed", "Verified on Debian 12 · 0.5 s"),
        ("failed", "Failed on Debian 13: exit status 1 · 0.5 s"),
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"verdict": Verdict.KNOWN_BROKEN, "reason": "xend is gone"}, "Known to be broken: xend is gone · 0.5 s"),
        ({"verdict": Verdict.SKIPPED, "reason": "needs KVM"}, "Not verified here: needs KVM"),
        ({"verdict": Verdict.BLOCKED, "reason": "step `a` failed before it"}, "Not reached: step a failed before it"),
        (
            {"verdict": Verdict.TIMED_OUT, "reason": "still running after 60 s"},
            "Timed out: still running after 60 s · 0.5 s",
        ),
        ({"verdict": Verdict.UNEXPECTEDLY_WORKS, "reason": "but it works"}, "Not as written: but it works · 0.5 s"),
        ({"verdict": Verdict.ERROR, "reason": "no engine"}, "Could not be checked: no engine"),
    ],
)
def test_each_verdict_has_words(site: RecordedSite, changes: dict[str, Any], words: str) -> None:
    site.page(ONE)
    site.ran(steps={"first": changes})
    assert marks(site.html())[0] == (str(changes["verdict"]), words)


def test_a_failure_is_open_and_tells_what_was_expected(site: RecordedSite) -> None:
    site.page(ONE)
    site.ran(steps={"first": failed(output="what it said\n")})
    html = site.html()
    assert select(html, "details[data-fencepost-verdict='failed'][open]")
    facts = dict(zip(texts(html, ".fencepost-mark dt"), texts(html, ".fencepost-mark dd"), strict=True))
    assert (facts["Expected"], facts["Actual"]) == ("exit status 0", "nothing")
    assert "what it said" in texts(html, ".fencepost-mark samp")


def test_a_failure_that_is_expected_is_verified(site: RecordedSite) -> None:
    site.page(ONE.replace("#first", "#first exit=100"))
    site.ran(steps={"first": {"exit": 100}})
    assert marks(site.html())[0] == ("passed", "Verified: fails as written, with exit status 100 · 0.5 s")


def test_a_step_that_changed_says_so_and_shows_no_old_output(site: RecordedSite) -> None:
    site.page(ONE)
    site.ran(steps={"first": {"output": "old\n"}})
    site.page(ONE.replace("echo one", "echo 1"))
    assert marks(site.html()) == [("changed", "Changed since it was verified"), ("passed", "Verified · 0.5 s")]
    assert select(site.html(), "samp") == []


@pytest.mark.parametrize("asked", ["exit=3", 'file="/etc/a"', '.known-broken reason="gone"', "timeout=5"])
def test_a_step_that_asks_for_something_else_has_changed(site: RecordedSite, asked: str) -> None:
    site.page(ONE)
    site.ran(steps={"first": {"output": "old\n"}})
    site.page(ONE.replace("#first", f"#first {asked}"))
    assert marks(site.html())[0][0] == "changed"
    assert select(site.html(), "samp") == []


def test_a_record_without_a_step_digest_is_compared_by_text(site: RecordedSite) -> None:
    site.page(ONE)
    site.ran(steps={"first": {"step_sha256": ""}})
    assert marks(site.html())[0] == ("passed", "Verified · 0.5 s")


def test_a_new_step_is_not_verified_yet(site: RecordedSite) -> None:
    site.page(ONE)
    site.ran()
    site.page(ONE + "\n    ```bash\n    echo three\n    ```\n")
    assert marks(site.html())[2] == ("not-yet", "Not verified yet")


def test_a_step_for_one_machine_says_so(site: RecordedSite) -> None:
    site.page(TWO.replace("#first", '#first only="debian-12"'))
    site.ran("debian-12")
    site.ran("debian-13")
    assert marks(site.html())[0] == ("passed", "Verified on Debian 12 · 0.5 s · runs only there")


def test_a_file_says_where_it_is_written(site: RecordedSite) -> None:
    site.page(ONE + '\n    ```ini { file="/etc/xen/chef.cfg" }\n    a = 1\n    ```\n')
    site.ran()
    assert marks(site.html())[2] == ("passed", "Written to /etc/xen/chef.cfg · Verified · 0.5 s")


def test_each_step_has_an_anchor_and_a_link_to_it(site: RecordedSite) -> None:
    site.page(ONE)
    site.ran()
    html = site.html()
    assert the(html, "#first").css_matches("div.highlight")
    assert the(html, "#some-steps-step-1").css_matches("div.fencepost-step")
    assert {"#first", "#some-steps-step-1"} <= set(attributes(html, "a", "href"))


def test_hidden_fences_are_not_shown(site: RecordedSite) -> None:
    hidden = "\n    ```bash { .hidden }\n    echo secret set-up\n    ```\n"
    other = "\n    ```{ .bash .hidden }\n    echo more\n    ```\n"
    site.page(ONE + hidden + other)
    site.ran()
    html = site.html()
    assert "secret" not in html
    assert "more" not in html
    assert len(select(html, ".fencepost-step")) == 2


def test_fences_that_do_not_run_have_no_mark(site: RecordedSite) -> None:
    site.page(ONE + "\n    ```bash { .notest }\n    rm -rf /\n    ```\n\n    ```text\n    text\n    ```\n")
    site.ran()
    assert len(marks(site.html())) == 2


def test_our_attributes_are_not_shown(site: RecordedSite) -> None:
    words = '.always .known-broken reason="why" match="x" exit=3 only="debian-13" timeout=9 retry=2 wait-for="port:80"'
    site.page(ONE.replace("#first", f"#first data-mine=1 .mine {words}"))
    site.ran(steps={"first": {"verdict": Verdict.KNOWN_BROKEN}})
    block = the(site.html(), "#first")
    assert set(block.attributes) == {"id", "class", "data-mine"}
    classes = (block.attributes["class"] or "").split()
    assert "mine" in classes
    assert not {"always", "known-broken"} & set(classes)


def test_line_numbers_and_highlighted_lines_stay(site: RecordedSite) -> None:
    site.page(ONE.replace("```bash { #first", '```bash { #first linenums="1" hl_lines="1"'))
    site.ran()
    html = site.html()
    assert select(html, ".linenos")
    assert len(marks(html)) == 2


FORMS = {
    "list": "1. One:\n\n        ```bash\n        echo two\n        ```\n",
    "admonition": "!!! note\n\n        ```bash\n        echo two\n        ```\n",
    "tab": '=== "A tab"\n\n        ```bash\n        echo two\n        ```\n',
    "quote": "> ```bash\n    > echo two\n    > ```\n",
    "details": "??? note\n\n        ```bash\n        echo two\n        ```\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_marks_work_wherever_a_fence_may_stand(site: RecordedSite, form: str) -> None:
    site.page(ONE + "\n    " + FORMS[form])
    site.ran()
    html = site.html()
    assert len(marks(html)) == 3
    assert MARKER not in html


def test_a_console_is_shown_without_what_only_the_check_needs(site: RecordedSite) -> None:
    transcript = """
    ```console
    $ echo a; \\
    > echo b
    a (glob)
    [bc] (re)
    \\$ plain
    ```
    """
    site.page(ONE + transcript)
    site.ran()
    html = site.html()
    block = the(html, "code[data-copy]")
    assert block.text().strip().split("\n") == ["$ echo a; \\", "> echo b", "a", "[bc]", "$ plain"]
    assert block.attributes["data-copy"] == "echo a; \\\necho b"


def test_only_consoles_have_something_else_to_copy(site: RecordedSite) -> None:
    site.page(ONE)
    site.ran()
    assert select(site.html(), "[data-copy]") == []
