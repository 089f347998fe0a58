"""A writer whose reader stops early doesn't fail a step, and nothing else in a snippet changes."""

from __future__ import annotations

import pytest

from fencepost.session.early_readers import forgive_early_readers, functions_shown


@pytest.mark.parametrize(
    "source",
    [
        "seq 9 | head -n 1",
        "true && echo a",
        "if true || false; then echo 'a | b'; fi",
        "x=$(seq 9 | head -n 1)",
        "if a | b",
        "[[ a =~ a|b ]] && true",
    ],
)
def test_a_snippet_without_such_a_pipeline_stays(source: str) -> None:
    assert forgive_early_readers(source) == source


@pytest.mark.parametrize("shows", ["trap 'echo $BASH_COMMAND' DEBUG", "set -v", "type f", "declare -f f"])
def test_a_snippet_that_traces_its_commands_stays(shows: str) -> None:
    source = f"{shows}\nif seq 9 | grep -q 5; then true; fi"
    assert forgive_early_readers(source) == source


def test_lines_stay_where_they_are() -> None:
    source = "if cat <<A |\nA\n  sed 1q # why\nthen\n  { a\n    b; } |\n    c || d\nfi"
    forgiving = forgive_early_readers(source, plainly=True)
    added = "( trap 'case $? in 141) exit 0; esac' EXIT; ( ", ") ) "
    assert forgiving.replace(added[0], "").replace(added[1], "") == source
    assert forgiving.count("exit") == 2


def test_readers_get_a_plain_form() -> None:
    plain = forgive_early_readers("seq 9 | grep -q 5 || false", plainly=True)
    assert plain == "( trap 'case $? in 141) exit 0; esac' EXIT; ( seq 9 ) ) | grep -q 5 || false"


@pytest.mark.parametrize("asks", ["echo $?", "echo ${?}", "echo $_", 'echo "${PIPESTATUS[@]}"', "trap -p"])
def test_a_writer_finds_what_it_asks_for(asks: str) -> None:
    assert forgive_early_readers(f"{asks} | cat && true").startswith(f"{{ {asks} ;")


def test_a_trap_of_the_pages_own_hears_of_every_pipeline() -> None:
    assert forgive_early_readers("seq 9 | head -n 1", everywhere=True) != "seq 9 | head -n 1"


@pytest.mark.parametrize(
    ("shows", "stays"),
    [
        ("type has", True),
        ("declare -f has", True),
        ("command -V has | head -n 1", True),
        ("type -a has other", True),
        ("declare -f", True),
        ("type python3", False),
        ("find . -type f", False),
        ("declare -F", False),
        ("mytype has", False),
    ],
)
@pytest.mark.parametrize("definition", ["has() { seq 9 | grep -q 5; }", "function has { seq 9 | grep -q 5; }"])
def test_a_function_that_the_page_shows_stays(definition: str, shows: str, stays: bool) -> None:
    shown = functions_shown(["true", shows])
    assert (forgive_early_readers(definition, shown=shown) == definition) is stays
    condition = "\nif seq 9 | grep -q 5; then true; fi"
    assert "\nif ( " in forgive_early_readers(definition + condition, shown=shown)
