"""Measure how time and memory grow with a site: 10, 100 and 1,000 pages of 20 small steps.

    make bench-load                    writes the results into benchmarks/README.md
    make bench-load ARGS="5 50"        sites with these numbers of pages, printed only

Each figure is for one run of a program, its start included. The memory is its peak, without its containers.
"""

from __future__ import annotations

import itertools
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contest import environment
from contestants import ALONE
from fenceposts import PYTEST, fenceposts, unchanged
from written import README, write_between

from fencepost import __version__
from fencepost.machine.engine import Engine
from fencepost.machine.engines.registry import find_engine

PAGES, SNIPPETS = (10, 100, 1000), 20
_PARSE = "import sys; from pathlib import Path; from fencepost.site.mkdocs import read_site; "
_PARSE += "print(sum(len(page.snippets) for page in read_site(Path.cwd()).read_pages()))"


@dataclass(frozen=True)
class Ran:
    """The time and memory of a program.

    Attributes:
        seconds: from its start to its end.
        mebibytes: its peak memory.
    """

    seconds: float
    mebibytes: float


def main() -> None:
    """Measure, print and write."""
    sizes = tuple(int(word) for word in sys.argv[1:]) or PAGES
    engine = find_engine()
    measured = {pages: _measure(engine, pages) for pages in sizes}
    text = as_table(measured, engine)
    print(f"\n{text}")
    if sizes == PAGES:
        write_between(README, "load", text)


def as_table(measured: dict[int, tuple[dict[str, Ran], int]], engine: Engine) -> str:
    """Return the results in Markdown, with the growth of each from one size to the next."""
    sizes = list(measured)
    head = ["", *(f"{pages:,} pages, {pages * SNIPPETS:,} steps" for pages in sizes)]
    head += [f"from {small:,} to {large:,}" for small, large in itertools.pairwise(sizes)]
    rows = [head, ["---"] * len(head)]
    for name in next(iter(measured.values()))[0]:
        ran = [measured[pages][0][name] for pages in sizes]
        rows.append([name, *(f"{item.seconds:.2f} s" for item in ran), *growth([item.seconds for item in ran])])
        rows.append(
            ["its memory", *(f"{item.mebibytes:.0f} MiB" for item in ran), *growth([item.mebibytes for item in ran])]
        )
    disk = [measured[pages][1] for pages in sizes]
    rows.append(["records on disk", *(f"{size / 1e6:.2f} MB" for size in disk), *growth(disk)])
    about = f"Fencepost {__version__}, {engine.name} {engine.version}, Python {platform.python_version()}"
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([*lines, "", f"{about}, {os.cpu_count()} processors; one run."])


def growth(values: Sequence[float]) -> list[str]:
    """Return the growth of each value from the one before."""
    return [f"{after / before:.1f} times" for before, after in itertools.pairwise(values)]


def _measure(engine: Engine, pages: int) -> tuple[dict[str, Ran], int]:
    """Return the time and memory of each command on a site, and the size of its records in bytes."""
    fresh, again = fenceposts(engine)[0], unchanged(engine)
    steps = pages * SNIPPETS
    with tempfile.TemporaryDirectory(prefix="fencepost-load-") as temporary:
        folder = Path(temporary) / "site"
        fresh.lay_out(folder, pages, SNIPPETS)
        collect = (*PYTEST, "--collect-only", "docs")
        commands = {
            "reading its pages": ((sys.executable, "-c", _PARSE), f"{steps}\n"),
            "`pytest --collect-only`": (collect, f"{steps} tests collected"),
            "`fencepost check --fresh`": (fresh.command, f"{steps} passed"),
            "`fencepost check`, nothing changed": (again.command, f"0 run, {pages} unchanged"),
        }
        results = {}
        for name, (command, expected) in commands.items():
            print(f"{pages} pages: {name}", file=sys.stderr, flush=True)
            results[name] = run(command, folder, expected)
        size = sum(path.stat().st_size for path in (folder / ".fencepost").rglob("*") if path.is_file())
    return results, size


def run(command: Sequence[str], folder: Path, expected: str) -> Ran:
    """Run a program that has to print the expected text, and measure it without its child processes."""
    printed = folder.parent / "printed.txt"
    highest = 0
    with printed.open("wb") as output:
        began = time.perf_counter()
        program = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(ALONE),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        # Not from getrusage: after the fork a child's peak starts with this process's memory.
        while program.poll() is None:
            highest = max(highest, _high_water(program.pid))
            time.sleep(0.01)
        seconds = time.perf_counter() - began
    text = printed.read_text("utf-8", errors="replace")
    if program.returncode or expected not in text:
        raise RuntimeError(f"{' '.join(command)}: {program.returncode}, and no {expected!r} in:\n{text[-2000:]}")
    return Ran(seconds, highest / 1024)


def _high_water(pid: int) -> int:
    """Return the peak memory of a process so far, in KiB."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", errors="replace")
    except OSError:
        return 0
    match = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(match[1]) if match else 0


if __name__ == "__main__":
    main()
