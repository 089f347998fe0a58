"""Measures how long a check takes to end at a Ctrl-C, at the moments of a cold start.

    make bench-ctrl-c

The moments are those at which the tests interrupt a check: calls of podman while a container's image is built and its
pages begin, and while a virtual machine's disk is made, booted and restored. A removed container is the yardstick.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from written import README, write_between

sys.path.append(str(Path(__file__).parents[1]))

from fencepost.machine.engine import Engine
from fencepost.machine.engines.registry import find_engine
from fencepost.machine.image import images_of
from tests.faults.test_ctrl_c import DELAYS, cold_site
from tests.helpers.interrupting import Interrupted, call_number, call_with, interrupt
from tests.helpers.programs import fencepost
from tests.helpers.site_builder import SiteBuilder
from tests.vm.test_interrupted import COLD, PAGE, SAVED
from tests.vm.vm_site import another_hardware

CONTAINER_MOMENTS = range(1, 13)
ROUNDS = 5


def main() -> None:
    """Print the table, and write it into the README."""
    engine = find_engine("podman")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        removed = statistics.median(removal(engine) for _ in range(ROUNDS))
        rows = {
            "an image is built, containers start": list(containers(engine, folder / "containers")),
            "a virtual machine is made and booted": list(virtual_machines(engine, folder / "made", COLD)),
            "a saved one is restored and used": list(virtual_machines(engine, folder / "restored", SAVED)),
        }
    lines = ["| a Ctrl-C while | moments | median | longest | target |", "|---|---:|---:|---:|---:|"]
    for name, seconds in rows.items():
        lines.append(f"| {name} | {len(seconds)} | {statistics.median(seconds):.1f} s | {max(seconds):.1f} s | 2 s |")
    lines += ["", f"To remove one running container with `podman rm --force` takes {removed:.2f} s in the same run."]
    print("\n".join(lines))
    write_between(README, "interrupting", "\n".join(lines))


def removal(engine: Engine) -> float:
    """Return the seconds to remove a running container."""
    image = engine.call("images", "--quiet", "localhost/fencepost-base/debian:13").stdout.split()[0]
    flags = ("--detach", "--network", "none", *engine.run_options)
    name = engine.call("run", *flags, image, "sleep", "60").stdout.strip()
    began = time.perf_counter()
    engine.call("rm", "--force", *engine.remove_flags, name)
    return time.perf_counter() - began


def containers(engine: Engine, folder: Path) -> Iterator[float]:
    """Interrupt checks of two pages whose machine was never built."""
    for number in CONTAINER_MOMENTS:
        aside = folder / str(number)
        aside.mkdir(parents=True)
        yield seconds_of(
            interrupt(cold_site(aside, number), aside, engine, call_number(number), delay=DELAYS[number % 2])
        )
    for name in images_of(engine, "cold"):
        engine.call("rmi", "--force", name, check=False)


def virtual_machines(engine: Engine, folder: Path, moments: dict[str, tuple[str, float]]) -> Iterator[float]:
    """Interrupt checks of a page on the tests' virtual machine."""
    for number, (pattern, delay) in enumerate(moments.values()):
        build = SiteBuilder(folder / str(number))
        build.real_machine("vm")
        if moments is COLD:
            another_hardware(build, memory='"672m"')
        else:
            build.page(PAGE.replace("sleep 2", "true"))
            fencepost(build.folder, "check", "--engine", "podman").check_returncode()
        build.page(PAGE)
        yield seconds_of(
            interrupt(build.folder, folder / f"{number}-aside", engine, call_with(pattern), delay=delay, seconds=600)
        )


def seconds_of(done: Interrupted) -> float:
    """Return the seconds from the Ctrl-C to the end of the check."""
    assert done.status == 130, done
    return done.seconds


if __name__ == "__main__":
    main()
