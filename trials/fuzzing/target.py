"""The targets: their common form, and their names."""

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
    """A piece of code that parses untrusted bytes, and how to fuzz it.

    Attributes:
        name: the name of its module.
        says: what holds for every input, in a sentence.
        code: the folders and files of `src/fencepost` under test.
        words: pieces of inputs that a fuzzer would take long to find.
        seeds: yields the first inputs, made from the repository's own files.
        one: tries one input, and raises AssertionError if something doesn't hold.
        longest: the longest input, in bytes.
    """

    name: str
    says: str
    code: tuple[str, ...]
    words: tuple[bytes, ...]
    seeds: Callable[[], Iterable[bytes]]
    one: Callable[[bytes], None]
    longest: int = 1024

    @property
    def digest(self) -> str:
        """A digest of the code under test and the target, without formatting: counts for other code don't count."""
        digest = hashlib.sha256()
        here = Path(__file__).parent / "targets" / f"{self.name}.py"
        for name in (here, *(ROOT / "src" / "fencepost" / part for part in self.code)):
            for path in sorted(name.rglob("*.py")) if name.is_dir() else [name]:
                digest.update(ast.dump(ast.parse(path.read_text("utf-8"))).encode())
        return digest.hexdigest()


def load(name: str) -> Target:
    """Return a target by its name. Its module is imported only here, so that Atheris can instrument its imports."""
    target = importlib.import_module(f"trials.fuzzing.targets.{name}").TARGET
    assert isinstance(target, Target)
    return target
