"""What is wrong with the console transcripts of pages, told before anything runs."""

from __future__ import annotations

from collections.abc import Iterable

from fencepost.errors import ManyErrors, PageError
from fencepost.page.page import Page
from fencepost.page.snippet import Snippet
from fencepost.transcript.match import judge_patterns
from fencepost.transcript.parse import TranscriptProblem, parse_transcript


def judge_transcripts(pages: Iterable[Page]) -> None:
    """Complains about transcripts that can't be read, before anything runs.

    Raises:
        ManyErrors: with file and line of each.
    """
    problems = []
    for page in pages:
        for snippet in page.snippets:
            if snippet.runner == "console" and (problem := _problem_of(snippet)):
                at = snippet.origin_at(snippet.index + problem.offset)
                mend = "use a bash fence for commands without output, or { .notest } to show it only"
                problems.append(PageError(problem.message, mend, at.file, at.line))
    if problems:
        raise ManyErrors("", errors=tuple(problems))


def _problem_of(snippet: Snippet) -> TranscriptProblem | None:
    try:
        commands = parse_transcript(snippet.source)
    except TranscriptProblem as problem:
        return problem
    for command in commands:
        if wrong := judge_patterns(command.expected):
            return TranscriptProblem(wrong[1], command.expected_offset + wrong[0])
    return None
