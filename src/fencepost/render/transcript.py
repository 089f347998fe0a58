"""A console transcript as readers see it, and as they copy it."""

from __future__ import annotations

from fencepost.transcript.parse import TranscriptProblem, parse_transcript

_SUFFIXES = (" (re)", " (glob)")


def shown_transcript(source: str) -> str:
    r"""The transcript without what only the check needs: ` (re)` and ` (glob)` at lines' ends, `\` before them.

    It keeps its number of lines. One that can't be read is shown as it stands.
    """
    lines = source.split("\n")
    try:
        commands = parse_transcript(source)
    except TranscriptProblem:
        return source
    for command in commands:
        for offset in range(command.expected_offset, command.expected_offset + len(command.expected)):
            lines[offset] = _shown_line(lines[offset])
    return "\n".join(lines)


def copied_transcript(source: str) -> str | None:
    """What a reader pastes into a shell: the commands, without prompts and outputs. `None` where there are none."""
    try:
        return "\n".join(command.source for command in parse_transcript(source))
    except TranscriptProblem:
        return None


def _shown_line(line: str) -> str:
    if line.startswith("\\"):
        return line[1:]
    stripped = line.rstrip()
    suffix = next((suffix for suffix in _SUFFIXES if stripped.endswith(suffix)), "")
    return stripped.removesuffix(suffix) if suffix else line
