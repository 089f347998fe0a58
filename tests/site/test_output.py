"""Captured output is data: it can't control a browser, and a page stays readable."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fencepost.record.model import FailureRecord
from fencepost.render.html import link_to_step, tag, text
from fencepost.render.output import MOST_CHARACTERS, MOST_LINES, render_failure, render_output, shortened
from fencepost.terminal import as_on_screen, harmless


class Tags(HTMLParser):
    """Which tags and attributes some HTML has, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags.append("comment")


NASTY = [
    "<script>alert(1)</script>",
    "</samp></pre><img src=x onerror=alert(1)>",
    "<!-- fencepost: what still works -->",
    '<div data-fencepost-fence="0"></div>',
    "&lt;script&gt; &amp;amp;",
    "\x02wzxhzdk:0\x03",
    "{{ config }} {% raw %}",
    "' onclick='alert(1)",
    '" onclick="alert(1)',
]


@pytest.mark.parametrize("output", NASTY)
def test_no_output_becomes_markup(output: str) -> None:
    tags = Tags(render_output(output))
    assert tags.tags == ["pre", "samp"]
    assert tags.attributes == ["tabindex"]


@given(st.text())
def test_any_output_stays_text(output: str) -> None:
    html = render_output(output)
    tags = Tags(html)
    assert tags.tags == ["pre", "samp"]
    assert not any(ord(character) < 32 and character not in "\n\t" for character in html)
    html.encode("utf-8")


@given(st.text(), st.text())
def test_any_step_name_stays_in_its_attribute(step: str, title: str) -> None:
    tags = Tags(link_to_step(step, title, title=title))
    assert tags.tags == ["a"]
    assert sorted(tags.attributes) == ["href", "title"]


def test_a_failure_is_data_too() -> None:
    nasty = "<script>alert(1)</script>"
    failure = FailureRecord(file=nasty, line=1, command=nasty, expected=nasty, actual=nasty)
    assert "script" not in Tags(render_failure(failure)).tags


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m\n", "red"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]8;;http://example.org/\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("10%\r50%\r100%\ndone\r\n", "100%\ndone"),
        ("N\bNA\bAM\bME\bE", "NAME"),
        ("a\x07b\x00c", "abc"),
        ("abcdef\rxy\b\bX", "Xycdef"),
        ("old\x1b[2K\rnew\x1b[10Ccolumn", "new          column"),
        ("a: waits\nb: waits\n\x1b[2A\x1b[Ka: is there\x1b[2B\n", "a: is there\nb: waits"),
        ("tab\tstays", "tab\tstays"),
        ("evil \u202etxt.exe", "evil \\u202etxt.exe"),
        ("half \udc80 of it", "half ? of it"),
        ("c1 \x9b31m", "c1 \N{REPLACEMENT CHARACTER}31m"),
        ("trailing   \n\n\n", "trailing"),
    ],
)
def test_output_is_shown_as_it_last_stood_on_a_terminal(output: str, shown: str) -> None:
    assert as_on_screen(output) == shown


def test_names_keep_their_letters() -> None:
    assert harmless("Grüße, 日本語, שלום, 🦊") == "Grüße, 日本語, שלום, 🦊"
    assert text("a<b") == "a&lt;b"


def test_forty_lines_are_shown_whole() -> None:
    forty = "\n".join(f"line {number}" for number in range(MOST_LINES))
    assert shortened(forty) == forty


def test_longer_outputs_show_their_beginning_and_end() -> None:
    shown = shortened("\n".join(f"line {number}" for number in range(500))).split("\n")
    assert shown[0] == "line 0"
    assert shown[-1] == "line 499"
    assert "[... 460 lines not shown here ...]" in shown
    assert len(shown) == MOST_LINES + 1


def test_a_line_of_ten_thousand_columns_is_cut() -> None:
    shown = shortened("x" * 10_000)
    assert len(shown) < MOST_CHARACTERS + 100
    assert "[... 6000 characters not shown here ...]" in shown


def test_output_is_not_code_to_the_theme() -> None:
    assert "<code" not in render_output("text")
    assert tag("p", "a", hidden=True, data_x=True, class_=None) == '<p hidden data-x="true">a</p>'


def test_lines_that_differ_carry_a_sign_and_a_mark() -> None:
    failure = FailureRecord(file="a.md", line=3, command="seq 3", expected="1\n...\n4", actual="1\n<2>\n3\n")
    html = render_failure(failure)
    assert "<dt>Difference</dt>" in html
    assert "<dt>Expected</dt>" not in html
    assert "<samp><span> 1</span>\n<span> &lt;2&gt;</span>\n<span> 3</span>\n<del>-4</del></samp>" in html


def test_lines_that_look_alike_have_a_hint() -> None:
    html = render_failure(FailureRecord(file="a.md", line=3, command="echo", expected="\\<a>", actual="\\<a>\n"))
    words = (
        "line 3: a backslash in front (<code>\\</code>) takes the rest of a line literally, and isn&#x27;t part of it"
    )
    assert f"<dt>Hint</dt><dd>{words}: write <code>\\\\&lt;a&gt;</code></dd>" in html


def test_a_missing_output_shows_all_that_was_expected() -> None:
    failure = FailureRecord(file="a.md", line=3, command="seq 3", expected="1\n2", actual="")
    html = render_failure(failure)
    assert "<dt>Expected</dt><dd><pre><samp>1\n2</samp></pre></dd>" in html
    assert "<dt>Actual</dt><dd>nothing</dd>" in html


@pytest.mark.timeout(30)
def test_many_backspaces_take_no_time() -> None:
    assert as_on_screen("x" * 500_000 + "\b" * 500_000 + "y") == "y" + "x" * 499_999
