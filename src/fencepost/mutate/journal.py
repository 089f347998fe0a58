"""The outcomes so far, a line of JSON each, so that an interrupted run goes on where it was."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fencepost.errors import write_error
from fencepost.mutate.judging import Red
from fencepost.whole_files import write_whole


@dataclass(frozen=True)
class Entry:
    """One outcome.

    Attributes:
        red: the first failure; `None` if there was none.
        finder: the Fencepost that found it.
    """

    red: Red | None
    finder: str


class Journal:
    """Outcomes, by a digest of everything that they depend on.

    Args:
        path: the file, made when the first outcome is noted.
        finder: the Fencepost at work: its version, or a digest of its sources.
        of_any: True to use what others have found, too.

    Raises:
        SiteError, EngineError: from the methods that write, when the file can't be written.
    """

    def __init__(self, path: Path, finder: str, *, of_any: bool = False) -> None:
        self.path = path
        self.finder = finder
        self._of_any = of_any
        self._lock = threading.Lock()
        self._mutants: dict[str, Entry] = {}
        self._clean: dict[str, list[Entry]] = {}
        self._lines: dict[str, list[str]] = {}
        self._asked: set[str] = set()
        for line in path.read_text("utf-8", "replace").splitlines() if path.is_file() else ():
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError):
                # Half a line, from a computer that went down: its outcome is found out again.
                continue

    def mutant(self, key: str) -> Entry | None:
        """Return what became of a mutant; `None` if it wasn't tried."""
        self._asked.add(key)
        return self._mutants.get(key)

    def clean(self, key: str) -> list[Entry]:
        """Return the runs of an unbroken page, the last one last."""
        self._asked.add(key)
        return self._clean.get(key, [])

    def note_mutant(self, key: str, name: str, red: Red | None) -> None:
        """Keep what became of a mutant."""
        self._add({"mutant": key}, name, red)

    def note_clean(self, key: str, name: str, red: Red | None) -> None:
        """Keep a run of an unbroken page."""
        self._add({"clean": key}, name, red)

    def forget_what_was_not_asked_for(self) -> None:
        """Remove the outcomes of pages and machines as they were before."""
        with self._lock:
            kept = [line for key, lines in self._lines.items() if key in self._asked for line in lines]
            if self.path.is_file():
                try:
                    write_whole(self.path, "".join(f"{line}\n" for line in kept).encode())
                except OSError as error:
                    raise write_error("the journal can't be written", error, str(self.path)) from error

    def _add(self, key: Mapping[str, str], name: str, red: Red | None) -> None:
        entry = {**key, "name": name, "sources": self.finder, "red": asdict(red) if red else None}
        with self._lock:
            self._take(entry)
            self._asked.update(key.values())
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(entry) + "\n")
            except OSError as error:
                raise write_error("the journal can't be written", error, str(self.path)) from error

    def _take(self, values: Mapping[str, Any]) -> None:
        entry = Entry(Red(**values["red"]) if values["red"] else None, values["sources"])
        if not self._of_any and entry.finder != self.finder:
            return
        key = values["mutant"] if "mutant" in values else values["clean"]
        if "mutant" in values:
            self._mutants[key] = entry
        else:
            self._clean.setdefault(key, []).append(entry)
        self._lines.setdefault(key, []).append(json.dumps(values))


def key_of(files: Mapping[str, Sequence[str]], *circumstances: str) -> str:
    """Return a digest of the files that hold a page's steps, and of everything else that its verdict depends on."""
    parts = [{name: "\n".join(lines) for name, lines in files.items()}, circumstances]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
