"""Mutants that may survive, by name, with the reason."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from pathlib import Path


class Justifications:
    """The reasons why some mutants may survive.

    Args:
        reasons: a reason for each name. The machine in a name may be a pattern, as in `page.md@debian-* #step ...`.
    """

    def __init__(self, reasons: Mapping[str, str]) -> None:
        self.reasons = dict(reasons)

    def why(self, name: str) -> str:
        """Return why a mutant may survive; empty if it mayn't."""
        return next((why for pattern, why in self.reasons.items() if _same(pattern, name)), "")

    def stale(self, survivors: Collection[str], killed: Collection[str], untried: Collection[str]) -> list[str]:
        """Return a sentence for each justification that no survivor needs.

        Args:
            survivors: the mutants that survived.
            killed: the mutants that were noticed.
            untried: the mutants that weren't tried yet.
        """
        complaints = []
        for pattern in self.reasons:
            if any(_same(pattern, name) for name in survivors) or any(_same(pattern, name) for name in untried):
                continue
            noticed = any(_same(pattern, name) for name in killed)
            complaints.append(f"{pattern}: {'is noticed now' if noticed else 'there is no such mutant'}")
        return complaints


def read_justifications(path: Path) -> Justifications:
    """Read the justifications of a file: tables `[[justified]]`, each with a `why` and the names of `mutants`.

    Raises:
        ValueError: when a table has no reason, or a name is in the file twice.
    """
    reasons: dict[str, str] = {}
    for table in tomllib.loads(path.read_text("utf-8")).get("justified", []):
        why = table.get("why", "").strip()
        for name in table["mutants"]:
            if not why:
                raise ValueError(f"{path}: no `why` for {name}")
            if name in reasons:
                raise ValueError(f"{path}: {name} is listed twice")
            reasons[name] = why
    return Justifications(reasons)


def _same(pattern: str, name: str) -> bool:
    page_pattern, _, pattern_rest = pattern.partition(" ")
    page, _, rest = name.partition(" ")
    return rest == pattern_rest and fnmatchcase(page, page_pattern)
