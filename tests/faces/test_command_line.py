"""The command line as a whole."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer

from fencepost.faces.cli.app import application

IMPORTED = "import sys; from fencepost.faces.cli.app import application; application({words}); print(*sys.modules)"


def commands_of(*words: str) -> dict[str, typer.core.TyperCommand]:
    return typer.main.get_command(application(words)).commands  # type: ignore[attr-defined]


def test_a_call_knows_the_command_that_it_names_and_no_other() -> None:
    every = commands_of()
    for name in every:
        (only,) = commands_of(name, "--help").items()
        assert only[0] == name
        assert type(only[1]) is type(every[name])


@pytest.mark.parametrize("words", [(), ("--version",), ("chek",), ("--help", "check")])
def test_a_call_that_names_none_knows_all(words: tuple[str, ...]) -> None:
    assert set(commands_of(*words)) == set(commands_of())
    assert len(commands_of()) > 5


def test_a_check_imports_nothing_that_publishes_or_renders() -> None:
    code = IMPORTED.format(words="['check']")
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8").stdout
    names = told.split()
    assert "fencepost.faces.cli.check" in names
    assert [name for name in names if name.startswith(("fencepost.publish", "fencepost.render"))] == []
