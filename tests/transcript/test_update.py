"""The lines that a page should show, from those that it shows and what came."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fencepost.transcript.match import first_bad_pattern, matches
from fencepost.transcript.parse import parse_transcript
from fencepost.transcript.update import TooMuchError, as_expected, updated

# name: (shown, printed, shown afterwards)
CASES = {
    "a changed line": ("a\nb\nc", "a\nB\nc\n", "a\nB\nc"),
    "a line more": ("a\nc", "a\nb\nc\n", "a\nb\nc"),
    "a line less": ("a\nb\nc", "a\nc\n", "a\nc"),
    "nothing any more": ("a\nb", "", ""),
    "nothing to do": ("a\n...\nc", "a\nb\nb\nc\n", "a\n...\nc"),
    "an elision between changed lines": ("a\n...\nc", "A\nb\nC\n", "A\n...\nC"),
    "an elision first": ("...\nE: old", "Reading\nBuilding\nE: new\n", "...\nE: new"),
    "an elision last": ("E: old\n...", "E: new\nmore\nand more\n", "E: new\n..."),
    "what fits behind an elision stays": ("a\n...\nb", "a\nx\nb\nnew\n", "a\n...\nb\nnew"),
    "an elision in a line that fits": ("took ... s\nold", "took 3 s\nnew\n", "took ... s\nnew"),
    "an elision in a line that doesn't": ("took ... s", "lasted 3 s\n", "lasted 3 s"),
    "patterns that fit": ("[0-9]+ (re)\nv? (glob)\nold", "12\nv1\nnew\n", "[0-9]+ (re)\nv? (glob)\nnew"),
    "a pattern that doesn't": ("[0-9]+ (re)", "twelve\n", "twelve"),
    "a blank line before the next command": ("old\n", "new\n", "new\n"),
    "tabs are what a terminal makes of them": ("old", "a\tb\n", "a       b"),
    "colours are not shown": ("old", "\x1b[31mred\x1b[0m\n", "red"),
    "what means something else gets a backslash": (
        "old",
        "$ ls\n# ls\n> x\n[1]\n...\nx (re)\nx (glob)\n\\x\n```\n~~~\n--8<-- 'file'\n",
        "\\$ ls\n\\# ls\n> x\n\\[1]\n\\...\n\\x (re)\n\\x (glob)\n\\\\x\n\\```\n\\~~~\n\\--8<-- 'file'",
    ),
    "what no page can hold is elided": ("old", "a\u2028b\u2029c\n", "a...b...c"),
    "and where the line means something else, by a glob": (
        "old",
        "$ a\u2028b\n\u2028x (re)\n[\u2028*]\n# \u2028 (glob)\n",
        "[$] a*b (glob)\n*x (re) (glob)\n[...*]\n[#] * (glob) (glob)",
    ),
    "or where dots stand before it": ("old", "a.\u2028b\n", "a.*b (glob)"),
}


@pytest.mark.parametrize(("shown", "printed", "afterwards"), CASES.values(), ids=CASES)
def test_updated(shown: str, printed: str, afterwards: str) -> None:
    assert updated(shown.split("\n"), printed) == (afterwards.split("\n") if afterwards else [])


def test_a_flood_is_not_compared_for_minutes() -> None:
    with pytest.raises(TooMuchError):
        updated(["..."] * 100, "line\n" * 100_000)


line_of_output = some.text(
    some.characters(codec="utf-8") | some.sampled_from("\r. \\[1]$>#(re)`~-8<\t\x00\x0c"), max_size=12
)
outputs = some.lists(line_of_output, max_size=6).map("\n".join)
WRITTEN = ["...", "a ... b", "a", "b", "[ab]+ (re)", "? (glob)", "\\...", ""]
line_of_page = some.sampled_from(WRITTEN) | line_of_output.map(as_expected)
pages = some.lists(line_of_page, min_size=1, max_size=6)


@given(pages, outputs)
def test_it_matches_afterwards(shown: list[str], printed: str) -> None:
    assert matches(updated(shown, printed), printed)


@given(pages, outputs)
def test_nothing_is_left_to_do_afterwards(shown: list[str], printed: str) -> None:
    once = updated(shown, printed)
    assert updated(once, printed) == once


@given(pages, outputs)
def test_what_matches_stays(shown: list[str], printed: str) -> None:
    if matches(shown, printed):
        assert updated(shown, printed) == shown


hidden = some.lists(some.text("xyz", min_size=1, max_size=3), max_size=4)


@given(some.lists(some.tuples(hidden, some.booleans()), min_size=1, max_size=4))
def test_an_elision_between_lines_that_stay_is_kept(told: list[tuple[list[str], bool]]) -> None:
    shown, printed = ["line 0"], ["line 0"]
    for number, (lines, elided) in enumerate(told, 1):
        shown += ["..." if elided else "old", f"line {number}"]
        printed += [*lines, f"line {number}"]
    now = updated(shown, "\n".join(printed))
    assert now.count("...") == sum(elided for _, elided in told)
    assert matches(now, "\n".join(printed))


@given(pages, outputs)
def test_what_it_writes_can_be_judged_before_it_runs(shown: list[str], printed: str) -> None:
    assert first_bad_pattern(updated(shown, printed)) is None


@given(some.sampled_from("$#"), outputs, some.integers(0, 3))
def test_a_transcript_of_it_is_still_read_as_one(prompt: str, printed: str, status: int) -> None:
    lines = updated(["old"], printed)
    ending = [f"[{status}]"] if status else []
    commands = parse_transcript("\n".join([f"{prompt} first", *lines, *ending, f"{prompt} second"]))
    assert [command.source for command in commands] == ["first", "second"]
    assert (list(commands[0].expected), commands[0].status) == (lines, status)
