"""What becomes of a page's steps: a sample page each, with its verdicts in the comment at its end.

Their steps are harmless, so they run here, in a folder of the test's own, and need no engine.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from fencepost.check.job import Job
from fencepost.check.page_run import PageRun
from fencepost.errors import EngineError
from fencepost.kinds.result import StepResult
from fencepost.machine.engines.podman import Podman
from fencepost.machine.fleet import Fleet
from fencepost.machine.image import Image
from tests.helpers.host_machine import HostMachine, host_machine
from tests.helpers.site_builder import SiteBuilder

PAGES = {path.stem: path for path in sorted((Path(__file__).parent / "pages").glob("*.md"))}
ENGINE = Podman("/nonexistent/podman", "0.0")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    folder = tmp_path / "machine"
    folder.mkdir()
    with host_machine(folder) as machine:
        monkeypatch.setattr(Fleet, "open", lambda *_, **__: machine)
        yield machine


@pytest.mark.parametrize("name", PAGES)
def test_a_page_gets_the_verdicts_of_its_comment(name: str, build: SiteBuilder, machine: HostMachine) -> None:
    text, _, comment = PAGES[name].read_text("utf-8").rpartition("\n<!-- expect\n")
    expected = yaml.safe_load(comment.removesuffix("-->\n"))
    run = run_page(build, text)
    assert [told(result, wanted) for result, wanted in zip(run.results, expected["steps"], strict=True)] == (
        expected["steps"]
    )
    assert run.verdict == expected["page"]


def run_page(build: SiteBuilder, text: str, *, begun: bool = False) -> PageRun:
    """Runs a page; `begun` lets its machine be opened ahead, as a check does."""
    build.write("docs/page.md", text)
    build.write("fencepost.toml", "timeout = 5\noutput-limit = 1\n")
    site = build.read()
    (page,) = site.read_pages()
    fleet = Fleet(ENGINE, site.settings)
    lacking = fleet.lacking(site.machines["debian-12"], page.front_matter.requires)
    run = PageRun(Job(page, site.machines["debian-12"], Image("image", "sha256:0"), lacking), fleet)
    if begun:
        with suppress(EngineError):
            run.prepare()
    for snippet in run.job.snippets:
        run.step(snippet)
    run.close()
    return run


def told(result: StepResult, wanted: dict[str, Any]) -> dict[str, Any]:
    """A result, in the words that a sample page has chosen."""
    failure = result.failure
    step: dict[str, Any] = {"id": result.snippet.id, "is": str(result.verdict)}
    for word, value in {
        "exit": result.exit,
        "at": f"{failure.file}:{failure.line}" if failure else "",
        "command": failure.command if failure else "",
        "expected": failure.expected if failure else "",
        "actual": failure.actual if failure else "",
        "output": result.output,
        "notes": [f"{note.file}:{note.line}: {note.text}" for note in result.notes],
    }.items():
        if word in wanted:
            step[word] = value
    if "says" in wanted:
        step["says"] = wanted["says"] if re.search(wanted["says"], result.reason) else result.reason
    if failure and "at" not in wanted:
        step["at"] = f"{failure.file}:{failure.line}"
    return step


@pytest.mark.slow
def test_a_slow_pattern_may_time_out_in_the_next_try(
    build: SiteBuilder, machine: HostMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fencepost.kinds.console.matches", lambda *_: False)
    text = PAGES["pattern-without-an-end"].read_text("utf-8").rpartition("\n<!-- expect\n")[0]
    assert "takes too long" in run_page(build, text).results[0].reason


def test_an_unreachable_machine_is_an_error_of_the_first_step(
    build: SiteBuilder, machine: HostMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start() -> None:
        raise EngineError("there is no process to be had")

    closed = []
    monkeypatch.setattr(machine, "start", start)
    monkeypatch.setattr(machine, "close", lambda: closed.append(machine), raising=False)
    text = "---\nmachine: debian-12\n---\n\n```bash\ntrue\n```\n\n```bash\ntrue\n```\n"
    run = run_page(build, text, begun=True)
    assert [str(result.verdict) for result in run.results] == ["error", "blocked"]
    assert "no process to be had" in run.results[0].reason
    assert closed == [machine, machine]


@pytest.mark.parametrize(
    ("fence", "why"),
    [
        ("", "the page has no step that runs"),
        ("```bash\n# killall httpd\n```\n", "nothing in the page's steps runs"),
        ('```bash { only="debian-13" }\ntrue\n```\n', "the page has no step for this machine"),
        ("```python { fixture:answer }\ntrue\n```\n", "needs pytest, for its fixture answer"),
        ("```bash\n```\n\n```python { fixture:answer }\ntrue\n```\n", "needs pytest, for its fixture answer"),
    ],
)
def test_the_record_of_a_page_without_a_step_that_ran_says_why(
    fence: str, why: str, build: SiteBuilder, machine: HostMachine
) -> None:
    record = run_page(build, f"---\nmachine: [debian-12, debian-13]\n---\n\n{fence}").record()
    assert (record.verdict, record.reason) == ("skipped", why)
    assert not record.ran


def test_a_page_of_comments_has_nothing_to_run_anywhere(build: SiteBuilder) -> None:
    front_matter = "---\nmachine: debian-12\nrequires: kvm\n---\n\n"
    record = run_page(build, f"{front_matter}```bash\n# killall httpd\n```\n").record()
    assert record.nothing_to_run
    assert record.reason == "nothing in the page's steps runs"
    record = run_page(build, f"{front_matter}```bash\n# killall\n```\n\n```bash\ntrue\n```\n").record()
    assert not record.nothing_to_run
    assert record.reason == record.snippets[1].reason
