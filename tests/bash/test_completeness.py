"""Where a command ends is where a real bash says that it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from made_up import Author
from real_bash import Prompt, is_recent, lines_without_running

from fencepost.bash.completeness import _SIMPLE, _read, first_command, open_at_the_end

ROOT = Path(__file__).parents[2]
HARMLESS = (Path(__file__).parent / "commands" / "harmless.txt").read_text().removesuffix("\n").split("\n----\n")
needs_bash = pytest.mark.skipif(not is_recent(), reason="no bash 5.2 or later here")


def lines_of_first(lines: list[str]) -> int | None:
    """What the product says, where extended patterns are off."""
    reading = _read(lines, 0)
    if _SIMPLE.match(lines[0]):
        assert (reading.lines, reading.open, reading.refused) == (1, None, False), lines[0]
    return None if reading.open else reading.lines


@needs_bash
def test_commands_and_each_beginning_of_them() -> None:
    for lines in (command.split("\n") for command in HARMLESS):
        for count in range(1, len(lines) + 1):
            by_bash = lines_without_running(lines[:count])
            assert isinstance(by_bash, str) or lines_of_first(lines[:count]) == by_bash, lines[:count]


@needs_bash
def test_commands_at_a_prompt(tmp_path: Path) -> None:
    with closing(Prompt(tmp_path)) as prompt:
        for lines in (command.split("\n") for command in HARMLESS):
            assert lines_of_first(lines) == prompt.lines_of(lines), lines


def fences() -> Iterator[list[str]]:
    """What the repository's own pages hold, without prompts."""
    paths = [path for folder in ("docs", "tests") for path in sorted((ROOT / folder).rglob("*.md"))]
    for text in [path.read_text("utf-8", "replace") for path in paths]:
        for fence in re.finditer(r"^([ >]*)```+ *(?:bash|console|sh|shell)\b.*\n((?:.*\n)*?)\1```", text, re.MULTILINE):
            yield [re.sub(r"^[$#>] ", "", line.removeprefix(fence[1])) for line in fence[2].splitlines()]


@needs_bash
def test_what_stands_in_pages() -> None:
    seen = set()
    for lines in fences():
        for at in range(len(lines)):
            some = lines[at : at + 12]
            if not _SIMPLE.match(some[0]) and tuple(some) not in seen:
                seen.add(tuple(some))
                by_bash = lines_without_running(some)
                assert isinstance(by_bash, str) or lines_of_first(some) == by_bash, some
    assert len(seen) > 300


@needs_bash
def test_what_is_made_up() -> None:
    opened = 0
    for seed in range(250):
        lines = Author(seed).text().split("\n")[:12]
        by_bash = lines_without_running(lines)
        opened += by_bash is None
        assert isinstance(by_bash, str) or lines_of_first(lines) == by_bash, (seed, lines)
    assert 30 < opened < 150


WAITS = {
    "echo 'a": "a closing `'`",
    'echo "a': 'a closing `"`',
    "echo `a": "a closing backtick",
    "echo $(a": "a closing `)`",
    "echo ${a": "a closing `}`",
    "a=(": "a closing `)`",
    "cat <<EOF\n EOF": "a line that is `EOF` alone, the here-document's end",
    "if true": "`then`",
    "if true; then": "`fi`",
    "for i in a": "`do`",
    "for i in a; do": "`done`",
    "while true": "`do`",
    "case a": "`in`",
    "case a in": "`esac`",
    "{ true": "`}`",
    "(true": "`)`",
    "[[ a &&": "`]]`",
    "f()": "the function's body",
    "true &&": "what comes after `&&`",
    "true |&": "what comes after `|&`",
    "true \\": "the next line",
    "if true; then\n  echo 'a": "a closing `'`",
}


@pytest.mark.parametrize("command", WAITS)
def test_what_bash_waits_for(command: str) -> None:
    found = first_command(command.split("\n")).open
    assert found
    assert found.wants == WAITS[command]


def test_extended_patterns_are_read_where_they_are_meant() -> None:
    assert first_command(["case a in", "@(a|b)) true ;;", "esac", "printed"]).lines == 3
    assert first_command(["echo (", "printed"]).lines == 1


@pytest.mark.parametrize(
    ("script", "wants", "line"),
    [
        ("true\nif true; then\n  true", "`fi`", 1),
        ("f() {\n  cat <<EOF\n  EOF\n}\nf", "a line that is `EOF` alone, the here-document's end", 1),
        ("echo 'a\n\necho b", "a closing `'`", 0),
        ("true &&\n\n", "what comes after `&&`", 0),
    ],
)
def test_what_is_open_where_a_script_ends(script: str, wants: str, line: int) -> None:
    found = open_at_the_end(script)
    assert found
    assert (found.wants, found.line) == (wants, line)


@pytest.mark.parametrize(
    "script",
    [
        "",
        "true",
        "true \\",
        "if true; then\n  true\nfi",
        "echo (\nif true; then",
        "exit 0\ncat <<EOF",
        "alias begin='{'\n{ true",
        "shopt -s extglob\necho 'a",
    ],
)
def test_what_is_not_open_or_not_for_sure(script: str) -> None:
    assert open_at_the_end(script) is None


HARMFUL = {
    "deep": "(" * 5000,
    "deep in words": "echo " + '"$(' * 5000,
    "deep in braces": "echo " + "${x:-" * 5000,
    "arrays in arrays": "declare " + "a=(" * 5000,
    "arithmetic that is none": "(( $( " * 22 + "x" + " ) ) y)" * 22,
    "subshells that look like arithmetic": "((" * 20 + "a" + ") )" * 20,
    "quotes without end": "echo '\n" + "a\n" * 50_000,
    "quotes on a line": "echo " + "'a' " * 50_000,
    "subscripts": "a" + "[" * 50_000 + "]" * 50_000,
    "assignments": "a." + "=" * 50_000,
    "here-documents": "cat" + " <<E" * 2000 + "\nE" * 1999,
    "joined lines": "echo \\\n" * 20_000,
    "joined lines of a here-document": "cat <<E\n" + "a long line of text \\\n" * 20_000,
    "conditions": "[[ a b" * 3000,
}


@pytest.mark.parametrize("name", HARMFUL)
def test_nothing_takes_forever(name: str) -> None:
    assert first_command(HARMFUL[name].split("\n"))
