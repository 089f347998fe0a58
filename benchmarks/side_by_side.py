"""Measure Fencepost beside its peers on the same pages, in turns, in one run.

    make bench                  writes the results into benchmarks/README.md, and draws side-by-side.svg
    make bench ARGS=--try       tries it with two pages and one round, and only prints the results

50 pages of 20 small steps, each in the form that its tool reads. Besides the times, it measures which faults each tool
notices. Times differ from computer to computer and from minute to minute; ratios are what counts.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from pathlib import Path

from contest import SNIPPETS, Contest, Entry
from contestants import PEERS, Tool
from fenceposts import fenceposts, floor, python_start, unchanged
from peers_environment import PROGRAMS, provide_peers
from results import bars, tables
from written import README, write_between

from fencepost import __version__
from fencepost.machine.engine import Engine
from fencepost.machine.engines.registry import find_engine
from fencepost.machine.image import provide_image
from fencepost.machine.making import Making
from fencepost.machine.progress import ProgressLines
from fencepost.site.mkdocs import read_site

DRAWING = Path(__file__).parent / "side-by-side.svg"
# Fast enough that the cost of one more snippet can be measured.
_MARGINAL = ("fencepost", "pytest", "cram", "prysk", "mktestdocs")


def main() -> None:
    """Measure, print and write."""
    trying = "--try" in sys.argv[1:]
    pages, rounds = (2, 1) if trying else (50, 3)
    engine = find_engine()
    versions = provide_peers()
    with tempfile.TemporaryDirectory(prefix="fencepost-bench-") as temporary:
        here = Path(temporary)
        tools = [*fenceposts(engine), *_comparisons(engine, here / "image"), *PEERS]
        entries = [Entry(tool, here / f"{number:02}", pages) for number, tool in enumerate(tools)]
        contest = Contest(PROGRAMS, rounds, _say)
        for entry in entries:
            if entry.tool.package and entry.tool.package not in versions:
                entry.trouble = "can't be installed here"
            elif entry.tool.judged:
                contest.judge(entry)
        contest.race(entries, lambda tool: tool.name.startswith(_MARGINAL) and tool.language == "shell" and tool.judged)
    text = "\n\n".join(
        [
            f"{pages} pages of {SNIPPETS} steps; medians of {rounds} rounds, with the shortest and the longest time."
            f" Fencepost {__version__}, {engine.name} {engine.version}, Python {platform.python_version()},"
            f" {os.cpu_count()} processors.",
            f"![The same as bars]({DRAWING.name})",
            tables(entries, versions),
        ]
    )
    print(f"\n{text}")
    if not trying:
        write_between(README, "side by side", text)
        DRAWING.write_text(bars(entries), "utf-8")


def _comparisons(engine: Engine, folder: Path) -> list[Tool]:
    """Return the entries to compare with. The bare engine uses the same image as the pages."""
    fenceposts(engine)[0].lay_out(folder, 1, 1)
    machine = read_site(folder).machines["plain"]
    image = provide_image(engine, machine, Making(ProgressLines(_say)))
    return [floor(engine, image), unchanged(engine), python_start()]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
