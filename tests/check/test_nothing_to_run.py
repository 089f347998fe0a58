"""A check in which every record still holds."""

from __future__ import annotations

import threading

import pytest
from builders import SiteBuilder
from checking import check

from fencepost.check import head_start, run
from fencepost.machine.engine import Engine


def test_a_busy_engine_is_not_waited_for(build: SiteBuilder, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    build.real_machine("plain")
    build.page("---\nmachine: plain\n---\n\n```bash\ntrue\n```\n")
    check(build, engine)
    ends, swept = threading.Event(), threading.Event()

    def sweep(*_: object) -> None:
        ends.wait(30)
        swept.set()

    monkeypatch.setattr(run, "_SWEEP_SECONDS", 60)
    monkeypatch.setattr(head_start, "_sweep", sweep)
    try:
        check(build, engine)
        assert not swept.is_set()
    finally:
        ends.set()
