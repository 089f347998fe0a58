"""The command line as a whole."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from fencepost.faces.cli.app import application
from tests.helpers.programs import fencepost
from tests.helpers.site_builder import SiteBuilder

PAGE = """
    ---
    machine: plain
    ---
    # A page

    ```bash
    echo hello
    ```
    """
IMPORTED = "import sys; from fencepost.faces.cli.app import application; application({words}); print(*sys.modules)"


def commands_of(words: tuple[str, ...] | None = None) -> dict[str, typer.core.TyperCommand]:
    return typer.main.get_command(application(words)).commands  # type: ignore[attr-defined]


def test_a_call_imports_only_the_command_that_it_names() -> None:
    every = commands_of()
    for name in every:
        (only,) = commands_of((name, "--help")).items()
        assert only[0] == name
        assert type(only[1]) is type(every[name])


@pytest.mark.parametrize("words", [(), ("--version",), ("chek",), ("--help", "check")])
def test_a_call_without_a_command_knows_all_of_them(words: tuple[str, ...]) -> None:
    assert list(commands_of(words)) == list(commands_of())
    assert len(commands_of()) > 5


def test_a_call_for_help_imports_no_command() -> None:
    code = IMPORTED.format(words="['--help']")
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8").stdout
    imported = {name for name in names.split() if name.startswith("fencepost.")}
    assert "fencepost.faces.cli.app" in imported
    assert not {name for name in imported if not name.startswith(("fencepost.faces", "fencepost.terminal"))} - {
        "fencepost.errors",
        "fencepost.columns",
        "fencepost.screen",
    }


def test_a_check_imports_nothing_that_publishes_or_renders() -> None:
    code = IMPORTED.format(words="['check']")
    text = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8").stdout
    names = text.split()
    assert "fencepost.faces.cli.check" in names
    assert [name for name in names if name.startswith(("fencepost.publish", "fencepost.render"))] == []


def test_an_error_steers_neither_a_terminal_nor_github(site: SiteBuilder) -> None:
    site.page(PAGE.replace("machine: plain", "machine: plian"), "\x1bc\n::error::.md")
    done = fencepost(site.folder, "check", env={"GITHUB_ACTIONS": "true"})
    assert done.returncode == 2
    assert done.stderr.startswith("docs/␛c\n\\::error::.md:2: unknown machine `plian`\n")


@pytest.mark.parametrize("arguments", [["check", "-v"], ["check"], ["plan", "-n", "2"]])
def test_a_closed_pipe_is_no_failed_step(site: SiteBuilder, arguments: list[str]) -> None:
    site.page(PAGE)
    read, write = os.pipe()
    os.close(read)
    with open(write, "w") as pipe:
        done = fencepost(site.folder, *arguments, stdout=pipe)
    assert (done.returncode, done.stderr) == (3, "")


@pytest.mark.parametrize(("step", "status"), [("echo hello", 0), ("false", 1)])
def test_closed_streams_change_no_status(site: SiteBuilder, step: str, status: int) -> None:
    site.page(PAGE.replace("echo hello", step))
    command = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-m", "fencepost", "check"]
    assert subprocess.run(command, cwd=site.folder, check=False, timeout=240).returncode == status


@pytest.mark.slow
def test_a_wrong_call_is_reported_before_the_engine_answers(build: SiteBuilder, tmp_path: Path) -> None:
    build.page(PAGE)
    podman = tmp_path / "podman"
    podman.write_text('#!/bin/sh\ncd "${0%/*}"\n: >asked\nuntil [ -e go ]; do sleep 0.1; done\n: >answered\n')
    podman.chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = fencepost(build.folder, "check", "--engine", "podman", "docs/pgae.md", env=env)
    assert done.returncode == 2
    assert "did you mean `docs/page.md`?" in done.stderr
    # It may not even have been asked yet; where it was, it ends now, and leaves nothing behind in this folder.
    (tmp_path / "go").touch()
    while (tmp_path / "asked").exists() and not (tmp_path / "answered").exists():
        time.sleep(0.1)


def test_unencodable_characters_are_escaped(site: SiteBuilder) -> None:
    site.page(PAGE, "ü→.md")
    site.page(PAGE.replace("echo hello", "echo →; false"), "bad.md")
    done = fencepost(site.folder, "check", env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (1, "")
    assert "passed       docs/\\xfc\\u2192.md on plain: 1 of 1 steps" in done.stdout
    assert "    \\u2192\n" in done.stdout
    done = fencepost(site.folder, "check", "docs/→.md", env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr.partition("\n")[0]) == (2, "no page of this site: docs/\\u2192.md")
