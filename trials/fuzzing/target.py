"""What a target is, and which there are."""

from __future__ import annotations

import ast
import hashlib
import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMES = (
    "framing",
    "remarks",
    "transcript",
    "completeness",
    "update",
    "attributes",
    "front_matter",
    "page",
    "records",
    "settings",
    "output",
)


@dataclass(frozen=True)
class Target:
    """One place that takes in bytes from a stranger.

    Attributes:
        name: its module's.
        says: what it holds to be true of every input, in a sentence.
        share: how much of the time it gets, beside the others.
        code: the folders and files of `src/fencepost` that it is about.
        words: pieces that a fuzzer would take long to hit on.
        seeds: makes what to begin with, from the repository's own sample files.
        one: tries one input; raises where something doesn't hold.
        longest: bytes of the longest input.
    """

    name: str
    says: str
    share: float
    code: tuple[str, ...]
    words: tuple[bytes, ...]
    seeds: Callable[[], Iterable[bytes]]
    one: Callable[[bytes], None]
    longest: int = 1024

    @property
    def digest(self) -> str:
        """Changes with the code under test and the target, not with their look: older counts say nothing then."""
        told = hashlib.sha256()
        here = Path(__file__).parent / "targets" / f"{self.name}.py"
        for name in (here, *(ROOT / "src" / "fencepost" / part for part in self.code)):
            for path in sorted(name.rglob("*.py")) if name.is_dir() else [name]:
                told.update(ast.dump(ast.parse(path.read_text("utf-8"))).encode())
        return told.hexdigest()


def load(name: str) -> Target:
    """A target by its name. Its module is imported here and not before, so that what it imports can be watched."""
    target = importlib.import_module(f"trials.fuzzing.targets.{name}").TARGET
    assert isinstance(target, Target)
    return target
