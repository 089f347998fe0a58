"""Lines know the file and line that they come from, also after something rewrote them."""

from __future__ import annotations

from fencepost.fence.traced_line import Origin, TracedLine, traced, with_gaps_filled


def origins(lines: list[str]) -> list[Origin | None]:
    return [line.origin if isinstance(line, TracedLine) else None for line in lines]


def test_a_line_that_was_made_anew_is_the_next_of_its_file() -> None:
    lines = traced(["a", "b", "c"], "two.sh", 10)
    lines[1] = "b, unescaped"
    filled = with_gaps_filled([*lines, ""])
    assert filled == ["a", "b, unescaped", "c", ""]
    assert origins(filled) == [Origin("two.sh", number) for number in (11, 12, 13, 14)]


def test_nothing_is_known_of_a_file_without_a_traced_line() -> None:
    assert origins(with_gaps_filled(["downloaded", "text"])) == [None, None]


def test_a_line_keeps_its_origin_through_pymdownx() -> None:
    (line,) = traced([";--8<-- here"], "page.md")
    assert origins(["    " + line, line.replace(";", "", 1)]) == [Origin("page.md", 1)] * 2
