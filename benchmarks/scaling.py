"""Measure the effect of more workers, more computers and a remote engine on a check, interleaved in one run.

    make bench-scale
    make bench-scale PARTS="shards remote"      only these parts; the other rows of the table stay

The table is printed, and written into `scaling.md`. Times differ from computer to computer and from minute to minute;
the ratios are what counts.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from corpus import make_site

from fencepost.errors import EngineError
from fencepost.machine.engine import Engine
from fencepost.machine.engines.registry import find_engine

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "tests" / "remote"))
from another_computer import another_computer, lacks, shared_connections  # noqa: E402  # the tests' own

ROUNDS = 3
PAGES, SHORT_PAGES, SHORT_STEPS = 12, 8, 20
SHARDS = (2, 3, 4)
BEGIN, END = "<!-- measured -->\n", "<!-- end of what was measured -->\n"
HEADING = "| measured | times | result |"
Row = tuple[str, str, str]


def make_pages(folder: Path) -> Path:
    """Make a site whose pages wait for half a second to two seconds, and also compute."""
    make_site(folder, pages=0, snippets=0)
    template = (HERE / "scaling-page.md").read_text("utf-8")
    for number in range(PAGES):
        # All pages differ, in a mixed order.
        waits, megabytes = 0.5 + (number * 7 % PAGES) * 0.15, 20 + number * 5 % PAGES * 4
        text = template.replace("NUMBER", str(number)).replace("WAITS", f"{waits:.1f}")
        (folder / "docs" / f"page-{number:02}.md").write_text(text.replace("COMPUTES", str(megabytes)))
    return folder


def seconds(folder: Path, module: str, *arguments: str, env: dict[str, str] | None = None) -> float:
    """Return how long a program takes in a site's folder."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{module} {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return took


def check(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> float:
    """Return how long a check takes that runs everything."""
    return seconds(folder, "fencepost", "check", "--fresh", *arguments, env=env)


def test(folder: Path, workers: int) -> float:
    """Return how long pytest takes."""
    return seconds(folder, "pytest", "-q", "-p", "no:cacheprovider", "-n", str(workers), "--dist", "loadscope", "docs")


def workers(folder: Path) -> list[Row]:
    """Compare one worker with two, for `fencepost check` and pytest."""
    checks: list[tuple[float, float]] = []
    tests: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        checks.append((check(folder, "-j", "1"), check(folder, "-j", "2")))
        tests.append((test(folder, 1), test(folder, 2)))
    return [
        ratio("`fencepost check -j 1`, then `-j 2`", checks),
        ratio("`pytest -n 1 --dist loadscope`, then `-n 2`", tests),
    ]


def ratio(what: str, pairs: list[tuple[float, float]]) -> Row:
    """Return a row with how many times faster the second is: the median of the ratios of all rounds."""
    one, two = (statistics.median(side) for side in zip(*pairs, strict=True))
    faster = statistics.median(first / second for first, second in pairs)
    return what, f"{one:.1f} s, {two:.1f} s", f"{faster:.2f} times as fast"


def shards(folder: Path, scratch: Path) -> list[Row]:
    """Run each shard on a copy of the site, one page at a time.

    Shards run one after the other, because each job of a CI matrix has a computer of its own.
    """
    check(folder, "-j", "1")
    plans = {number: plan(folder, number) for number in SHARDS}
    took: dict[int, list[list[float]]] = {number: [] for number in SHARDS}
    for turn in range(ROUNDS):
        for number, planned in plans.items():
            computers = [scratch / f"computer-{turn}-{number}-{index}" for index in range(len(planned))]
            for computer in computers:
                shutil.copytree(folder, computer, ignore=shutil.ignore_patterns(".fencepost"))
            pages = [str(shard["pages"]).split() for shard in planned]
            took[number].append(
                [check(computer, "-j", "1", *of) for computer, of in zip(computers, pages, strict=True)]
            )
    rows = []
    for number, planned in plans.items():
        walls = [statistics.median(side) for side in zip(*took[number], strict=True)]
        planned_seconds = [float(str(shard["seconds"])) for shard in planned]
        shown = ", ".join(f"{wall:.1f}" for wall in walls)
        apart = f"{apartness(walls):.0f} % apart; planned, {apartness(planned_seconds):.0f} %"
        rows.append((f"`fencepost plan --shards {number}`, each shard run", f"{shown} s", apart))
    return rows


def plan(folder: Path, number: int) -> list[dict[str, object]]:
    """Return the shards of a site."""
    command = [sys.executable, "-m", "fencepost", "plan", "--shards", str(number)]
    output = subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout
    planned: list[dict[str, object]] = json.loads(output)["include"]
    return planned


def apartness(values: list[float]) -> float:
    """Return by how many per cent the longest is longer than the shortest."""
    return (max(values) / min(values) - 1) * 100


def remote(folder: Path, scratch: Path) -> Iterator[Row]:
    """Yield a row for each engine: the same short pages with the engine here, and through ssh."""
    if lacking := lacks():
        print(f"no remote engine is measured: {lacking}")
        return
    for name in ("podman", "docker"):
        with contextlib.suppress(EngineError):
            find_engine(name)
            with another_computer(scratch / f"another-{name}", name) as there:
                rounds = []
                for turn in range(ROUNDS + 1):
                    flags = ["-j", "1", "--engine", name]
                    times = [check(folder, *flags), check(folder, *flags, env=there.env)]
                    # podman's client has its own ssh, which can't share connections.
                    if name == "docker":
                        with shared_connections(there):
                            times.append(check(folder, *flags, env=there.env))
                    # Don't count the first round, which builds the machine if it is missing.
                    rounds += [times] if turn else []
            here, *away = (statistics.median(side) for side in zip(*rounds, strict=True))
            for ssh, took in zip(("ssh", "one shared ssh connection"), away):  # noqa: B905  # podman has only one
                page = (took - here) / SHORT_PAGES * 1000
                what = f"{SHORT_PAGES} pages of {SHORT_STEPS} short steps, {name}: here, then through {ssh}"
                yield what, f"{here:.1f} s, {took:.1f} s", f"{page:.0f} ms more per page"


def write_table(engine: Engine, rows: list[Row]) -> None:
    """Write rows into the table between the marks in `scaling.md`, and keep rows with other names."""
    file = HERE / "scaling.md"
    before, _, rest = file.read_text("utf-8").partition(BEGIN)
    old, _, after = rest.partition(END)
    lines = {line.split(" | ")[0]: line for line in old.splitlines() if line.startswith("| ") and line != HEADING}
    lines |= {f"| {row[0]}": f"| {' | '.join(row)} |" for row in rows}
    table = "\n".join([HEADING, "|---|---|---|", *lines.values()])
    about = f"Last run: {datetime.now(UTC):%Y-%m-%d}, {engine.name} {engine.version}, {os.cpu_count()} processors; "
    load = f"load average of the 15 minutes before: {os.getloadavg()[2]:.0f}."
    file.write_text(f"{before}{BEGIN}\n{about}{load}\n\n{table}\n\n{END}{after}", "utf-8")


def main() -> None:
    """Measure, print and write the table."""
    parts = sys.argv[1:] or ["workers", "shards", "remote"]
    engine = find_engine()
    print(f"{engine.name} {engine.version}, {os.cpu_count()} processors, medians of {ROUNDS} rounds")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        if "workers" in parts or "shards" in parts:
            folder = make_pages(scratch / "site")
            # Not measured: build the machine, and read everything once.
            check(folder)
            rows += workers(folder) if "workers" in parts else []
            rows += shards(folder, scratch) if "shards" in parts else []
        if "remote" in parts:
            rows += remote(make_site(scratch / "short", pages=SHORT_PAGES, snippets=SHORT_STEPS), scratch)
    for what, times, result in rows:
        print(f"{what:<70} {times:>24}   {result}")
    write_table(engine, rows)


if __name__ == "__main__":
    main()
