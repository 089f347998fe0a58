"""The command: `make mutate`, or `python -m trials.mutation`."""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import fencepost
from fencepost.machine.engine import find_engine
from fencepost.machine.fleet import Fleet
from fencepost.machine.image import Image, image_name
from fencepost.machine.owned import remove_left_behind
from fencepost.site.mkdocs import read_site
from trials.mutation.crew import Crew, Task
from trials.mutation.findings import Findings
from trials.mutation.journal import Journal, sources_digest
from trials.mutation.judging import Red, Where, is_false, where
from trials.mutation.justified import read_justifications
from trials.mutation.mutant import Mutant
from trials.mutation.plan import KINDS, PagePlan, plan_of
from trials.mutation.results import as_markdown, complaints

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_WORKERS = 2
_CLEAN = {"container": 20, "vm": 3}


def main() -> int:
    """Tries what wasn't tried yet, and writes the results.

    Returns:
        0 where every mutant was noticed or is justified and no clean run was red, 1 where not, 3 where something could
        not be judged.
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
    def image_id(machine: str) -> str:
        return engine.image_id(image_name(site.machine(machine))) or ""

    sources = sources_digest(Path(fencepost.__file__).parent)
    findings = Findings(site, image_id, Journal(HERE / ".journal.jsonl", sources, of_any=asked.sources == "any"))
    crew = Crew(ROOT, fleet, workers=_WORKERS)

    def tasks() -> Iterator[Task]:
        # What may survive comes first: about that somebody has to do something.
        those = [(plan, mutant) for plan in chosen for mutant in plan.mutants if asked.like in mutant.name]
        for plan, mutant in sorted(those, key=lambda one: not one[1].broken.later):
            if machine := findings.next_machine(plan, mutant):
                yield mutant_task(plan, mutant, machine)
        for plan in chosen:
            for machine in plan.machines:
                for _ in range(findings.clean_runs(plan, machine, wanted).missing):
                    yield clean_task(plan, machine)

    def mutant_task(plan: PagePlan, mutant: Mutant, machine: str, before: Red | None = None) -> Task:
        def done(red: Red | None) -> str:
            order = plan.order(machine)
            found = where(mutant, red, order)
            if red and is_false(mutant, red, order):
                findings.note_clean(plan, machine, red)
                if not before:
                    crew.add(mutant_task(plan, mutant, machine, red))
                return _false(red)
            # Where a mirror or an emulated clock may be what failed, a later step has to say so twice.
            if red and found is Where.LATER and plan.may_fail_by_itself and (not before or before.step != red.step):
                crew.add(mutant_task(plan, mutant, machine, red))
                return f"noticed {found}, by {red.step}; once more"
            findings.note(plan, machine, mutant, red)
            if following := findings.next_machine(plan, mutant):
                crew.add(mutant_task(plan, mutant, following))
            return f"noticed {found}"

        image = Image(machine, image_id(machine))
        return Task(mutant.name, plan.page.name, machine, image, mutant.broken.edit, done)

    def clean_task(plan: PagePlan, machine: str) -> Task:
        def done(red: Red | None) -> str:
            findings.note_clean(plan, machine, red)
            return _false(red) if red else "clean"

        return Task("unbroken", plan.page.name, machine, Image(machine, image_id(machine)), None, done)

    crew.work(tasks())
    justifications = read_justifications(HERE / "justified.toml")
    outcomes = [findings.outcome(plan, mutant, justifications) for plan in plans for mutant in plan.mutants]
    clean_runs = [findings.clean_runs(plan, machine, wanted) for plan in plans for machine in plan.machines]
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


def _false(red: Red) -> str:
    return f"FALSE RED at {red.file}:{red.line}, {red.step}: {red.reason}\n{red.output}"


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
