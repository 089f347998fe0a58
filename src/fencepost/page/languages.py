"""The languages whose fences run, as written in a page, and who runs them."""

from __future__ import annotations

from fencepost.page.attributes import misspelt

RUNNABLE = {
    "bash": "shell",
    "sh": "shell",
    "shell": "shell",
    "console": "console",
    "python": "python",
    "py": "python",
    "python3": "python",
}

# Readers take these for steps, and they aren't run: other kinds of transcripts, other shells and other Pythons.
LIKE_STEPS = frozenset(
    {"ash", "bash-session", "csh", "dash", "fish", "fishshell", "ksh", "ksh93", "rbash", "sh-session", "shell-session"}
    | {"shellsession", "tcsh", "tcshcon", "terminal", "zsh", "zsh-session"}
    | {"doctest", "ipython", "ipython3", "ipythonconsole", "py2", "py2con", "py3", "pycon", "pycon3", "python-console"}
    | {"python-repl", "python2", "sage"}
)

# Languages of their own, however near their names are.
_OTHERS = frozenset({"ash", "hs", "ipython", "ipython3", "python2", "rbash", "rconsole"})


def runner_of(language: str) -> str | None:
    """Who runs a fence of this language: `shell`, `console`, `python`, or nobody."""
    return RUNNABLE.get(language.lower())


def hint_for(language: str) -> str:
    """The words `did you mean ...?` for a language that is nearly one of ours, or an empty string."""
    known = language.lower() in RUNNABLE or language.lower() in _OTHERS
    return "" if known else misspelt(language, tuple(RUNNABLE))
