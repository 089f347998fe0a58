"""Steps in which nothing runs: a fence that is empty, or holds comments alone. Its status would prove nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fencepost.page.snippet import Snippet
from fencepost.transcript.parse import TranscriptProblem, parse_transcript

# Most transcripts type something, and needn't be taken apart to see it.
_COMMAND = re.compile(r"^\$ +[^#\s]", re.MULTILINE)


def why_nothing_runs(snippet: Snippet) -> str:
    """Why nothing in a step runs, in words; empty where something does, or where the step asks for something else."""
    asked = snippet.attributes
    if snippet.runner == "file" or asked.wait_for or asked.known_broken or asked.exit:
        return ""
    text = _typed(snippet.source) if snippet.runner == "console" else snippet.source
    if text is None:
        return ""
    # Nothing else is a blank: of a no-break space bash makes a command's name.
    lines = (line.strip(" \t\f" if snippet.runner == "python" else " \t") for line in text.split("\n"))
    said = [line.startswith("#") for line in lines if line]
    return f"nothing in it runs: it {'holds comments alone' if said else 'is empty'}" if all(said) else ""


def nothing_runs_in(steps: Iterable[Snippet]) -> bool:
    """Whether a check runs none of these steps on any computer: steps with fixtures need pytest."""
    return all(snippet.attributes.fixtures or why_nothing_runs(snippet) for snippet in steps)


def _typed(transcript: str) -> str | None:
    """What a transcript types, without its prompts; `None` where it also says what comes of it, or can't be read."""
    if not transcript.strip():
        return ""
    if _COMMAND.search(transcript):
        return None
    try:
        commands = parse_transcript(transcript)
    except TranscriptProblem:
        return None
    if any(command.expected or command.status for command in commands):
        return None
    return "\n".join(command.source for command in commands)
