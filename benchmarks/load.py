"""Measures how Fencepost grows with a site: 10, 100 and 1,000 pages of 20 small steps.

    make bench-load                    writes what it finds into benchmarks/README.md
    make bench-load ARGS="5 50"        sites of so many pages, printed only

Each figure is of a program of its own, its start included. Its memory is the most that it ever held, and doesn't count
its containers.
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
    """What a program took.

    Attributes:
        seconds: from its start to its end.
        mebibytes: the most memory that it held.
    """

    seconds: float
    mebibytes: float


def main() -> None:
    """Measures, prints and writes."""
    sizes = tuple(int(word) for word in sys.argv[1:]) or PAGES
    engine = find_engine()
    found = {pages: _measure(engine, pages) for pages in sizes}
    text = told(found, engine)
    print(f"\n{text}")
    if sizes == PAGES:
        write_between(README, "load", text)


def told(found: dict[int, tuple[dict[str, Ran], int]], engine: Engine) -> str:
    """What was found, as Markdown, with how much each grew from one size to the next."""
    sizes = list(found)
    head = ["", *(f"{pages:,} pages, {pages * SNIPPETS:,} steps" for pages in sizes)]
    head += [f"from {small:,} to {large:,}" for small, large in itertools.pairwise(sizes)]
    rows = [head, ["---"] * len(head)]
    for name in next(iter(found.values()))[0]:
        ran = [found[pages][0][name] for pages in sizes]
        rows.append([name, *(f"{one.seconds:.2f} s" for one in ran), *growth([one.seconds for one in ran])])
        rows.append(
            ["its memory", *(f"{one.mebibytes:.0f} MiB" for one in ran), *growth([one.mebibytes for one in ran])]
        )
    disk = [found[pages][1] for pages in sizes]
    rows.append(["records on disk", *(f"{size / 1e6:.2f} MB" for size in disk), *growth(disk)])
    about = f"Fencepost {__version__}, {engine.name} {engine.version}, Python {platform.python_version()}"
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([*lines, "", f"{about}, {os.cpu_count()} processors; one run."])


def growth(values: Sequence[float]) -> list[str]:
    """By how much values grow, each from the one before."""
    return [f"{after / before:.1f} times" for before, after in itertools.pairwise(values)]


def _measure(engine: Engine, pages: int) -> tuple[dict[str, Ran], int]:
    """What each way through a site takes, and the size of its records in bytes."""
    fresh, again = fenceposts(engine)[0], unchanged(engine)
    steps = pages * SNIPPETS
    with tempfile.TemporaryDirectory(prefix="fencepost-load-") as temporary:
        folder = Path(temporary) / "site"
        fresh.lay_out(folder, pages, SNIPPETS)
        collect = (*PYTEST, "--collect-only", "docs")
        ways = {
            "reading its pages": ((sys.executable, "-c", _PARSE), f"{steps}\n"),
            "`pytest --collect-only`": (collect, f"{steps} tests collected"),
            "`fencepost check --fresh`": (fresh.command, f"{steps} passed"),
            "`fencepost check`, nothing changed": (again.command, f"0 run, {pages} unchanged"),
        }
        found = {}
        for name, (command, tells) in ways.items():
            print(f"{pages} pages: {name}", file=sys.stderr, flush=True)
            found[name] = run(command, folder, tells)
        size = sum(path.stat().st_size for path in (folder / ".fencepost").rglob("*") if path.is_file())
    return found, size


def run(command: Sequence[str], folder: Path, tells: str) -> Ran:
    """Runs a program that has to say something, and measures it alone, without what it starts itself."""
    told = folder.parent / "told.txt"
    highest = 0
    with told.open("wb") as output:
        began = time.perf_counter()
        program = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(ALONE),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        # The kernel's own sum for a child would begin with what this process holds.
        while program.poll() is None:
            highest = max(highest, _high_water(program.pid))
            time.sleep(0.01)
        seconds = time.perf_counter() - began
    text = told.read_text("utf-8", errors="replace")
    if program.returncode or tells not in text:
        raise RuntimeError(f"{' '.join(command)}: {program.returncode}, and no {tells!r} in:\n{text[-2000:]}")
    return Ran(seconds, highest / 1024)


def _high_water(pid: int) -> int:
    """The most memory that a process has held so far, in KiB."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", errors="replace")
    except OSError:
        return 0
    match = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(match[1]) if match else 0


if __name__ == "__main__":
    main()
