"""A command's output compared with what a page shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fencepost.terminal import lines_of
from fencepost.transcript.match import BadPattern, first_difference, matches

# What the page shows, and what was printed.
FITS = {
    "the same": ("hello", "hello\n"),
    "no line end": ("hello", "hello"),
    "space at the ends of lines": ("a \nb", "a\nb  \n"),
    "blank lines at the end": ("a\n\n", "a\n\n\n"),
    "a blank line within": ("a\n\nb", "a\n\nb\n"),
    "text elided": ("took ... seconds", "took 0.31 seconds\n"),
    "text elided at the ends": ("...middle...", "in the middle of it\n"),
    "nothing elided": ("a...b", "ab\n"),
    "text elided twice": ("...: not found in ...", "bash: not found in /bin\n"),
    "lines elided": ("first\n...\nlast", "first\n2\n3\nlast\n"),
    "no line elided": ("first\n...\nlast", "first\nlast\n"),
    "lines elided at the beginning": ("...\nlast", "1\n2\nlast\n"),
    "lines elided at the end": ("first\n...", "first\n2\n3\n"),
    "everything elided": ("...", "a\nb\n"),
    "nothing at all elided": ("...", ""),
    "lines elided twice": ("...\nb\n...\nd", "a\nb\nc\nb\nd\n"),
    "lines elided, indented": ("a\n   ...\nc", "a\nb\nc\n"),
    "the last of several ends": ("...\nend", "end\nend\n"),
    "a regular expression": (r"[0-9]+ files (re)", "12 files\n"),
    "a glob": ("*.deb? (glob)", "xen.deb5\n"),
    "a glob with a class": ("file[0-9] (glob)", "file7\n"),
    "escaped ellipsis": ("\\...", "...\n"),
    "escaped ellipsis within": ("\\a ... b", "a ... b\n"),
    "escaped suffix": ("\\a (re)", "a (re)\n"),
    "escaped backslash": ("\\\\a", "\\a\n"),
    "an escaped line that needs none": ("\\plain", "plain\n"),
    "colours": ("red", "\x1b[1;31mred\x1b[0m\n"),
    "the end of all colours, by tput": ("bold", "\x1b[1mbold\x1b(B\x1b[m\n"),
    "a cursor kept and put back": ("text", "\x1b7text\x1b8\n"),
    "a window title": ("text", "\x1b]0;title\x07text\n"),
    "a progress bar": ("100 %", "0 %\r50 %\r100 %\n"),
    "a progress bar without a line end": ("100 %", "0 %\r100 %\r"),
    "carriage returns": ("a\nb", "a\r\nb\r\n"),
    "a longer text below a shorter one": ("xycdef", "abcdef\rxy\n"),
    "bold type of a manual page": ("NAME", "N\bNA\bAM\bME\bE\n"),
    "a tab": ("a\tb", "a\tb\n"),
    "a tab as a terminal shows it": ("a       b", "a\tb\n"),
    "a tab behind wide characters": ("日本    b", "日本\tb\n"),
    "a tab of a page, as the site shows it": ("a   b\nabc c", "a\tb\nabc\tc\n"),
}
DIFFERS = {
    "other text": ("hello", "hallo\n"),
    "a tab as one space": ("a b", "a\tb\n"),
    "what stands no more": ("abcdef", "abcdef\rxy\n"),
    "other case": ("Hello", "hello\n"),
    "space in front": ("hello", " hello\n"),
    "a line more": ("a", "a\nb\n"),
    "a line less": ("a\nb", "a\n"),
    "nothing": ("a", ""),
    "a blank line less": ("a\n\nb", "a\nb\n"),
    "text behind an ellipsis": ("took ... s", "took 3 h\n"),
    "overlapping ends": ("aa...aa", "aaa\n"),
    "parts in another order": ("...b...a...", "a b\n"),
    "an ellipsis over a line end": ("a...b", "a\nb\n"),
    "lines in another order": ("...\nb\n...\na", "a\nb\n"),
    "no end": ("...\nend", "end\nmore\n"),
    "a part of a regular expression": (r"\d (re)", "12\n"),
    "a part of a glob": ("*.deb (glob)", "a.debs\n"),
    "an escaped ellipsis": ("\\...", "anything\n"),
    "dots that aren't any text": ("a.c", "abc\n"),
}


@pytest.mark.parametrize(("shown", "printed"), FITS.values(), ids=FITS)
def test_fits(shown: str, printed: str) -> None:
    assert matches(shown.split("\n"), printed)


@pytest.mark.parametrize(("shown", "printed"), DIFFERS.values(), ids=DIFFERS)
def test_differs(shown: str, printed: str) -> None:
    assert not matches(shown.split("\n"), printed)


def test_a_bad_regular_expression_is_told() -> None:
    with pytest.raises(BadPattern, match=r"`\(unclosed \(re\)` is no regular expression"):
        matches(["(unclosed (re)"], "text\n")


outputs = some.text(some.characters(codec="utf-8") | some.sampled_from("\n\r. \\[]$>#(re)"), max_size=60)


@given(outputs)
def test_any_output_matches_itself_with_each_line_escaped(output: str) -> None:
    assert matches([f"\\{line}" for line in lines_of(output)], output)


@given(outputs)
def test_an_ellipsis_alone_matches_anything(output: str) -> None:
    assert matches(["..."], output)


@given(outputs, some.data())
def test_any_lines_may_be_elided(output: str, data: some.DataObject) -> None:
    lines = [f"\\{line}" for line in lines_of(output)]
    start = data.draw(some.integers(0, len(lines)))
    end = data.draw(some.integers(start, len(lines)))
    assert matches([*lines[:start], "...", *lines[end:]], output)


@given(some.text("ab ", max_size=20), some.data())
def test_any_text_within_a_line_may_be_elided(line: str, data: some.DataObject) -> None:
    line = f"<{line}>"
    start = data.draw(some.integers(1, len(line) - 1))
    end = data.draw(some.integers(start, len(line) - 1))
    assert matches([f"{line[:start]}...{line[end:]}"], f"{line}\n")


@given(some.lists(outputs, max_size=6), outputs)
def test_any_page_and_any_output_can_be_compared(shown: list[str], printed: str) -> None:
    try:
        assert matches(shown, printed) in {True, False}
    except BadPattern as error:
        assert str(error)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (["...", "a"] * 40 + ["b"], "a\n" * 400),
        (["x" + "...x" * 30 + "y"], "x" * 2000 + "\n"),
        (["*x" * 30 + "y (glob)"], "x" * 2000 + "\n"),
        (["..." * 40 + "!"], "." * 2000 + "\n"),
    ],
    ids=["lines", "text", "globs", "dots"],
)
def test_many_elisions_take_no_time(shown: list[str], printed: str) -> None:
    assert not matches(shown, printed)


@pytest.mark.parametrize(
    ("expected", "output", "index"),
    [
        (["a", "b", "c"], "a\nx\nc\n", 1),
        (["...", "b", "c"], "a\nb\nx\n", 2),
        (["a", "...", "c", "d"], "a\nb\nd\n", 2),
        (["a"], "a\nb\n", 1),
        (["a", "b"], "a\n", 1),
        (["a"], "", 0),
    ],
)
def test_the_first_line_that_differs(expected: list[str], output: str, index: int) -> None:
    assert not matches(expected, output)
    assert first_difference(expected, output) == index
