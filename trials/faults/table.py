"""The results as a table in Markdown, and the file that a trial in several goes adds to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Kill:
    """One kill, and what came of it.

    Attributes:
        number: which of the trial's it was, counted from 0.
        place: `podman`, `docker` or `vm`.
        engine: which, and in which version.
        victim: what was killed.
        phase: what the check was doing.
        after: seconds from its start.
        outcome: what it said.
        wrong_verdicts, half_records, left: what is wrong, in words.
    """

    number: int
    place: str
    engine: str
    victim: str
    phase: str
    after: float
    outcome: str
    wrong_verdicts: Sequence[str] = field(default_factory=list)
    half_records: Sequence[str] = field(default_factory=list)
    left: Sequence[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """All that is wrong."""
        return [*self.wrong_verdicts, *self.half_records, *self.left]


def read_kills(path: Path) -> list[Kill]:
    """The kills of the goes before."""
    if not path.is_file():
        return []
    return [Kill(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def add_kill(path: Path, kill: Kill) -> None:
    """Adds one."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(kill)) + "\n")


def table_of(kills: Sequence[Kill], seed: str, wanted: int) -> str:
    """All of it, for people."""
    lines = [
        "# Killed at random moments",
        "",
        "Written by `make faults`; what is killed, and what is right then, stands in `victims.py` and `judging.py`.",
        "",
        f"Seed `{seed}`, {len(kills)} of {wanted} kills, on {', '.join(sorted({kill.engine for kill in kills}))}.",
        "",
        "| where | killed | kills | landed | the check ended with | wrong verdicts | half records | left behind |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for place, victim in sorted({(kill.place, kill.victim) for kill in kills}):
        these = [kill for kill in kills if (kill.place, kill.victim) == (place, victim)]
        cells = [place, victim, str(len(these)), _counted(kill.phase for kill in these)]
        cells += [_counted(kill.outcome for kill in these), *_sums(these)]
        lines.append(f"| {' | '.join(cells)} |")
    lines += [f"| **all** | | **{len(kills)}** | | | {' | '.join(f'**{number}**' for number in _sums(kills))} |", ""]
    wrong = [kill for kill in kills if kill.wrong]
    if wrong:
        lines += ["## What is wrong", ""]
        lines += [f"- kill {kill.number}, {kill.victim} on {kill.place}: {'; '.join(kill.wrong)}" for kill in wrong]
        lines.append("")
    return "\n".join(lines)


def _sums(kills: Sequence[Kill]) -> list[str]:
    sums = [sum(bool(told) for told in each) for each in zip(*(_wrongs(kill) for kill in kills), strict=True)]
    return [str(number) for number in sums]


def _wrongs(kill: Kill) -> tuple[Sequence[str], ...]:
    return kill.wrong_verdicts, kill.half_records, kill.left


def _counted(words: object) -> str:
    counts = Counter(words)  # type: ignore[call-overload]
    return ", ".join(f"{count} {word}" for word, count in counts.most_common())
