"""Runs the container steps again and again on a busy computer, and lists each that was not always the same.

    make steady                         ten rounds over the sample pages of the tests, and over the posts
    make steady ROUNDS=2 PAGES="~/old"  two rounds, and the pages of a folder too

Meanwhile two processes keep the computer busy. A step is the same when its verdict, its exit status and the place where
it failed are. The table is written to `results.md`.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from fencepost.record.model import Record, SnippetRecord
from fencepost.record.store import RecordStore
from fencepost.site.site import Site
from trials.steadiness.copied_posts import copied_posts
from trials.steadiness.sample_site import make_sample_site
from trials.steadiness.table import Findings, Step, table_of

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_BURNERS = 2
_BURN = "while :; do :; done"


def main() -> int:
    """Runs all rounds, and writes what was found.

    Returns:
        0 where every step was always the same, 1 where not.
    """
    parser = argparse.ArgumentParser(prog="make steady")
    parser.add_argument("folders", nargs="*", type=Path, help="folders of further pages")
    parser.add_argument("--rounds", type=int, default=10, help="how many times all of them are run")
    asked = parser.parse_args()
    became: dict[Step, Counter[str]] = defaultdict(Counter)
    with tempfile.TemporaryDirectory(prefix="fencepost-") as place, busy():
        sites = {"samples": make_sample_site(Path(place) / "samples", asked.folders)}
        sites["posts"] = copied_posts(ROOT, Path(place) / "posts")
        for number in range(1, asked.rounds + 1):
            began = time.monotonic()
            for name, site in sites.items():
                for record in checked(site):
                    for step in record.snippets:
                        became[name, record.page, record.machine, step.id][what_became(step)] += 1
            seconds = time.monotonic() - began
            print(f"round {number} of {asked.rounds}: {len(became)} steps, {seconds:.0f} s", flush=True)
    findings = Findings(asked.rounds, dict(became))
    (HERE / "results.md").write_text(table_of(findings), "utf-8")
    print(f"{len(findings.unsteady)} of {len(became)} steps were not always the same: trials/steadiness/results.md")
    return 1 if findings.unsteady else 0


def checked(site: Site) -> list[Record]:
    """The records of a check of all pages on machines that are containers.

    Raises:
        RuntimeError: when nothing was checked.
    """
    shutil.rmtree(site.records, ignore_errors=True)
    containers = [machine.name for machine in site.machines.values() if machine.settings.kind == "container"]
    options = [word for name in containers for word in ("--machine", name)]
    command = [sys.executable, "-m", "fencepost", "check", "--fresh", *options]
    done = subprocess.run(command, cwd=site.folder, capture_output=True, text=True, check=False)
    records = RecordStore(site.records, read_only=True).read_all()
    if not records:
        raise RuntimeError(f"nothing was checked:\n{done.stdout}{done.stderr}")
    return records


def what_became(step: SnippetRecord) -> str:
    """What must be the same in every round, in words."""
    where = f", at {step.failure.file}:{step.failure.line}" if step.failure else ""
    return f"{step.verdict}, {'no status' if step.exit is None else f'status {step.exit}'}{where}"


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """Keeps the computer busy until the block ends."""
    burners = [subprocess.Popen(["sh", "-c", _BURN]) for _ in range(_BURNERS)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


if __name__ == "__main__":
    sys.exit(main())
