"""What is wrong with the console transcripts of pages, told before anything runs."""

from __future__ import annotations

from collections.abc import Iterable

from fencepost.check.nothing import why_nothing_runs
from fencepost.errors import ManyErrors, PageError
from fencepost.kinds.registry import kind_of
from fencepost.page.page import Page


def judge_transcripts(pages: Iterable[Page]) -> None:
    """Complains about transcripts that can't be read, before anything runs.

    Raises:
        ManyErrors: with file and line of each.
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
