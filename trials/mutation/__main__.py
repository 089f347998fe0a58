"""The command: `make mutate`, or `python -m trials.mutation`."""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import fencepost
from fencepost.machine.engines.registry import find_engine
from fencepost.machine.fleet import Fleet
from fencepost.machine.image import Image, image_name
from fencepost.machine.ownership_labels import remove_left_behind
from fencepost.site.mkdocs import read_site
from trials.mutation.crew import Crew
from trials.mutation.findings import Findings
from trials.mutation.journal import Journal, sources_digest
from trials.mutation.justified import read_justifications
from trials.mutation.plan import KINDS, plan_of
from trials.mutation.results import as_markdown, complaints
from trials.mutation.tasks import Tasks

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_WORKERS = 2
_CLEAN = {"container": 20, "vm": 3}


def main() -> int:
    """Tries what wasn't tried yet, and writes the results.

    Returns:
        0 where every mutant was noticed or is justified and no run of the clean ones in a row was red, 1 where not, 3
        where something could not be judged.
    """
    asked = _arguments()
    site = read_site(ROOT)
    engine = find_engine(site.settings.engine)
    fleet = Fleet(engine, site.settings, lambda text: print(f"{text} ...", flush=True))
    plans = [plan for page in site.read_pages() for plan in plan_of(site, page)]
    wanted = _CLEAN if asked.clean is None else dict.fromkeys(_CLEAN, asked.clean)
    chosen = [
        plan
        for plan in plans
        if plan.kind in asked.kinds and (not asked.pages or plan.page.name in asked.pages)
    ]  # fmt: skip
    remove_left_behind(engine)
    for machine in sorted({machine for plan in chosen for machine in plan.machines}):
        fleet.make_ready(site.machine(machine), fleet.image(site.machine(machine)))

    @functools.cache
    def image(machine: str) -> Image:
        name = image_name(site.machine(machine))
        return Image(name, engine.image_id(name) or "")

    sources = sources_digest(Path(fencepost.__file__).parent)
    journal = Journal(HERE / ".journal.jsonl", sources, of_any=asked.sources == "any")
    findings = Findings(site, lambda machine: image(machine).id, journal)
    crew = Crew(ROOT, fleet, workers=_WORKERS)
    crew.work(Tasks(findings, image, crew.add).of(chosen, asked.like, wanted))
    justifications = read_justifications(HERE / "justified.toml")
    outcomes = [findings.outcome(plan, mutant, justifications) for plan in plans for mutant in plan.mutants]
    clean_runs = [findings.clean_runs(plan, machine, _CLEAN) for plan in plans for machine in plan.machines]
    of_each = ", ".join(f"{digest[:12]} ({count})" for digest, count in findings.sources.most_common())
    found_with = [
        f"Fencepost {fencepost.__version__}; digest of its core's sources, and runs with it: {of_each or 'none yet'}",
        f"{engine.name} {engine.version}",
        f"{datetime.now(UTC):%Y-%m-%d}",
    ]
    (HERE / "results.md").write_text(as_markdown(found_with, outcomes, clean_runs), "utf-8")
    wrong = complaints(outcomes, clean_runs, justifications)
    for line in [*wrong, *(f"not judged: {trouble}" for trouble in crew.troubles)]:
        print(line)
    tried = sum(outcome.where is not None for outcome in outcomes)
    print(f"{tried} of {len(outcomes)} mutants tried; the tables are in {(HERE / 'results.md').relative_to(ROOT)}")
    return 3 if crew.troubles else 1 if wrong else 0


def _arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m trials.mutation", description=__doc__)
    parser.add_argument("pages", nargs="*", help="only these, as in docs/posts/part-1.md")
    parser.add_argument("--only", choices=["containers", "vms"], help="only machines of this kind")
    parser.add_argument("--like", default="", metavar="TEXT", help="only mutants with this in their names")
    parser.add_argument("--clean", type=int, help="runs of the unbroken pages; 20 in containers, 3 on virtual machines")
    parser.add_argument(
        "--sources",
        choices=["same", "any"],
        default="same",
        help="whether what earlier versions of Fencepost's sources have found counts too; the results tell",
    )
    asked = parser.parse_args(given)
    asked.kinds = {"containers": KINDS[:1], "vms": KINDS[1:]}.get(asked.only, KINDS)
    return asked


if __name__ == "__main__":
    sys.exit(main())
