"""All kinds of steps: our own, and those that other packages register.

A package registers a kind with an entry point of the group `fencepost.languages`: its name is the language, its value
an instance of a subclass of `StepKind`. A broken package doesn't affect other kinds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, distributions, version

from fencepost.errors import FencepostError
from fencepost.fence.snippet import Snippet
from fencepost.kinds.console import CONSOLE
from fencepost.kinds.file import FILE
from fencepost.kinds.guard import PluginError, guarded
from fencepost.kinds.kind import StepKind
from fencepost.kinds.python import PYTHON
from fencepost.kinds.shell import SHELL

GROUP = "fencepost.languages"
_OWN = "Fencepost"


@dataclass(frozen=True)
class Registry:
    """Kinds of steps.

    Attributes:
        kinds: the kinds by name.
        languages: the kinds by language, in lower case.
        broken: the name (the language) and the error of each broken entry point.
        packages: the package of each kind, by the kind's name.
    """

    kinds: dict[str, StepKind] = field(default_factory=dict)
    languages: dict[str, StepKind] = field(default_factory=dict)
    broken: list[tuple[str, PluginError]] = field(default_factory=list)
    packages: dict[str, str] = field(default_factory=dict)

    def add(self, kind: StepKind, package: str) -> None:
        """Add a kind.

        Raises:
            ValueError: if its name or one of its languages is taken; nothing is added then.
        """
        for word, taken in [(kind.name, self.kinds), *((language, self.languages) for language in kind.languages)]:
            if word in taken:
                raise ValueError(f"registers `{word}`, which {self.packages[taken[word].name]} has registered already")
        self.kinds[kind.name] = kind
        self.languages.update(dict.fromkeys(kind.languages, kind))
        self.packages[kind.name] = package


@cache
def registry() -> Registry:
    """Return the kinds of steps in this installation. They are found once."""
    result = Registry()
    for kind in (SHELL, CONSOLE, PYTHON, FILE):
        result.add(kind, _OWN)
    for package, entry in sorted(_entry_points(), key=lambda item: (item[0], item[1].name)):
        try:
            result.add(guarded(_loaded(entry), package), package)
        # Another package's code may raise anything.
        except (Exception, SystemExit) as error:
            why = str(error) if isinstance(error, ValueError) else f"can't be loaded: {type(error).__name__}: {error}"
            message = f"the package {package} {' '.join(why.split())} (entry point `{entry.name}` of {GROUP})"
            result.broken.append((entry.name.lower(), PluginError(message, "update the package, or uninstall it")))
    return result


def kind_of(snippet: Snippet) -> StepKind:
    """Return the kind of a step."""
    return registry().kinds[snippet.runner]


def provider_of(snippet: Snippet) -> str:
    """Return the package of a step's kind, with its version, as another version may write a different script."""
    package = registry().packages[snippet.runner]
    return package if package == _OWN else f"{package} {version(package)}"


def kind_for(language: str) -> StepKind | None:
    """Return the kind for a language, as written in the page; `None` if its fences don't run."""
    return registry().languages.get(language.lower())


def why_unknown(language: str) -> str:
    """Return why a language can't run although a package registers it; empty for every other language."""
    broken = registry().broken if kind_for(language) is None else []
    return next((error.message for name, error in broken if name == language.lower()), "")


def broken_packages(errors: Iterable[FencepostError]) -> list[PluginError]:
    """Return the errors of broken packages, without those that the given errors report already."""
    reported = "\n".join(error.message for error in errors)
    return [error for _, error in registry().broken if error.message not in reported]


def _entry_points() -> Iterator[tuple[str, EntryPoint]]:
    """Yield the entry points of our group, each with the name of its package."""
    for package in distributions():
        # This is three times as fast as parsing all entry points of all packages.
        if GROUP in (package.read_text("entry_points.txt") or ""):
            for entry in package.entry_points.select(group=GROUP):
                yield package.name, entry


def _loaded(entry: EntryPoint) -> StepKind:
    kind = entry.load()
    if not isinstance(kind, StepKind):
        raise ValueError(f"registers {kind!r:.80}, which is no step kind")
    words = (getattr(kind, "name", None), *kind.languages) if isinstance(kind.languages, tuple) else (None,)
    if not all(
        isinstance(word, str) and word and word == word.lower() and not set(word) & set(" \t\n`") for word in words
    ):
        raise ValueError(f"registers a step kind whose name and languages aren't lower-case words: {words!r:.80}")
    return kind
