"""Ctrl-C at each call of a cold start: nothing goes on, nothing is left, and the next check makes what is missing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fencepost.machine.engine import Engine
from fencepost.machine.image import image_name, images_of
from fencepost.site.mkdocs import read_site
from tests.helpers.interrupting import call_number, half_written, interrupt
from tests.helpers.programs import containers_left, fencepost, processes_left
from tests.helpers.site_builder import SiteBuilder

pytestmark = pytest.mark.engine
# Seconds after a call of the engine has begun: before it does anything, and in the midst of it.
DELAYS = (0, 0.5)
# A check of two pages needs more or less of them by what runs side by side.
FEWEST_CALLS = 12


def cold_site(folder: Path, number: int) -> Path:
    """A site whose machine was never built."""
    build = SiteBuilder(folder / "site")
    build.machine("cold", f"FROM debian:13\nENV MOMENT={time.time_ns()}-{number}\nRUN sleep 0.4\n")
    build.page("---\nmachine: cold\n---\n\n```bash\nsleep 1\n```\n")
    build.page("---\nmachine: cold\nnetwork: true\n---\n\n```bash\nsleep 1\n```\n", "other.md")
    return build.folder


@pytest.fixture
def images(podman: Engine) -> Iterator[None]:
    yield
    for name in images_of(podman, "cold"):
        podman.call("rmi", "--force", name, check=False)


def check_again(site: Path, engine: Engine) -> None:
    """Check to the end, and show that what was made before isn't made again."""
    was_built = bool(engine.image_id(image_name(read_site(site).machines["cold"])))
    done = fencepost(site, "check", "--engine", engine.name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("cold: building its image" in done.stdout) is not was_built, done.stdout


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize("moments", [range(first, first + 5) for first in (1, 6, 11, 16)], ids="from {0.start}".format)
def test_a_ctrl_c_at_any_moment_of_a_cold_start_leaves_nothing(moments: range, tmp_path: Path, podman: Engine) -> None:
    for number in moments:
        folder = tmp_path / str(number)
        delay = DELAYS[number % 2]
        site = cold_site(folder, number)
        done = interrupt(site, folder, podman, call_number(number), delay=delay)
        if number > FEWEST_CALLS and not done.reached:
            # The check was done with fewer calls.
            break
        assert done.reached, done
        # Behind its last calls the check may have come to its own end.
        assert done.status == 130 or (done.status == 0 and (delay or number > FEWEST_CALLS)), (number, done)
        assert "Traceback" not in done.output, done
        assert half_written(folder) == [], done
        if number % 2:
            check_again(site, podman)
    assert processes_left() == []
    assert containers_left(podman) == []
