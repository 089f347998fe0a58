"""The languages whose fences run, as written in a page, and who runs them."""

from __future__ import annotations

RUNNABLE = {
    "bash": "shell",
    "sh": "shell",
    "shell": "shell",
    "console": "console",
    "python": "python",
    "py": "python",
    "python3": "python",
}

# Languages of their own, however near their names are.
OTHERS = frozenset({"ash", "ipython", "ipython3", "python2", "rbash"})


def runner_of(language: str) -> str | None:
    """Who runs a fence of this language: `shell`, `console`, `python`, or nobody."""
    return RUNNABLE.get(language.lower())
