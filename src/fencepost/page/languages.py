"""Languages that readers take for steps, and those that are misspelt."""

from __future__ import annotations

from fencepost.fence.attributes import misspelt
from fencepost.kinds.registry import registry

# Readers take these for steps, and only a package of others runs them: other transcripts, shells and Pythons.
_LIKE_STEPS = frozenset(
    {"ash", "bash-session", "csh", "dash", "fish", "fishshell", "ksh", "ksh93", "rbash", "sh-session", "shell-session"}
    | {"shellsession", "tcsh", "tcshcon", "terminal", "zsh", "zsh-session"}
    | {"doctest", "ipython", "ipython3", "ipythonconsole", "py2", "py2con", "py3", "pycon", "pycon3", "python-console"}
    | {"python-repl", "python2", "sage"}
)

# Languages of their own, however near their names are.
_OTHERS = frozenset({"ash", "hs", "ipython", "ipython3", "python2", "rbash", "rconsole"})


def looks_like_step(language: str) -> bool:
    """Whether readers take a fence of this language for a step, and it isn't run."""
    return language.lower() in _LIKE_STEPS - registry().languages.keys()


def hint_for(language: str) -> str:
    """The words `did you mean ...?` for a language that is nearly one of ours, or an empty string."""
    runnable = registry().languages
    known = language.lower() in runnable or language.lower() in _OTHERS
    return "" if known else misspelt(language, tuple(runnable))
