"""The changes since a page was last green: edits by its authors, and changed packages of its machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fencepost.record.history import Run, last_green
from fencepost.record.model import Record
from fencepost.record.store import RecordStore
from fencepost.run_key import RunKey

_MOST = 8


@dataclass(frozen=True)
class Change:
    """The changes since the last green run.

    Attributes:
        green: the last green run.
        committed: changes of the page, its machine, the settings or Fencepost, a phrase each.
        packages: changes of the machine's packages, a phrase each; those that the failed steps name come first.
        rebuilt: True if the machine has another image now.
    """

    green: Run
    committed: tuple[str, ...]
    packages: tuple[str, ...]
    rebuilt: bool

    @property
    def by_the_world(self) -> bool:
        """True if neither the page nor its machine, settings or Fencepost were edited."""
        return not self.committed

    def lines(self) -> list[str]:
        """Return a line for each change."""
        lines = [*self.committed, *self.packages[:_MOST]]
        if len(self.packages) > _MOST:
            lines.append(f"and {len(self.packages) - _MOST} more packages")
        if self.rebuilt and not self.packages:
            lines.append("the machine was built again, with the same packages")
        return lines or ["nothing that Fencepost can see: the network, the time, or chance"]


Changes = Mapping[RunKey, Change]


def change_since(green: Run, record: Record, then: Mapping[str, str], now: Mapping[str, str]) -> Change:
    """Return the changes between a page's last green run and its record.

    Args:
        green: the last green run.
        record: the record.
        then: the versions of the packages of the green run's image, by name; empty if unknown.
        now: those of the record's image.
    """
    committed = []
    if green.steps_sha256 != record.steps_sha256:
        committed.append("the page's steps were edited")
    if green.machine_sha256 != record.machine_sha256:
        committed.append("the machine's Containerfile, or a file beside it, was edited")
    if green.inputs_sha256 != record.inputs_sha256:
        committed.append("the settings or the limits were edited")
    if green.fencepost != record.fencepost:
        committed.append(f"Fencepost {green.fencepost} → {record.fencepost}")
    rebuilt = green.image != record.image
    old, new = {**then, **green.installed}, {**now, **record.installed}
    packages = _differences(old, new) if (then and now) or not rebuilt else []
    packages.sort(key=lambda line: (not _is_named(line.split()[0], record), line))
    return Change(green, tuple(committed), tuple(packages), rebuilt)


def _differences(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    lines = []
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            lines.append(f"{name} {new[name]} is new")
        elif name not in new:
            lines.append(f"{name} {old[name]} is gone")
        elif old[name] != new[name]:
            lines.append(f"{name} {old[name]} → {new[name]}")
    return lines


def _is_named(package: str, record: Record) -> bool:
    """Return whether the failed steps name a package."""
    word = re.compile(rf"(?<![\w.-]){re.escape(package)}(?![\w-])")
    return any(
        word.search(f"{snippet.output}\n{snippet.failure.command if snippet.failure else ''}")
        for snippet in record.snippets
        if snippet.verdict.stops_the_page
    )


def changes_of(records: Iterable[Record], store: RecordStore) -> Changes:
    """Return the changes of those pages that are red and were green before, by page and machine."""
    return {record.key: change for record in records if (change := change_of(record, store))}


def change_of(record: Record, store: RecordStore) -> Change | None:
    """Return the changes since the page of a record was last green; `None` if it never was, or is now."""
    if not record.verdict.is_red:
        return None
    # Ignore runs dated later than this one: a clock was wrong.
    runs = [run for run in store.history(record.key) if run.started <= record.started]
    green = last_green(runs)
    if green is None:
        return None
    return change_since(green, record, store.packages(green.image) or {}, store.packages(record.image) or {})
