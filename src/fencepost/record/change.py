"""What has changed since a page was last green: by a commit, or in the world."""

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
    """What has changed.

    Attributes:
        green: the last green run.
        committed: what somebody changed: the page, its machine, the settings, Fencepost.
        packages: packages of the machine that have another version, in words; those that the failure speaks of first.
        rebuilt: whether the machine's image is another one.
    """

    green: Run
    committed: tuple[str, ...]
    packages: tuple[str, ...]
    rebuilt: bool

    @property
    def by_the_world(self) -> bool:
        """Whether nobody changed anything: the world did."""
        return not self.committed

    def lines(self) -> list[str]:
        """All of it in words, a line each."""
        told = [*self.committed, *self.packages[:_MOST]]
        if len(self.packages) > _MOST:
            told.append(f"and {len(self.packages) - _MOST} more packages")
        if self.rebuilt and not self.packages:
            told.append("the machine was built again, with the same packages")
        return told or ["nothing that Fencepost can see: the network, the time, or chance"]


# By page and machine.
Changes = Mapping[RunKey, Change]


def change_since(green: Run, record: Record, then: Mapping[str, str], now: Mapping[str, str]) -> Change:
    """What has changed between a page's last green run and its record.

    Args:
        green: that run.
        record: what became of the page now.
        then: the packages of the machine's image at that time, by name; empty where they aren't known.
        now: the same, now.
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
    packages.sort(key=lambda told: (not _is_named(told.split()[0], record), told))
    return Change(green, tuple(committed), tuple(packages), rebuilt)


def _differences(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    told = []
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            told.append(f"{name} {new[name]} is new")
        elif name not in new:
            told.append(f"{name} {old[name]} is gone")
        elif old[name] != new[name]:
            told.append(f"{name} {old[name]} → {new[name]}")
    return told


def _is_named(package: str, record: Record) -> bool:
    """Whether the steps that went wrong speak of a package."""
    word = re.compile(rf"(?<![\w.-]){re.escape(package)}(?![\w-])")
    return any(
        word.search(f"{snippet.output}\n{snippet.failure.command if snippet.failure else ''}")
        for snippet in record.snippets
        if snippet.verdict.stops_the_page
    )


def changes_of(records: Iterable[Record], store: RecordStore) -> Changes:
    """What has changed since pages were last green, for those that aren't and have been."""
    return {record.key: change for record in records if (change := change_of(record, store))}


def change_of(record: Record, store: RecordStore) -> Change | None:
    """What has changed since the page of a record was last green; `None` where it never was, or is."""
    if not record.verdict.is_red:
        return None
    # A run that is dated after this one is no run before it: a clock was wrong.
    runs = [run for run in store.history(record.key) if run.started <= record.started]
    green = last_green(runs)
    if green is None:
        return None
    return change_since(green, record, store.packages(green.image) or {}, store.packages(record.image) or {})
