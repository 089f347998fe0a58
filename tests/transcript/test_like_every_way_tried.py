"""The matcher agrees with a slow one that tries every way, and never takes its time."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fencepost.transcript.difference import Part, difference
from fencepost.transcript.match import comparable_lines, first_bad_pattern, first_difference, matches
from fencepost.transcript.regular import TooLongError
from fencepost.transcript.update import TooMuchError, updated
from trials.fuzzing.targets.transcript import one_fits, slowly

SHOWN = [
    "a",
    "b",
    "ab",
    "...",
    "  ...",
    "a...",
    "...b",
    "a...b...",
    "....",
    "\\...",
    "[ab]+ (re)",
    "a|b (re)",
    "?* (glob)",
]
SHOWN += ["[!a] (glob)", "\\a (re)", ""]
pages = some.lists(some.sampled_from(SHOWN), max_size=7)
outputs = some.lists(some.sampled_from(["a", "b", "ab", "aab", "...", "....", "a.b", "a (re)", ""]), max_size=7).map(
    "\n".join
)


@given(pages, outputs)
def test_it_agrees_with_every_way_tried(shown: list[str], printed: str) -> None:
    wanted = list(shown)
    while wanted and not wanted[-1].strip():
        wanted.pop()
    assert matches(shown, printed) == slowly(wanted, comparable_lines(printed))


@given(pages, outputs)
def test_the_first_difference_is_behind_the_longest_beginning_that_fits(shown: list[str], printed: str) -> None:
    lines = comparable_lines(printed)
    fitting = [count for count in range(len(shown) + 1) if slowly([*shown[:count], "..."], lines)]
    assert first_difference(shown, printed) == fitting[-1]


@given(some.text("ab|()*+?.[]\\ ", max_size=8).map("{} (re)".format), some.text("ab ", max_size=6).map(str.rstrip))
def test_a_regular_expression_means_what_it_means_in_python(shown: str, line: str) -> None:
    if first_bad_pattern([shown]) is None:
        try:
            assert matches([shown, "end"], f"{line}\nend") == one_fits(shown, line)
        except TooLongError:
            return


SLOW = {
    "repeated repetitions": (["(a+)+$ (re)"], "a" * 60 + "b"),
    "alternatives": (["(aa|a)*c (re)"], "a" * 80),
    "a back reference": ([r"(a*)*\1c (re)"], "a" * 60),
    "a long line": ([".*a.*a.*b (re)"], "a" * 100_000),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("shown", "printed"), SLOW.values(), ids=SLOW)
def test_an_expression_without_an_end_is_given_up(shown: list[str], printed: str) -> None:
    with pytest.raises(TooLongError, match="takes too long on a line"):
        matches(shown, printed)
    assert [part for part, _ in difference(shown, printed)] == [Part.MISSING, Part.MORE]
    with pytest.raises(TooMuchError):
        updated(shown, printed)
    # And the next one is tried as if nothing had been.
    assert matches(["(a|b)* (re)"], "ab")


def test_an_interrupt_at_the_terminal_is_not_for_the_one_that_tries() -> None:
    text = """
import os, re, signal
from fencepost.transcript.regular import fits
signal.signal(signal.SIGINT, lambda *_: None)
fits(re.compile("(a|b)*"), "ab")
os.killpg(0, signal.SIGINT)
print(fits(re.compile("(a|b)*"), "ab"))
"""
    done = subprocess.run([sys.executable, "-c", text], start_new_session=True, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"True\n", b"")


@pytest.mark.timeout(120)
def test_many_lines_behind_an_elision_are_given_up() -> None:
    with pytest.raises(TooLongError, match="comparing"):
        matches(["...", *["a"] * 200, "b"], "a\n" * 100_000)


@pytest.mark.parametrize("pattern", ["a{99999999999} (re)", "(" * 5000 + ")" * 5000 + " (re)", "[ (re)"])
def test_what_is_no_expression_is_told_before_anything_runs(pattern: str) -> None:
    problem = first_bad_pattern(["fine", pattern])
    assert problem is not None
    assert problem[0] == 1
    assert "is no regular expression" in problem[1]


def test_an_escaped_line_is_no_expression() -> None:
    assert first_bad_pattern(["\\x (re)", "\\(inactive|failed) (re)"]) is None
    assert matches(["\\x (re)"], "x (re)")
