"""In what lines differ that look alike, word for word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fencepost.transcript.alike import lookalike_hint
from fencepost.transcript.hints import hints
from fencepost.transcript.regular import TooLongError

LITERALLY = "a backslash in front (`\\`) takes the rest of a line literally"
WORD = "is taken literally: write `...` for any text, or alone on a line for any lines"
TABS = "; a tab advances to the next multiple of 8 columns"
SAID = {
    "a backslash": (
        "\\documentclass",
        "\\documentclass",
        f"{LITERALLY}, and isn't part of it: write `\\\\documentclass`",
    ),
    "two of them": ("\\\\host\\a", "\\\\host\\a", f"{LITERALLY}, and isn't part of it: write `\\\\\\host\\a`"),
    "an elision taken literally": ("\\took ... s", "took 3 s", f"{LITERALLY}: without it, the line fits"),
    "(re) as text": (
        "a (re)",
        "a (re)",
        "` (re)` at the end of a line makes it a regular expression: to take it literally, write `\\a (re)`",
    ),
    "(glob) as text": (
        "[a] (glob)",
        "[a] (glob)",
        "` (glob)` at the end of a line makes it a glob: to take it literally, write `\\[a] (glob)`",
    ),
    "an expression that isn't meant": (
        "cost (5) (re)",
        "cost (5)",
        "it is a regular expression, in which some characters are special: without ` (re)` it fits",
    ),
    "an expression that isn't marked": (
        "[0-9]+ files",
        "12 files",
        "as a regular expression it fits: write ` (re)` after it",
    ),
    "a glob that isn't marked": ("*.txt", "a.txt", "as a glob it fits: write ` (glob)` after it"),
    "an ellipsis of one character": ("took … s", "took 3 s", f"`…` {WORD}"),
    "an elision in brackets": ("took [...] s", "took 3 s", f"`[...]` {WORD}"),
    "an elision in brackets, alone": ("[...]", "x", f"`[...]` {WORD}"),
    "a no-break space": ("a\u00a0b", "a b", "column 2: U+00A0 NO-BREAK SPACE on the page, a space in the output"),
    "a no-break space that came": (
        "a b",
        "a\u00a0b",
        "column 2: a space on the page, U+00A0 NO-BREAK SPACE in the output",
    ),
    "an ideographic space": (
        "a b",
        "a\u3000b",
        "column 2: a space on the page, U+3000 IDEOGRAPHIC SPACE in the output",
    ),
    "a space without width": ("a\u200bb", "ab", "column 2: U+200B ZERO WIDTH SPACE on the page, none in the output"),
    "a mark of the order of bytes": (
        "ab",
        "\ufeffab",
        "column 1: U+FEFF ZERO WIDTH NO-BREAK SPACE in the output, none on the page",
    ),
    "a soft hyphen": ("pre\u00adfix", "prefix", "column 4: U+00AD SOFT HYPHEN on the page, none in the output"),
    "a dash": ("a \u2013 b", "a - b", "column 3: `\u2013` (U+2013 EN DASH) on the page, `-` in the output"),
    "an apostrophe": (
        "it\u2019s",
        "it's",
        "column 3: `\u2019` (U+2019 RIGHT SINGLE QUOTATION MARK) on the page, `'` in the output",
    ),
    "quotation marks": (
        "“a”",
        '"a"',
        'column 1: `“` (U+201C LEFT DOUBLE QUOTATION MARK) on the page, `"` in the output',
    ),
    "an accent apart": (
        "é",
        "e\u0301",
        "column 1: `é` (U+00E9 LATIN SMALL LETTER E WITH ACUTE) on the page, "
        "`e\u0301` (U+0065 LATIN SMALL LETTER E and U+0301 COMBINING ACUTE ACCENT) in the output",
    ),
    "a Cyrillic letter": (
        "p\u0430ypal",
        "paypal",
        "column 2: `\u0430` (U+0430 CYRILLIC SMALL LETTER A) on the page, `a` in the output",
    ),
    "a wide digit": ("\uff11", "1", "column 1: `\uff11` (U+FF11 FULLWIDTH DIGIT ONE) on the page, `1` in the output"),
    "case": ("Hello", "hello", "column 1: `H` on the page, `h` in the output"),
    "spaces": ("three x", "three  x", "column 6: 1 space on the page, 2 spaces in the output"),
    "spaces in front": ("  x", "x", "column 1: 2 spaces on the page, no space in the output"),
    "a tab on the page": ("a\tb", "a  b", f"column 2: 7 spaces on the page, 2 spaces in the output{TABS}"),
    "spaces behind a backslash": ("\\  x", " x", "column 1: 2 spaces on the page, 1 space in the output"),
    "an apostrophe beside an elision": (
        "it\u2019s ... s",
        "it's 3 s",
        "it fits except for characters that look alike, or are invisible",
    ),
    "spaces beside an elision": ("a ...  b", "a x b", "it fits except for the number of spaces"),
    "case and spaces": ("Took  ... s", "took 3 s", "it fits except for spaces, case and characters that look alike"),
}
SILENT = {
    "the same": ("a", "a"),
    "an elision that fits": ("took ... s", "took 3 s"),
    "a number": ("exit status 0", "exit status 1"),
    "a letter": ("hello", "hallo"),
    "nothing in common": ("a", "xyz"),
    "nothing that came": ("a", ""),
    "another language": ("日本", "ab"),
    "an expression": ("a+ (re)", "b"),
    "a bad expression": ("( (re)", "x"),
    "a long line": ("x " * 1000, "x  " * 1000),
}


@pytest.mark.parametrize(("wanted", "line", "said"), SAID.values(), ids=SAID)
def test_it_is_said_in_what_lines_differ(wanted: str, line: str, said: str) -> None:
    assert lookalike_hint(wanted, line) == said


@pytest.mark.parametrize(("wanted", "line"), SILENT.values(), ids=SILENT)
def test_nothing_is_said_of_what_anybody_sees(wanted: str, line: str) -> None:
    assert lookalike_hint(wanted, line) == ""


@pytest.mark.parametrize(
    ("expected", "actual", "said"),
    [
        ("\\a", "\\a", [f"line 7: {LITERALLY}, and isn't part of it: write `\\\\a`"]),
        ("1\na b\n3\nc  d", "1\na  b\n3\nc d", ["line 7: column 2: 1 space on the page, 2 spaces in the output"]),
        ("a\n\nb", "a\nb", ["line 7: only blank lines differ: 1 on the page, 0 in the output"]),
        ("a\n\nb", "a\n\n\n\nb\n", ["line 7: only blank lines differ: 1 on the page, 3 in the output"]),
        ("a", "\na", ["line 7: only blank lines differ: 0 on the page, 1 in the output"]),
        ("a  b", "a\tb", [f"line 7: column 2: 2 spaces on the page, 7 spaces in the output{TABS}"]),
        ("A\r", "a\r\n", ["line 7: column 1: `A` on the page, `a` in the output"]),
        ("a", "b", []),
        ("( (re)", "(", []),
        ("exit status 0", "exit status 2", []),
    ],
)
def test_a_hint_names_its_line(expected: str, actual: str, said: list[str]) -> None:
    assert hints(expected, actual, 7)[:1] == said


def test_further_lines_are_quoted_and_a_few_are_enough() -> None:
    told = hints("A\nB\nC\nD", "a\nb\nc\nd", 7)
    assert [hint.partition(": ")[0] for hint in told] == ["line 7", "`B`", "`C`"]


lines = some.text(some.sampled_from("aA \t\u00a0\u200b\u2013-\u2019'\\.…(re)[]*e\u0301é"), max_size=12)


@given(lines, lines)
def test_something_is_said_or_nothing(wanted: str, line: str) -> None:
    try:
        assert lookalike_hint(wanted, line.rstrip()) == lookalike_hint(wanted, line.rstrip()).strip()
    except TooLongError:
        return


@given(some.lists(lines, min_size=1, max_size=4), some.lists(lines, max_size=4))
def test_every_hint_has_a_line(expected: list[str], actual: list[str]) -> None:
    for hint in hints("\n".join(expected), "\n".join(actual), 7):
        assert hint.startswith(("line 7: ", "`"))
        assert "\n" not in hint
