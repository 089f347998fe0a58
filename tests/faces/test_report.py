"""What a check reports at its end."""

from __future__ import annotations

import io
import re
import shlex
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from fencepost.errors import EngineError
from fencepost.faces.cli.report import Report
from fencepost.kinds.result import StepResult
from fencepost.record.change import Change
from fencepost.record.model import FailureRecord
from fencepost.run_key import RunKey
from fencepost.verdicts import Verdict


@pytest.mark.parametrize(("keeps_all", "kept"), [(False, [Verdict.FAILED]), (True, [Verdict.PASSED, Verdict.FAILED])])
def test_keeps_failures_and_the_rest_only_for_update(keeps_all: bool, kept: list[Verdict]) -> None:
    job: Any = SimpleNamespace(name="docs/page.md on debian-12")
    snippet: Any = SimpleNamespace(id="step-1")
    report = Report(Console(file=io.StringIO()), keeps_all=keeps_all)
    for verdict in (Verdict.PASSED, Verdict.FAILED):
        report.step_ends(job, StepResult(snippet, verdict, output="x" * 1000))
    assert [result.verdict for _, result in report.results] == kept


def told_of(output: str, *, page: str = "docs/page.md", line: str = "false", package: str = "bash 1 → 2") -> str:
    """What a check tells of a step that has failed, from its beginning to its end."""
    key = RunKey(page, "debian-12")
    job: Any = SimpleNamespace(
        key=key,
        name=f"{page} on debian-12",
        page=SimpleNamespace(name=page),
        definition=SimpleNamespace(name="debian-12"),
    )
    snippet: Any = SimpleNamespace(id="step-1", runner="shell")
    failure = FailureRecord(file=page, line=1, command=line, expected="exit status 0", actual="exit status 1")
    file = io.StringIO()
    report = Report(Console(file=file, highlight=False), verbose=True)
    report.page_begins(job, "asked for")
    report.results.append((job, StepResult(snippet, Verdict.FAILED, output=output, failure=failure)))
    green: Any = SimpleNamespace(started=datetime(2026, 11, 23, tzinfo=UTC))
    report.end([], {page: [line]}, {key: Change(green, (), (package,), rebuilt=True)})
    return file.getvalue()


def test_square_brackets_are_no_markup() -> None:
    text = told_of("[/word] [bold] :warning:\n", line="echo a[link=x]b")
    assert "    [/word] [bold] :warning:\n" in text
    assert "  >    1 | echo a[link=x]b\n" in text


def test_no_escape_reaches_the_terminal() -> None:
    # One that is left when all that are known have been taken out once, a reset, and an alphabet of lines.
    text = told_of("A\033cB\033(0C\n\033\033[m[31mred\033\033[m]0;title\007", page="docs/\033c\n.md", line="\033c")
    assert "    BC\n    [31mred]0;title\n" in text
    assert "docs/␛c␊.md on debian-12: runs because: asked for\n" in text
    assert "docs/␛c␊.md:1: failed: " in text
    assert "\033" not in text
    assert "    a␛c 1␊::x is new\n" in told_of("", package="a\033c 1\n::x is new")


def test_on_github_names_are_not_read_as_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    # A console that is no terminal is 80 columns wide: a long name had its end on a line of its own.
    text = told_of("::stop-commands::x\n##[group]x\n", page=f"docs/{'x' * 70} ::error::x\n::error::y.md")
    assert "    \\::stop-commands::x\n    ##\\[group]x\n" in text
    assert [line for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line] == []


def test_suggested_commands_can_be_typed() -> None:
    text = told_of("", page="docs/my page; touch x.md")
    (again,) = [line for line in text.splitlines() if line.startswith("  run it again:")]
    assert shlex.split(again)[3:] == ["fencepost", "check", "docs/my page; touch x.md", "--machine", "debian-12"]
    assert "  look around:   fencepost shell 'docs/my page; touch x.md' --machine debian-12\n" in text


def test_notes_to_the_author_are_shown_once() -> None:
    file = io.StringIO()
    report = Report(Console(file=file, highlight=False))
    record: Any = SimpleNamespace(snippets=())
    for machine in ("debian-12", "debian-13"):
        page = SimpleNamespace(name="docs/page.md", note="a fence\nisn't run")
        job: Any = SimpleNamespace(name=f"docs/page.md on {machine}", page=page)
        report.page_holds(job, record)
    quiet: Any = SimpleNamespace(name="docs/other.md on debian-12", page=SimpleNamespace(name="docs/other.md", note=""))
    report.page_holds(quiet, record)
    assert file.getvalue() == "  docs/page.md: warning: a fence␊isn't run\n"


def test_a_machine_shows_what_it_does_and_when_it_is_ready() -> None:
    file = io.StringIO()
    report = Report(Console(file=file, highlight=False))
    report.machine_does("debian-12", "building its image")
    report.machine_prints("debian-12", "Setting up libc6")
    report.machine_is_ready("debian-12")
    report.machine_is_ready("was-ready-before")
    assert file.getvalue() == "debian-12: building its image ...\ndebian-12 is ready after 0 s\n"


def test_a_machine_that_cannot_be_made_is_reported_at_once() -> None:
    file = io.StringIO()
    report = Report(Console(file=file, highlight=False))
    report.machine_does("bad", "building its image")
    report.machine_fails("bad", EngineError("can't be built", "its last lines:\n    E: \033[2Jno", "machines/bad", 3))
    assert file.getvalue().endswith("\nmachines/bad:3: can't be built\n  its last lines:\n    E: ␛[2Jno\n")


def test_it_is_never_silent_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fencepost.faces.cli.report._SILENT_SECONDS", 0.3)
    file = io.StringIO()
    job: Any = SimpleNamespace(name="docs/page.md on debian-12")
    with Report(Console(file=file, highlight=False)) as report:
        report.machine_does("xen-12", "booting")
        report.machine_prints("xen-12", "[  OK  ] Started \033[1mdbus\n")
        report.page_begins(job, "asked for")
        deadline = time.monotonic() + 20
        while file.getvalue().count("\n") < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
    line = file.getvalue().splitlines()[1]
    shown = r"xen-12 booting, \d s: \[  OK  \] Started dbus; docs/page.md on debian-12 starts its machine, \d s"
    assert re.fullmatch(shown, line), line


def test_a_terminal_shows_what_goes_on() -> None:
    file = io.StringIO()
    job: Any = SimpleNamespace(name="docs/page.md on debian-12")
    console = Console(file=file, force_terminal=True, width=60, height=20, highlight=False, color_system=None)
    with Report(console) as report:
        report.machine_does("xen-12", "booting")
        report.machine_prints("xen-12", "x" * 200)
        report.page_begins(job, "asked for")
        time.sleep(0.3)
    screen = Text.from_ansi(file.getvalue()).plain
    assert f"  xen-12 booting, 0 s: {'x' * 36}…" in screen
    assert "  docs/page.md on debian-12 starts its machine, 0 s" in screen
    # Only while it goes on.
    assert file.getvalue().rstrip().endswith("\033[?25h") or "\033[2K" in file.getvalue()
