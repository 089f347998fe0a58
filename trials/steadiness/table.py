"""The results as a table in Markdown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

# A step's site, page, machine and id.
Step = tuple[str, str, str, str]


@dataclass(frozen=True)
class Findings:
    """The results of each step.

    Attributes:
        rounds: how often all steps were run.
        steps: how often each step, by site, page, machine and id, had each result.
    """

    rounds: int
    steps: dict[Step, Counter[str]]

    @property
    def unsteady(self) -> dict[Step, Counter[str]]:
        """The steps with varying results; a round without a record counts as another result."""
        rounds = self.rounds
        every = {
            step: results + Counter({"no record": rounds - results.total()}) for step, results in self.steps.items()
        }
        return {step: results for step, results in every.items() if len(results) > 1}


def table_of(findings: Findings) -> str:
    """Return all results in Markdown."""
    pages = {step[:3] for step in findings.steps}
    lines = [
        "# Run again and again on a busy computer",
        "",
        "Written by `make steady`; `__main__.py` says which results count as the same.",
        "",
        f"{findings.rounds} rounds of {len(findings.steps)} steps of {len(pages)} pages on their machines. "
        f"{len(findings.unsteady)} of the steps were not always the same.",
        "",
    ]
    if findings.unsteady:
        lines += ["| step | results |", "|---|---|"]
        for (site, page, machine, step), results in sorted(findings.unsteady.items()):
            counts = "; ".join(f"{count} times {result}" for result, count in results.most_common())
            lines.append(f"| {site}: {page} on {machine}, `{step}` | {counts} |")
        lines.append("")
    return "\n".join(lines)
