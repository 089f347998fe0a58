"""Ctrl-C at each call of a cold start: nothing goes on, and nothing is left."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fencepost.machine.engine import Engine
from fencepost.machine.image import images_of
from tests.helpers.programs import containers_left, processes_left, started
from tests.helpers.site_builder import SiteBuilder

pytestmark = pytest.mark.engine
# Seconds after a call of the engine has begun: before it does anything, and in the midst of it.
DELAYS = (0, 0.5)
# A check of two pages needs more or less of them by what runs side by side.
FEWEST_CALLS = 15
_WAIT_SECONDS = 60
# Each call of the engine is a moment: it is noted, and the one that is asked for waits a little to be interrupted.
WRAPPER = """\
#!/bin/sh
echo "$*" >>{folder}/calls
[ "$(wc -l <{folder}/calls)" -lt {number} ] || ! mkdir {folder}/now 2>/dev/null || sleep 0.2
exec {program} "$@"
"""


def cold_site(folder: Path, number: int) -> SiteBuilder:
    """A site whose machine was never built."""
    build = SiteBuilder(folder / "site")
    build.machine("cold", f"FROM debian:13\nENV MOMENT={time.time_ns()}-{number}\nRUN sleep 0.4\n")
    build.page("---\nmachine: cold\n---\n\n```bash\nsleep 1\n```\n")
    build.page("---\nmachine: cold\nnetwork: true\n---\n\n```bash\nsleep 1\n```\n", "other.md")
    return build


def interrupted(folder: Path, engine: Engine, number: int, delay: float) -> tuple[int, str]:
    """A check that gets a Ctrl-C at its call of the engine with this number: its exit status, and what it said."""
    build = cold_site(folder, number)
    program = folder / "bin" / "podman"
    program.parent.mkdir()
    program.write_text(WRAPPER.format(folder=folder, number=number, program=engine.program))
    program.chmod(0o755)
    path = {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    with started(build.folder, "fencepost", "check", "--engine", "podman", "--jobs", "2", env=path) as process:
        deadline = time.monotonic() + _WAIT_SECONDS
        while not (folder / "now").exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        assert process.stdout
        said = process.stdout.read()
        return process.wait(_WAIT_SECONDS), said


@pytest.fixture
def images(podman: Engine) -> Iterator[None]:
    yield
    for name in images_of(podman, "cold"):
        podman.call("rmi", "--force", name, check=False)


def half_written(folder: Path) -> list[Path]:
    """Files that are written aside and are never moved into place. Those of other tests are there for a moment."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fencepost"
    deadline = time.monotonic() + _WAIT_SECONDS
    while found := [path for place in (folder, cache) for path in place.rglob("*.part")]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    return found


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize("moments", [range(first, first + 5) for first in (1, 6, 11, 16)], ids="from {0.start}".format)
def test_a_ctrl_c_at_any_moment_of_a_cold_start_leaves_nothing(moments: range, tmp_path: Path, podman: Engine) -> None:
    for number in moments:
        folder = tmp_path / str(number)
        folder.mkdir()
        delay = DELAYS[number % 2]
        status, text = interrupted(folder, podman, number, delay)
        if number > FEWEST_CALLS and not (folder / "now").exists():
            # The check was done with fewer calls.
            break
        assert (folder / "now").exists(), text
        # Behind its last calls the check may have come to its own end.
        assert status == 130 or (status == 0 and (delay or number > FEWEST_CALLS)), (number, status, text)
        assert "Traceback" not in text, text
        assert half_written(folder) == [], text
    assert processes_left() == []
    assert containers_left(podman) == []
