"""Warm machines on a real podman: one container for many pages, and what becomes of it when something goes wrong."""

from __future__ import annotations

import _thread
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from builders import SiteBuilder
from checking import Story, check, containers_of_this_process, left_behind, steps_of

from fencepost.machine.engine import Engine
from fencepost.machine.fleet import Fleet
from fencepost.machine.open_machine import OpenMachine
from fencepost.machine.ownership_labels import remove_containers
from fencepost.machine.warm.warm_container import WarmContainer

PAGES = Path(__file__).parent / "pages"
STEP = "---\nmachine: python\n---\n\n```bash { #step }\n%s\n```\n"

pytestmark = pytest.mark.engine


@pytest.fixture
def site(build: SiteBuilder) -> SiteBuilder:
    build.real_machine("python")
    return build


def test_pages_share_a_container_one_after_the_other(site: SiteBuilder, podman: Engine) -> None:
    for number in range(6):
        site.page(STEP % "true", f"page-{number}.md")
    seen = set()
    story = Story(when_a_step_begins=lambda _: seen.update(containers_of_this_process(podman)))
    records = check(site, podman, story, jobs=2)
    assert [(record.verdict, record.isolation) for record in records] == [("passed", "cell")] * 6
    # One for each of the two pages that run at a time; the third asked for the image's packages.
    assert 1 <= len(seen) <= 3
    assert left_behind(podman) == []


def test_a_container_that_dies_takes_one_page_with_it(site: SiteBuilder, podman: Engine) -> None:
    site.page(STEP % "sleep 50", "a-killed.md")
    site.page(STEP % "echo fine", "b-next.md")

    def kill(step: str) -> None:
        del step
        if len(killers) < 1:
            killers.append(threading.Timer(2, lambda: remove_containers(podman, containers_of_this_process(podman))))
            killers[0].start()

    killers: list[threading.Timer] = []
    killed, following = check(site, podman, Story(when_a_step_begins=kill), jobs=1)
    killers[0].join()
    assert (killed.verdict, steps_of(killed)["step"].reason) == (
        "error",
        "the machine went away during this step",
    )
    assert (following.verdict, following.isolation) == ("passed", "cell")
    assert left_behind(podman) == []


@pytest.mark.parametrize(
    ("image", "step"),
    [
        pytest.param("USER daemon", 'test "$(id -un)" = daemon', id="not-root"),
        pytest.param("WORKDIR /made/by/the/engine", "touch file", id="a-folder-of-the-engines"),
    ],
)
def test_a_machine_that_can_not_be_warm_is_told_once_and_works(
    site: SiteBuilder, podman: Engine, image: str, step: str
) -> None:
    site.machine("guest", f"FROM debian:12\n{image}\n")
    for number in range(3):
        site.page(STEP.replace("python", "guest") % step, f"page-{number}.md")
    story = Story()
    records = check(site, podman, story, jobs=2)
    assert [(record.verdict, record.isolation) for record in records] == [("passed", "container")] * 3
    assert len([text for text in story.told if "gets a container of its own" in text]) == 1
    assert left_behind(podman) == []


@pytest.mark.parametrize("wish", ["machine", "site", "capabilities", "network"])
def test_who_wishes_a_container_gets_one(site: SiteBuilder, podman: Engine, wish: str) -> None:
    site.page(STEP % "true")
    if wish == "machine":
        site.write("machines/python/machine.toml", 'isolation = "container"\n')
    elif wish == "capabilities":
        site.write("machines/python/machine.toml", 'capabilities = ["NET_ADMIN"]\n')
    elif wish == "site":
        site.write("fencepost.toml", 'isolation = "container"\n')
    else:
        site.page((STEP % "true").replace("machine: python", "machine: python\nnetwork: true"))
    (record,) = check(site, podman)
    assert (record.verdict, record.isolation) == ("passed", "container")


def test_sessions_can_be_begun_anew_many_times(site: SiteBuilder, podman: Engine) -> None:
    step = "```python { .always }\nimport os\nos.kill(os.getpid(), 9)\n```\n\n```python { .always }\nprint(1)\n```\n\n"
    site.page("---\nmachine: python\n---\n\n" + step * 12)
    (record,) = check(site, podman)
    verdicts = [str(item.verdict) for item in record.snippets]
    assert verdicts == ["failed", "passed"] * 12


def test_a_page_may_fill_its_disk_and_the_next_has_its_own(site: SiteBuilder, podman: Engine) -> None:
    site.write("fencepost.toml", 'memory = "256m"\n')
    site.page(STEP % "head -c 1G /dev/zero >/root/big", "a-full.md")
    site.page(STEP % "head -c 64M /dev/zero >/root/big", "b-next.md")
    full, following = check(site, podman, jobs=1)
    assert full.verdict == "failed"
    assert "No space left on device" in steps_of(full)["step"].output
    assert (following.verdict, following.isolation) == ("passed", "cell")


def test_a_large_source_and_a_large_output_come_through(site: SiteBuilder, podman: Engine) -> None:
    text = "# " + "x" * 78 + "\n"
    site.page(STEP % (text * 20000 + "head -c 12M /dev/zero | tr '\\0' y"))
    (record,) = check(site, podman)
    assert record.verdict == "passed"
    assert steps_of(record)["step"].output.startswith("yyyy")


def test_a_cell_closes_whatever_children_its_page_has_outside(
    site: SiteBuilder, podman: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    aborted: list[WarmContainer] = []
    monkeypatch.setattr(WarmContainer, "abort", aborted.append)
    site.page((PAGES / "has-a-child-outside.md").read_text("utf-8"), "a-child.md")
    site.page(STEP % "true", "b-next.md")
    records = check(site, podman, jobs=1)
    assert [(record.verdict, record.isolation) for record in records] == [("passed", "cell")] * 2
    assert aborted == []


def test_a_container_whose_cell_does_not_close_serves_no_other_page(
    site: SiteBuilder, podman: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def close(self: WarmContainer) -> bool:
        seen.append(self)
        return False

    # An engine that is busy removes it only later.
    monkeypatch.setattr("fencepost.machine.warm.warm_container.remove_containers", lambda engine, names: None)
    monkeypatch.setattr("fencepost.machine.warm.pool._fault_of", lambda container: "")
    monkeypatch.setattr(WarmContainer, "close_cell", close)
    seen: list[WarmContainer] = []
    for number in range(3):
        site.page(STEP % "true", f"page-{number}.md")
    records = check(site, podman, jobs=1)
    assert [(record.verdict, record.isolation) for record in records] == [("passed", "cell")] * 3
    assert len(set(seen)) == 3
    assert left_behind(podman) == []


def test_a_ctrl_c_while_a_machine_is_opened_ends_its_page(
    site: SiteBuilder, podman: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Fleet.open

    def open_while_interrupted(self: Fleet, *arguments: Any, **named: Any) -> OpenMachine:
        _thread.interrupt_main()
        time.sleep(1)
        return opened(self, *arguments, **named)

    monkeypatch.setattr(Fleet, "open", open_while_interrupted)
    site.page(STEP % "sleep 20")
    story = Story()
    with pytest.raises(KeyboardInterrupt):
        check(site, podman, story, jobs=1)
    assert [text for text in story.told if "passed" in text] == []
    assert left_behind(podman) == []
