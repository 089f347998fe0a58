"""All kinds of steps: our own, and those that other packages register.

A package registers a kind with an entry point of the group `fencepost.languages`, whose value is an object of a class
derived from `StepKind`, and whose name is the language. One that is broken takes nothing along but itself.
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
        kinds: by name.
        languages: by language, in lower case.
        broken: what is wrong with other packages' entry points, each with its name, which is the language.
        packages: the package that a kind comes from, by the kind's name.
    """

    kinds: dict[str, StepKind] = field(default_factory=dict)
    languages: dict[str, StepKind] = field(default_factory=dict)
    broken: list[tuple[str, PluginError]] = field(default_factory=list)
    packages: dict[str, str] = field(default_factory=dict)

    def add(self, kind: StepKind, package: str) -> None:
        """Adds a kind.

        Raises:
            ValueError: where its name or one of its languages is taken already; nothing is added then.
        """
        for word, taken in [(kind.name, self.kinds), *((language, self.languages) for language in kind.languages)]:
            if word in taken:
                raise ValueError(f"registers `{word}`, which is {self.packages[taken[word].name]}'s already")
        self.kinds[kind.name] = kind
        self.languages.update(dict.fromkeys(kind.languages, kind))
        self.packages[kind.name] = package


@cache
def registry() -> Registry:
    """The kinds of steps in this installation, found once."""
    found = Registry()
    for kind in (SHELL, CONSOLE, PYTHON, FILE):
        found.add(kind, _OWN)
    for package, entry in sorted(_entry_points(), key=lambda item: (item[0], item[1].name)):
        try:
            found.add(guarded(_loaded(entry), package), package)
        # It is another's code, and may do anything.
        except (Exception, SystemExit) as error:
            why = str(error) if isinstance(error, ValueError) else f"can't be loaded: {type(error).__name__}: {error}"
            what = f"the package {package} {' '.join(why.split())} (entry point `{entry.name}` of {GROUP})"
            found.broken.append((entry.name.lower(), PluginError(what, "update the package, or uninstall it")))
    return found


def kind_of(snippet: Snippet) -> StepKind:
    """The kind of a step."""
    return registry().kinds[snippet.runner]


def provider_of(snippet: Snippet) -> str:
    """The package that has the kind of a step, with its version: another one may write another script."""
    package = registry().packages[snippet.runner]
    return package if package == _OWN else f"{package} {version(package)}"


def kind_for(language: str) -> StepKind | None:
    """The kind of fences of a language, as written in the page; `None` where no such fence runs."""
    return registry().languages.get(language.lower())


def why_unknown(language: str) -> str:
    """Why fences of a language can't run although a package registers it; empty for every other language."""
    broken = registry().broken if kind_for(language) is None else []
    return next((error.message for name, error in broken if name == language.lower()), "")


def broken_packages(errors: Iterable[FencepostError]) -> list[PluginError]:
    """What is wrong with other packages' registrations, but for what some errors of pages say already."""
    said = "\n".join(error.message for error in errors)
    return [error for _, error in registry().broken if error.message not in said]


def _entry_points() -> Iterator[tuple[str, EntryPoint]]:
    """The registrations of installed packages, each with its package."""
    for package in distributions():
        # Parsing all entry points of all packages takes three times as long.
        if GROUP in (package.read_text("entry_points.txt") or ""):
            for entry in package.entry_points.select(group=GROUP):
                yield package.name, entry


def _loaded(entry: EntryPoint) -> StepKind:
    kind = entry.load()
    if not isinstance(kind, StepKind):
        raise ValueError(f"registers no step kind, but {kind!r:.80}")
    words = (getattr(kind, "name", None), *kind.languages) if isinstance(kind.languages, tuple) else (None,)
    if not all(
        isinstance(word, str) and word and word == word.lower() and not set(word) & set(" \t\n`") for word in words
    ):
        raise ValueError(f"registers a step kind whose name and languages are no words in lower case: {words!r:.80}")
    return kind
