"""The results so far, a line of JSON each, so that an interrupted trial can continue."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trials.mutation.judging import Red

# The folders that affect verdicts. Those that show, publish or keep them don't.
_CORE = ("check", "machine", "page", "session", "transcript")


@dataclass(frozen=True)
class Entry:
    """One result.

    Attributes:
        red: the first red verdict; `None` if there was none.
        sources: a digest of the Fencepost that found it.
    """

    red: Red | None
    sources: str


class Journal:
    """Results, by a digest of everything that they depend on.

    Args:
        path: the file, to which lines are only added.
        sources: a digest of the Fencepost that runs now.
        of_any: True to count the results of other versions too.
    """

    def __init__(self, path: Path, sources: str, *, of_any: bool = False) -> None:
        self.path = path
        self.sources = sources
        self._of_any = of_any
        self._lock = threading.Lock()
        self._mutants: dict[str, Entry] = {}
        self._clean: dict[str, list[Entry]] = {}
        for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError):
                # An incomplete line, from a computer that crashed: its mutant is tried again.
                continue

    def mutant(self, key: str) -> Entry | None:
        """Return the result of a mutant; `None` if it wasn't tried."""
        return self._mutants.get(key)

    def clean(self, key: str) -> list[Entry]:
        """Return the runs of an unbroken page, oldest first."""
        return self._clean.get(key, [])

    def note_mutant(self, key: str, name: str, red: Red | None) -> None:
        """Record the result of a mutant."""
        self._add({"mutant": key}, name, red)

    def note_clean(self, key: str, name: str, red: Red | None) -> None:
        """Record a run of an unbroken page."""
        self._add({"clean": key}, name, red)

    def _add(self, key: Mapping[str, str], name: str, red: Red | None) -> None:
        entry = {**key, "name": name, "sources": self.sources, "red": asdict(red) if red else None}
        with self._lock:
            self._take(entry)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")

    def _take(self, line: Mapping[str, Any]) -> None:
        entry = Entry(Red(**line["red"]) if line["red"] else None, line["sources"])
        if not self._of_any and entry.sources != self.sources:
            return
        if "mutant" in line:
            self._mutants[line["mutant"]] = entry
        else:
            self._clean.setdefault(line["clean"], []).append(entry)


def key_of(files: Mapping[str, Sequence[str]], *circumstances: str) -> str:
    """Return a digest of the files that hold a page's steps, and of everything else that its verdict depends on."""
    parts = [{name: "\n".join(lines) for name, lines in files.items()}, circumstances]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def sources_digest(package: Path) -> str:
    """Return a digest of the part of Fencepost that affects verdicts."""
    digest = hashlib.sha256()
    paths = [path for folder in _CORE for path in (package / folder).rglob("*") if path.suffix != ".pyc"]
    for path in sorted([*(path for path in paths if path.is_file()), *package.glob("*.py")]):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
