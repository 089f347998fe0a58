"""However a check on a remote engine ends, nothing of it stays there, and nothing else is touched."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from fencepost.machine.engine import Engine
from fencepost.machine.image import provide_image
from fencepost.machine.making import Making
from fencepost.machine.ownership_labels import LABEL, remove_containers
from fencepost.record.store import RecordStore
from tests.helpers.programs import fencepost, started
from tests.helpers.site_builder import SiteBuilder
from tests.remote.another_computer import AnotherComputer, shared_connections

PAGES = Path(__file__).parent / "pages"


@pytest.fixture
def waiting(build: SiteBuilder, engine: Engine) -> SiteBuilder:
    """A site with a page that has begun, and waits."""
    build.real_machine("plain")
    build.write("fencepost.toml", f'engine = "{engine.name}"\n')
    build.write("docs/waits.md", (PAGES / "waits.md").read_text("utf-8"))
    provide_image(engine, build.read().machines["plain"], Making(may_pull=False))
    return build


@pytest.fixture(params=["connections of their own", "one connection"])
def connected(request: pytest.FixtureRequest, there: AnotherComputer) -> Iterator[AnotherComputer]:
    """Another computer, to which an engine's calls have connections of their own, and then one.

    podman's client has an ssh of its own: to it both are the same.
    """
    with nullcontext() if request.param != "one connection" else shared_connections(there):
        yield there


@pytest.fixture
def somebody_else(waiting: SiteBuilder, engine: Engine) -> Iterator[str]:
    """A container that another computer's check is using, by its label: the number is of no process here."""
    name = f"fencepost-test-elsewhere-{os.getpid()}"
    image = provide_image(engine, waiting.read().machines["plain"], Making(may_pull=False))
    flags = ["--detach", "--rm", "--name", name, "--label", f"{LABEL}=4194399-1-01234567-01234567", "--network", "none"]
    engine.call("run", *flags, *engine.run_options, image.id, "sleep", "600")
    yield name
    remove_containers(engine, [name])


@contextmanager
def check_begins(site: SiteBuilder, there: AnotherComputer, engine: Engine) -> Iterator[subprocess.Popen[str]]:
    """A check of the page, up to where its machine is there."""
    with started(site.folder, "fencepost", "check", env=there.env, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while not machines_of(engine, process.pid):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.2)
        # Until its first step has begun.
        time.sleep(3)
        yield process


def machines_of(engine: Engine, pid: int) -> list[str]:
    """The containers that a process has started. Daemon and store are this computer's too, so they are asked here."""
    told = engine.call("ps", "--all", "--filter", f"label={LABEL}", "--format", "{{.Names}}").stdout
    return [name for name in told.split() if name.startswith(f"fencepost-{pid}-")]


def goes(engine: Engine, pid: int) -> bool:
    """Whether the containers of a process are gone within a few seconds."""
    deadline = time.monotonic() + 20
    while left := machines_of(engine, pid):
        if time.monotonic() > deadline:
            break
        time.sleep(0.2)
    return not left


def test_ctrl_c(waiting: SiteBuilder, engine: Engine, there: AnotherComputer) -> None:
    with check_begins(waiting, there, engine) as process:
        process.send_signal(signal.SIGINT)
        _, text = process.communicate(timeout=60)
    assert process.returncode == 130
    assert text.strip() == "interrupted; every machine is removed, finished pages keep their records"
    assert goes(engine, process.pid)


def test_the_next_check_removes_only_what_a_killed_one_left(
    waiting: SiteBuilder, engine: Engine, connected: AnotherComputer, somebody_else: str
) -> None:
    with check_begins(waiting, connected, engine) as process:
        process.kill()
        process.communicate(timeout=60)
    waiting.write("docs/waits.md", (PAGES / "waits.md").read_text("utf-8").replace("sleep 300", "sleep 3"))
    done = fencepost(waiting.folder, "check", env=connected.env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert goes(engine, process.pid)
    assert somebody_else in engine.call("ps", "--format", "{{.Names}}").stdout.split()


def test_a_connection_that_breaks_is_no_failure_of_the_step(
    waiting: SiteBuilder, engine: Engine, connected: AnotherComputer
) -> None:
    with check_begins(waiting, connected, engine) as process:
        assert connected.hang_up()
        text, _ = process.communicate(timeout=100)
    assert process.returncode == 3, text
    assert RecordStore(waiting.read().records, read_only=True).read_all() == []
    assert "failed" not in text
    # The next one finds the engine again, and tidies up.
    waiting.write("docs/waits.md", (PAGES / "waits.md").read_text("utf-8").replace("sleep 300", "sleep 3"))
    done = fencepost(waiting.folder, "check", env=connected.env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert goes(engine, process.pid)
