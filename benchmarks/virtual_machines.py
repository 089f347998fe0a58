"""Measure a virtual machine in one run: its cold boot, a fresh copy for a page, and a step in it.

    make bench-vm                    the saga's Xen host
    make bench-vm MACHINE=kvm-13     another of the site's machines

The time of a fresh copy is from the request for it to the end of its first step.
"""

from __future__ import annotations

import contextlib
import statistics
import sys
import time
from pathlib import Path

from written import README, write_between

from fencepost.machine.engines.registry import find_engine
from fencepost.machine.fleet import Fleet
from fencepost.machine.progress import ProgressLines
from fencepost.session.page_session import PageSession
from fencepost.site.mkdocs import read_site

DEFAULT = "xen-13"
COPIES, STEPS = 7, 300


def main() -> None:
    """Measure, print and write the table."""
    name = sys.argv[1] if len(sys.argv) > 1 else DEFAULT
    site = read_site(Path(__file__).parents[1])
    fleet = Fleet(find_engine(), site.settings, ProgressLines(lambda text: print(f"{text} ...", flush=True)))
    definition = site.machines[name]
    image = fleet.image(definition)
    saved = fleet.make_ready(definition, image, again=True)
    assert saved and saved.boot_seconds
    copies, steps = [], []
    for _ in range(COPIES):
        started = time.perf_counter()
        with contextlib.closing(fleet.open(definition, image, network=False)) as machine:
            session = PageSession(machine, 1 << 20)
            session.start()
            session.run_shell("true", line=1, seconds=60)
            copies.append(time.perf_counter() - started)
            if len(copies) == COPIES:
                for number in range(STEPS):
                    began = time.perf_counter()
                    session.run_shell(f'echo "step {number}"', line=1, seconds=60)
                    steps.append((time.perf_counter() - began) * 1000)
    copy, step = statistics.median(copies), statistics.median(steps)
    how = "KVM" if saved.hardware.accelerator == "kvm" else "emulated"
    text = f"""\
| {name}, {how} | took | target |
|---|---|---|
| cold boot | {saved.boot_seconds:.1f} s | |
| a fresh copy for a page, to the end of its first step | {copy:.2f} s | 4 s |
| how many times faster than the boot | {saved.boot_seconds / copy:.0f} | 15 |
| a one-line step | {step:.2f} ms | 15 ms |

Medians of {COPIES} copies and {STEPS} steps; {fleet.engine.name} {fleet.engine.version}."""
    print(text)
    if name == DEFAULT:
        write_between(README, "virtual machines", text)


if __name__ == "__main__":
    main()
