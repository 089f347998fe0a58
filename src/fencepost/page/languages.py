"""Recognises languages that readers take for steps, and misspelt ones."""

from __future__ import annotations

from fencepost.fence.attributes import misspelt
from fencepost.kinds.registry import registry

# Other transcripts, shells and Pythons: readers take these for steps, but they only run with another package.
_LIKE_STEPS = frozenset(
    {"ash", "bash-session", "csh", "dash", "fish", "fishshell", "ksh", "ksh93", "rbash", "sh-session", "shell-session"}
    | {"shellsession", "tcsh", "tcshcon", "terminal", "zsh", "zsh-session"}
    | {"doctest", "ipython", "ipython3", "ipythonconsole", "py2", "py2con", "py3", "pycon", "pycon3", "python-console"}
    | {"python-repl", "python2", "sage"}
)

# Languages whose names are only similar to those of ours.
_OTHERS = frozenset({"ash", "hs", "ipython", "ipython3", "python2", "rbash", "rconsole"})


def looks_like_step(language: str) -> bool:
    """Return whether readers take a fence of this language for a step although it isn't run."""
    return language.lower() in _LIKE_STEPS - registry().languages.keys()


def hint_for(language: str) -> str:
    """Return `did you mean ...?` for a language that is spelt almost like one of ours; empty otherwise."""
    runnable = registry().languages
    known = language.lower() in runnable or language.lower() in _OTHERS
    return "" if known else misspelt(language, tuple(runnable))
