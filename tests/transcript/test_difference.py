"""Which lines came, and which are missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fencepost.transcript.difference import Part, difference
from fencepost.transcript.match import comparable_lines, matches


def told(expected: str, output: str) -> str:
    return "\n".join(f"{part}{line}" for part, line in difference(expected.split("\n"), output))


@pytest.mark.parametrize(
    ("expected", "output", "lines"),
    [
        ("a\nb\nc", "a\nx\nc\n", " a\n-b\n+x\n c"),
        ("a", "", "-a"),
        ("a\n...\nz", "a\n1\n2\ny\n", " a\n 1\n 2\n y\n-z"),
        ("...\nb", "1\n2\nc\n", " 1\n 2\n c\n-b"),
        ("4...\n[0-9]+ (re)", "4.17\nnone\n", " 4.17\n-[0-9]+ (re)\n+none"),
        ("a\nc", "a\nb\nc\n", " a\n+b\n c"),
        ("( (re)", "(\n", "-( (re)\n+("),
        ("\\...", "...\n", " ..."),
    ],
)
def test_differences_line_by_line(expected: str, output: str, lines: str) -> None:
    assert told(expected, output) == lines


def test_outputs_with_nothing_in_common_are_not_aligned() -> None:
    lines = difference([str(number) for number in range(1000)], "x\n" * 1000)
    assert [part for part, _ in lines] == [Part.MISSING] * 1000 + [Part.MORE] * 1000


lines = some.lists(some.sampled_from(["a", "b", "c", "...", "a... "]), max_size=8)


@given(lines, some.lists(some.sampled_from(["a", "b", "c", "ab"]), max_size=8))
def test_nothing_that_came_is_left_out_and_what_fits_has_no_sign(expected: list[str], output: list[str]) -> None:
    text = "".join(f"{line}\n" for line in output)
    found = difference(expected, text)
    assert [line for part, line in found if part is not Part.MISSING] == comparable_lines(text)
    assert all(part is Part.FITS for part, _ in found) == matches(expected, text)
