"""A check in which every record is fresh, and pages in which nothing runs."""

from __future__ import annotations

import threading

import pytest

from fencepost.check import head_start, site_check
from fencepost.machine.engine import Engine
from fencepost.machine.fleet import Fleet
from tests.helpers.checking import Story, check
from tests.helpers.site_builder import SiteBuilder


def test_a_busy_engine_is_not_waited_for(build: SiteBuilder, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    build.real_machine("plain")
    build.page("---\nmachine: plain\n---\n\n```bash\ntrue\n```\n")
    check(build, engine)
    ends, swept = threading.Event(), threading.Event()

    def sweep(*_: object) -> None:
        ends.wait(30)
        swept.set()

    monkeypatch.setattr(site_check, "_SWEEP_SECONDS", 60)
    monkeypatch.setattr(head_start, "_sweep", sweep)
    try:
        check(build, engine)
        assert not swept.is_set()
    finally:
        ends.set()


STEPS = {"```bash\ntrue\n```\n": False, "```bash\n# killall httpd\n```\n": True, "": True}


@pytest.mark.parametrize(("fence", "idle"), STEPS.items())
def test_a_page_in_which_nothing_runs_opens_no_machine(
    build: SiteBuilder, engine: Engine, monkeypatch: pytest.MonkeyPatch, fence: str, idle: bool
) -> None:
    opened = []
    really = Fleet.open
    monkeypatch.setattr(Fleet, "open", lambda *given, **more: opened.append(given) or really(*given, **more))
    monkeypatch.setattr(Fleet, "opens_at_once", lambda *_, **__: False)
    build.real_machine("plain")
    build.page(f"---\nmachine: plain\n---\n\n{fence}")
    (record,) = check(build, engine)
    assert (record.nothing_to_run, not opened) == (idle, idle)
    # The record holds, as any other.
    story = Story()
    check(build, engine, story)
    assert story.told == [f"docs/page.md on plain holds: {record.verdict}"]
