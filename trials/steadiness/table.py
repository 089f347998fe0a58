"""The results as a table in Markdown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

# A step is known by its site, its page, its machine and its id.
Step = tuple[str, str, str, str]


@dataclass(frozen=True)
class Findings:
    """What became of each step.

    Attributes:
        rounds: how many times all of them were run.
        steps: for each step, by site, page, machine and id, how often each thing became of it.
    """

    rounds: int
    steps: dict[Step, Counter[str]]

    @property
    def unsteady(self) -> dict[Step, Counter[str]]:
        """Those that were not always the same: a run without a record is one more way to differ."""
        rounds = self.rounds
        told = {step: became + Counter({"no record": rounds - became.total()}) for step, became in self.steps.items()}
        return {step: became for step, became in told.items() if len(became) > 1}


def table_of(findings: Findings) -> str:
    """All of it, for people."""
    pages = {step[:3] for step in findings.steps}
    lines = [
        "# Run again and again on a busy computer",
        "",
        "Written by `make steady`; what counts as the same stands in `__main__.py`.",
        "",
        f"{findings.rounds} rounds of {len(findings.steps)} steps of {len(pages)} pages on their machines. "
        f"{len(findings.unsteady)} of the steps were not always the same.",
        "",
    ]
    if findings.unsteady:
        lines += ["| step | what became of it |", "|---|---|"]
        for (site, page, machine, step), became in sorted(findings.unsteady.items()):
            counts = "; ".join(f"{count} times {told}" for told, count in became.most_common())
            lines.append(f"| {site}: {page} on {machine}, `{step}` | {counts} |")
        lines.append("")
    return "\n".join(lines)
