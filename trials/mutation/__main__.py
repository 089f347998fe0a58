"""The command: `make mutate`, or `python -m trials.mutation`."""

from __future__ import annotations

import argparse
import functools
import itertools
import sys
from datetime import UTC, datetime
from pathlib import Path

import fencepost
from fencepost.machine.engines.registry import find_engine
from fencepost.machine.fleet import Fleet
from fencepost.machine.image import Image, image_name
from fencepost.machine.ownership_labels import remove_left_behind
from fencepost.machine.progress import ProgressLines
from fencepost.mutate.crew import Crew, Done
from fencepost.mutate.findings import Findings
from fencepost.mutate.journal import Journal
from fencepost.mutate.plan import KINDS, plan_of
from fencepost.mutate.tasks import Tasks
from fencepost.site.mkdocs import read_site
from trials.mutation.justified import read_justifications
from trials.mutation.results import as_markdown, complaints
from trials.mutation.sources import sources_digest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_WORKERS = 2
_CLEAN = {"container": 20, "vm": 3}


def main() -> int:
    """Try what wasn't tried yet, and write the results.

    Returns:
        0 if every mutant was noticed or is justified and no clean run in a row was red, 1 if not, 3 if something could
        not be judged.
    """
    options = _arguments()
    site = read_site(ROOT)
    engine = find_engine(site.settings.engine)
    fleet = Fleet(engine, site.settings, ProgressLines(lambda text: print(f"{text} ...", flush=True)))
    plans = [plan for page in site.read_pages() for plan in plan_of(site, page)]
    wanted = _CLEAN if options.clean is None else dict.fromkeys(_CLEAN, options.clean)
    chosen = [
        plan
        for plan in plans
        if plan.kind in options.kinds and (not options.pages or plan.page.name in options.pages)
    ]  # fmt: skip
    remove_left_behind(engine)
    for machine in sorted({machine for plan in chosen for machine in plan.machines}):
        fleet.make_ready(site.machine(machine), fleet.image(site.machine(machine)))

    @functools.cache
    def image(machine: str) -> Image:
        name = image_name(site.machine(machine))
        return Image(name, engine.image_id(name) or "")

    sources = sources_digest(Path(fencepost.__file__).parent)
    journal = Journal(HERE / ".journal.jsonl", sources, of_any=options.sources == "any")
    findings = Findings(site, lambda machine: image(machine).id, journal)
    crew = Crew(site, fleet, workers=_WORKERS, report=_print)
    tasks = Tasks(findings, image, crew.add)
    crew.work(itertools.chain(tasks.of_mutants(chosen, options.like), tasks.of_clean_runs(chosen, wanted)))
    justifications = read_justifications(HERE / "justified.toml")
    outcomes = [findings.outcome(plan, mutant) for plan in plans for mutant in plan.mutants]
    clean_runs = [findings.clean_runs(plan, machine, _CLEAN) for plan in plans for machine in plan.machines]
    finders = ", ".join(f"{digest[:12]} ({count})" for digest, count in findings.finders.most_common())
    circumstances = [
        f"Fencepost {fencepost.__version__}; runs by digest of its core's sources: {finders or 'none yet'}",
        f"{engine.name} {engine.version}",
        f"{datetime.now(UTC):%Y-%m-%d}",
    ]
    results = HERE / "results.md"
    results.write_text(as_markdown(circumstances, outcomes, clean_runs, justifications), "utf-8")
    wrong = complaints(outcomes, clean_runs, justifications)
    for line in [*wrong, *(f"not judged: {trouble}" for trouble in crew.troubles)]:
        print(line)
    tried = sum(outcome.where is not None for outcome in outcomes)
    print(f"{tried} of {len(outcomes)} mutants tried; the tables are in {results.relative_to(ROOT)}")
    return 3 if crew.troubles else 1 if wrong else 0


def _print(done: Done) -> None:
    task = done.task
    print(f"{done.left:4} left {done.seconds:6.1f} s  {task.machine:14} {task.name}  {done.meaning}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m trials.mutation", description=__doc__)
    parser.add_argument("pages", nargs="*", help="only these, as in docs/posts/part-1.md")
    parser.add_argument("--only", choices=["containers", "vms"], help="only machines of this kind")
    parser.add_argument("--like", default="", metavar="TEXT", help="only mutants with this in their names")
    parser.add_argument("--clean", type=int, help="runs of the unbroken pages; 20 in containers, 3 on virtual machines")
    parser.add_argument(
        "--sources",
        choices=["same", "any"],
        default="same",
        help="'any' also uses what earlier sources of Fencepost have found; the results name them",
    )
    options = parser.parse_args()
    options.kinds = {"containers": KINDS[:1], "vms": KINDS[1:]}.get(options.only, KINDS)
    return options


if __name__ == "__main__":
    sys.exit(main())
