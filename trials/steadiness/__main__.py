"""Run all container steps again and again on a busy computer, and list those with varying results.

    make steady                         ten rounds of the tests' sample pages, and of the posts
    make steady ROUNDS=2 PAGES="~/old"  two rounds, with the pages of a folder too

Two processes keep the computer busy meanwhile. Results are the same if the verdict, the exit status and the place of
the failure are. The table is written to `results.md`.
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
    """Run all rounds, and write the table.

    Returns:
        0 if every step always had the same result, else 1.
    """
    parser = argparse.ArgumentParser(prog="make steady")
    parser.add_argument("folders", nargs="*", type=Path, help="folders with more pages")
    parser.add_argument("--rounds", type=int, default=10, help="how often to run all pages")
    options = parser.parse_args()
    results: dict[Step, Counter[str]] = defaultdict(Counter)
    with tempfile.TemporaryDirectory(prefix="fencepost-") as place, busy():
        sites = {"samples": make_sample_site(Path(place) / "samples", options.folders)}
        sites["posts"] = copied_posts(ROOT, Path(place) / "posts")
        for number in range(1, options.rounds + 1):
            began = time.monotonic()
            for name, site in sites.items():
                for record in check(site):
                    for step in record.snippets:
                        results[name, record.page, record.machine, step.id][result_of(step)] += 1
            seconds = time.monotonic() - began
            print(f"round {number} of {options.rounds}: {len(results)} steps, {seconds:.0f} s", flush=True)
    findings = Findings(options.rounds, dict(results))
    (HERE / "results.md").write_text(table_of(findings), "utf-8")
    print(f"{len(findings.unsteady)} of {len(results)} steps were not always the same: trials/steadiness/results.md")
    return 1 if findings.unsteady else 0


def check(site: Site) -> list[Record]:
    """Check all pages on machines that are containers, and return the records.

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


def result_of(step: SnippetRecord) -> str:
    """Return what must be the same in every round, in words."""
    where = f", at {step.failure.file}:{step.failure.line}" if step.failure else ""
    return f"{step.verdict}, {'no status' if step.exit is None else f'status {step.exit}'}{where}"


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """Keep the computer busy until the block ends."""
    burners = [subprocess.Popen(["sh", "-c", _BURN]) for _ in range(_BURNERS)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


if __name__ == "__main__":
    sys.exit(main())
