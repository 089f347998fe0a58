"""The results as a table in Markdown, and the journal that runs of the trial add to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Kill:
    """One kill and its consequences.

    Attributes:
        number: its number in the trial, from 0.
        place: `podman`, `docker` or `vm`.
        engine: the engine and its version.
        victim: the kind of process that was killed.
        phase: what the check was doing.
        after: the seconds from the check's start to the kill.
        outcome: the check's exit status, in words.
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
        """Everything that is wrong."""
        return [*self.wrong_verdicts, *self.half_records, *self.left]


def read_kills(path: Path) -> list[Kill]:
    """Return the kills of earlier runs."""
    if not path.is_file():
        return []
    return [Kill(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def add_kill(path: Path, kill: Kill) -> None:
    """Add a kill to the journal."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(kill)) + "\n")


def table_of(kills: Sequence[Kill], seed: str, total: int) -> str:
    """Return all results in Markdown."""
    lines = [
        "# Killed at random moments",
        "",
        "Written by `make faults`; `victims.py` lists what is killed, and `judging.py` which verdicts are right then.",
        "",
        f"Seed `{seed}`, {len(kills)} of {total} kills, on {', '.join(sorted({kill.engine for kill in kills}))}.",
        "",
        "| place | killed | kills | when | the check ended with | wrong verdicts | incomplete records | left behind |",
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
    sums = [sum(bool(wrong) for wrong in column) for column in zip(*(_wrongs(kill) for kill in kills), strict=True)]
    return [str(number) for number in sums]


def _wrongs(kill: Kill) -> tuple[Sequence[str], ...]:
    return kill.wrong_verdicts, kill.half_records, kill.left


def _counted(words: object) -> str:
    counts = Counter(words)  # type: ignore[call-overload]
    return ", ".join(f"{count} {word}" for word, count in counts.most_common())
