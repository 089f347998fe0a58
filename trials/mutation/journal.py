"""What was found so far, a line of JSON each, so that an interrupted trial goes on where it was."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trials.mutation.judging import Red

# What decides about a verdict. How it is shown, published or kept doesn't.
_CORE = ("check", "machine", "page", "session", "transcript")


@dataclass(frozen=True)
class Entry:
    """What was found once.

    Attributes:
        red: what was complained of first; `None` where nothing was.
        sources: a digest of the Fencepost that found it.
    """

    red: Red | None
    sources: str


class Journal:
    """Outcomes, by a digest of all that they depend on.

    Args:
        path: the file; it is only ever added to.
        sources: a digest of the Fencepost that is at work.
        of_any: whether what other ones have found counts too.
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
                # Half a line, from a computer that went down: what it told is found out again.
                continue

    def mutant(self, key: str) -> Entry | None:
        """What became of a mutant; `None` for one that wasn't tried."""
        return self._mutants.get(key)

    def clean(self, key: str) -> list[Entry]:
        """The runs of an unbroken page, the last one last."""
        return self._clean.get(key, [])

    def note_mutant(self, key: str, name: str, red: Red | None) -> None:
        """Notes what became of a mutant."""
        self._add({"mutant": key}, name, red)

    def note_clean(self, key: str, name: str, red: Red | None) -> None:
        """Notes a run of an unbroken page."""
        self._add({"clean": key}, name, red)

    def _add(self, key: Mapping[str, str], name: str, red: Red | None) -> None:
        entry = {**key, "name": name, "sources": self.sources, "red": asdict(red) if red else None}
        with self._lock:
            self._take(entry)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")

    def _take(self, told: Mapping[str, Any]) -> None:
        entry = Entry(Red(**told["red"]) if told["red"] else None, told["sources"])
        if not self._of_any and entry.sources != self.sources:
            return
        if "mutant" in told:
            self._mutants[told["mutant"]] = entry
        else:
            self._clean.setdefault(told["clean"], []).append(entry)


def key_of(files: Mapping[str, Sequence[str]], *circumstances: str) -> str:
    """A digest of the files that a page's steps stand in, and of whatever else its verdict depends on."""
    told = [{name: "\n".join(lines) for name, lines in files.items()}, circumstances]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def sources_digest(package: Path) -> str:
    """A digest of the part of Fencepost that comes to verdicts."""
    told = hashlib.sha256()
    paths = [path for folder in _CORE for path in (package / folder).rglob("*") if path.suffix != ".pyc"]
    for path in sorted([*(path for path in paths if path.is_file()), *package.glob("*.py")]):
        told.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return told.hexdigest()
