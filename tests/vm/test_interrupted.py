"""A Ctrl-C while a virtual machine is made, booted or restored: nothing goes on, and nothing is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from fencepost.machine.engine import Engine
from tests.helpers.checking import check
from tests.helpers.interrupting import call_with, half_written, interrupt
from tests.helpers.programs import containers_left, processes_left
from tests.helpers.site_builder import SiteBuilder
from tests.vm.vm_site import another_hardware, is_saved

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]
PAGE = "---\nmachine: vm\n---\n\n```bash { #step }\nsleep 2\n```\n"
# What begins at a call of the engine, by what its arguments hold, and the seconds behind its beginning.
COLD = {
    "its disk begins to be made": ("*type=image*", 0.0),
    "its disk is made": ("*type=image*", 2.0),
    "it begins to boot": ("""*'"mode": "boot"'*""", 0.0),
    "its kernel boots": ("""*'"mode": "boot"'*""", 5.0),
}
SAVED = {
    "what was saved is looked at": ("*'run '*' check '*", 0.0),
    "its copy starts": ("""*'"mode": "page"'*""", 0.0),
    "its state is read": ("""*'"mode": "page"'*""", 0.7),
    "its step runs": ("""*'"mode": "page"'*""", 2.5),
}


def interrupted(build: SiteBuilder, aside: Path, engine: Engine, moment: tuple[str, float]) -> None:
    was_saved = is_saved(build, engine)
    pattern, delay = moment
    done = interrupt(build.folder, aside, engine, call_with(pattern), delay=delay, seconds=600)
    assert (done.status, done.reached) == (130, True), done
    assert done.output.endswith("interrupted; every machine is removed, finished pages keep their records\n"), done
    assert "Traceback" not in done.output, done
    assert half_written(build.folder) == [], done
    assert is_saved(build, engine) == was_saved, done
    assert processes_left() == []
    assert containers_left(engine) == []


@pytest.mark.parametrize("moment", COLD.values(), ids=COLD)
def test_a_ctrl_c_while_a_machine_is_made(
    vm: SiteBuilder, tmp_path: Path, podman: Engine, moment: tuple[str, float]
) -> None:
    another_hardware(vm, memory='"672m"')
    vm.page(PAGE)
    interrupted(vm, tmp_path / "aside", podman, moment)


@pytest.mark.parametrize("moment", SAVED.values(), ids=SAVED)
def test_a_ctrl_c_on_a_machine_that_was_saved(
    vm: SiteBuilder, tmp_path: Path, podman: Engine, moment: tuple[str, float]
) -> None:
    vm.page(PAGE.replace("sleep 2", "true"))
    check(vm, podman)
    vm.page(PAGE)
    interrupted(vm, tmp_path / "aside", podman, moment)
