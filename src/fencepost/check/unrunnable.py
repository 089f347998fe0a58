"""Finds, before anything runs, steps that can't prove anything: empty ones, and transcripts that can't be read."""

from __future__ import annotations

from collections.abc import Iterable

from fencepost.errors import ManyErrors, PageError
from fencepost.fence.snippet import Snippet
from fencepost.kinds.registry import kind_of
from fencepost.page.page import Page


def why_nothing_runs(snippet: Snippet) -> str:
    """Return the reason why nothing in a step runs; empty if something does, or if an attribute gives it a purpose."""
    attributes = snippet.attributes
    code = kind_of(snippet).code_in(snippet.source)
    if code is None or attributes.wait_for or attributes.known_broken or attributes.exit:
        return ""
    # Strip spaces and tabs only: bash takes a no-break space for part of a command's name.
    lines = (line.strip(" \t") for line in code.split("\n"))
    are_comments = [line.startswith("#") for line in lines if line]
    if not all(are_comments):
        return ""
    return f"nothing in it runs: it {'holds comments alone' if are_comments else 'is empty'}"


def nothing_runs_in(steps: Iterable[Snippet]) -> bool:
    """Return whether a check runs none of these steps on any computer. Steps with fixtures need pytest."""
    return all(snippet.attributes.fixtures or why_nothing_runs(snippet) for snippet in steps)


def judge_transcripts(pages: Iterable[Page]) -> None:
    """Refuse pages with console transcripts that can't be read.

    Raises:
        ManyErrors: with the file and line of each mistake.
    """
    problems = [
        PageError(mistake.message, mistake.fix, at.file, at.line)
        for page in pages
        for snippet in page.snippets
        if not why_nothing_runs(snippet)
        for mistake in kind_of(snippet).mistakes(snippet.source)
        for at in [snippet.origin_at(snippet.index + mistake.offset)]
    ]
    if problems:
        raise ManyErrors("", errors=tuple(problems))
