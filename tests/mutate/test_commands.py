"""Scripts, taken apart into commands."""

from __future__ import annotations

import pytest

from fencepost.mutate.commands import commands_of, inner_lines_of, is_complete

SCRIPTS = {
    "one a line": (["true", "", "# no command", "false"], [(0, 1), (3, 4)]),
    "joined": (["echo \\", "  a", "echo b"], [(0, 2), (2, 3)]),
    "a loop": (["for a in b; do", "    echo $a", "done"], [(0, 3)]),
    "a function": (["f() {", "    if true; then", "        false", "    fi", "}", "f"], [(0, 5), (5, 6)]),
    "a here-document": (["cat <<'END'", "if", "END", "true"], [(0, 3), (3, 4)]),
    "a quote": (["echo 'a", "b'", "true"], [(0, 2), (2, 3)]),
    "a pipeline": (["true |", "    cat", "true"], [(0, 2), (2, 3)]),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_commands(name: str) -> None:
    lines, commands = SCRIPTS[name]
    assert commands_of(lines) == commands


def test_inner_lines() -> None:
    lines = ["for a in b; do", "    # why", "    echo \\", "        $a", "    true", "done > told"]
    assert inner_lines_of(lines, 0, 6) == [(2, 4), (4, 5)]
    assert inner_lines_of(["echo \\", "    a"], 0, 2) == []


def test_what_is_complete() -> None:
    assert is_complete("cat <<END\nEND")
    assert not is_complete("cat <<END\n")
    assert not is_complete("true \\")
    assert not is_complete("(true")
