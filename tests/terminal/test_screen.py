"""The lines on a terminal after an output."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fencepost.terminal import lines_of
from fencepost.transcript.match import comparable_lines, matches
from tests.terminal.written_outputs import WRITTEN

# Where tmux does something else than other terminals.
HALVES = {
    "a half deleted": ("日本語\r\x1b[C\x1b[P\n", [" 本語"]),
    "a half erased": ("日本語\r\x1b[3C\x1b[K\n", ["日"]),
    "a half inserted into": ("日本語\r\x1b[3C\x1b[@\n", ["日   語"]),
    "a half blanked": ("日本語\r\x1b[3C\x1b[2X\n", ["日"]),
    "a half written over": ("日\bbc\n", [" bc"]),
    "a mark of the order of bytes": ("\ufeffa\rb\n", ["b"]),
}
LARGE = 1 << 17
HOSTILE = {
    "a column beyond all windows": "\x1b[999999999Cx",
    "a row beyond all windows": "\x1b[999999999Bx",
    "columns beyond all windows, in many lines": "\x1b[999999999Cx\n" * (LARGE // 16),
    "rows beyond all windows, many times": "\x1b[999999999;999999999Hx\x1b[2J" * (LARGE // 32),
    "a number without an end": "\x1b[" + "1" * LARGE + "C",
    "numbers without an end": "\x1b[" + "1;" * LARGE + "C",
    "backspaces": "\b" * LARGE,
    "a backspace at a time": "a\b" * LARGE,
    "a long line": "x" * LARGE + "\b\b",
    "a long line that grows in front": "x" * LARGE + "\r" + "\x1b[@" * (LARGE // 4),
    "a long line that shrinks in front": "x" * LARGE + "\r" + "\x1b[P" * (LARGE // 4),
    "a long line that is blanked": "x" * LARGE + "\x1b[1K" * (LARGE // 4),
    "long lines in turns": ("x" * LARGE + "\n") * 2 + "\x1b[2Ax\x1b[Bx\x1b[B" * (LARGE // 16),
    "many rows that are blanked": "x\n" * LARGE + "\x1b[1J" * (LARGE // 4),
    "accents": "a" + "\u0301" * LARGE + "\b",
    "accents one by one": "ab" + "\b\u0301c" * LARGE,
    "strings without an end": "\x1b]" * LARGE,
    "sequences without an end": "\x1b[" * LARGE,
    "form feeds": "\f" * LARGE + "x",
}


@pytest.mark.parametrize(("output", "lines"), WRITTEN.values(), ids=WRITTEN)
def test_the_lines_are_those_that_a_terminal_shows(output: str, lines: list[str]) -> None:
    assert comparable_lines(output) == lines


@pytest.mark.parametrize(("output", "lines"), HALVES.values(), ids=HALVES)
def test_half_of_a_wide_character_is_none(output: str, lines: list[str]) -> None:
    assert comparable_lines(output) == lines


def test_real_pages_show_what_a_terminal_shows() -> None:
    assert matches(["NAME"], "N\bNA\bAM\bME\bE\n")
    assert matches(["working done"], "working |\b/\b-\bdone\n")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("output", HOSTILE.values(), ids=HOSTILE)
def test_no_output_takes_long_or_grows(output: str) -> None:
    assert sum(map(len, comparable_lines(output))) < 16_000_000


@given(some.text(some.sampled_from("ab \t\n\r\b\x1b[];0123456789ABCDGHJKPX@\a\u0301日"), max_size=80))
def test_nothing_that_steers_a_terminal_is_left(output: str) -> None:
    lines = lines_of(output)
    assert not any(ord(character) < 32 and character != "\t" for line in lines for character in line)
    assert lines_of("\n".join(lines)) == lines
    assert all(line == line.rstrip() for line in lines)


@given(some.text(some.characters(exclude_categories=("Cc", "Cs")) | some.sampled_from("\n\t"), max_size=40))
def test_plain_text_is_left_as_it_is(output: str) -> None:
    assert lines_of(output) == [line.rstrip() for line in output.rstrip().split("\n")] or not output.strip()


@given(some.text("ab\t日\u0301", max_size=20))
def test_the_fast_path_gives_the_same_lines(line: str) -> None:
    assert comparable_lines(f"a{line}\x1b[C") == comparable_lines(f"a{line}")
