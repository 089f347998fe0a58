"""Steps in which nothing runs: a fence that is empty, or holds comments alone. Its status would prove nothing."""

from __future__ import annotations

from collections.abc import Iterable

from fencepost.kinds.registry import kind_of
from fencepost.page.snippet import Snippet


def why_nothing_runs(snippet: Snippet) -> str:
    """Why nothing in a step runs, in words; empty where something does, or where the step asks for something else."""
    asked = snippet.attributes
    code = kind_of(snippet).code_in(snippet.source)
    if code is None or asked.wait_for or asked.known_broken or asked.exit:
        return ""
    # Nothing else is a blank: of a no-break space bash makes a command's name.
    lines = (line.strip(" \t") for line in code.split("\n"))
    said = [line.startswith("#") for line in lines if line]
    return f"nothing in it runs: it {'holds comments alone' if said else 'is empty'}" if all(said) else ""


def nothing_runs_in(steps: Iterable[Snippet]) -> bool:
    """Whether a check runs none of these steps on any computer: steps with fixtures need pytest."""
    return all(snippet.attributes.fixtures or why_nothing_runs(snippet) for snippet in steps)
