"""What is wrong with the console transcripts of pages, told before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fencepost.check.nothing import why_nothing_runs
from fencepost.errors import ManyErrors, PageError
from fencepost.page.page import Page
from fencepost.page.steps import mend_of_tabs
from fencepost.transcript.match import judge_patterns
from fencepost.transcript.parse import TranscriptProblem, parse_transcript


def judge_transcripts(pages: Iterable[Page]) -> None:
    """Complains about transcripts that can't be read, before anything runs.

    Raises:
        ManyErrors: with file and line of each.
    """
    problems = [
        PageError(message, mend, at.file, at.line)
        for page in pages
        for snippet in page.snippets
        if snippet.runner == "console" and not why_nothing_runs(snippet)
        for offset, message, mend in _problems_of(snippet.source)
        for at in [snippet.origin_at(snippet.index + offset)]
    ]
    if problems:
        raise ManyErrors("", errors=tuple(problems))


def _problems_of(transcript: str) -> Iterator[tuple[int, str, str]]:
    """Of each problem the line's offset, what it is, and the mend."""
    try:
        commands = parse_transcript(transcript)
    except TranscriptProblem as problem:
        mend = problem.mend or "use a bash fence for commands without output, or { .notest } to show it only"
        yield problem.offset, problem.message, mend + mend_of_tabs(problem.message)
        return
    for command in commands:
        below = command.expected_offset
        if wrong := judge_patterns(command.expected):
            yield below + wrong[0], wrong[1], "mend it, or begin the line with a backslash, which takes it as it stands"
