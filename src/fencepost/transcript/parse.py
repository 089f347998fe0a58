"""Takes a console transcript apart: which lines are commands, and what is expected beneath each."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

STATUS = re.compile(r"^\[(\d{1,3})\]$")
PROMPTS = ("$ ", "# ")
_LIKE_STATUS = re.compile(r"^\[(?!0+\])\d{3,}\]$")
_HIGHEST_STATUS = 255
_MANY_LINES = 50
# What opens something that another line may close; a quote that isn't closed `shlex` knows, but for a `#` in a word.
_MAY_GO_ON = re.compile(
    r"\$'|[`({\[]|<<|\S#|(?:\\|\||\|&|&&)\s*(?:#.*)?$"
    r"|(?:^|[;&|\n])\s*(?:if|then|elif|else|for|while|until|do|case|select|function|time|!)(?![\w-])"
)


class TranscriptProblem(Exception):
    """A transcript that can't be read: a message, and the line's offset in the fence."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


@dataclass(frozen=True)
class Command:
    """One command of a transcript.

    Attributes:
        offset: the line of its prompt, counted from 0.
        source: what is typed, continuation lines included, without prompts.
        expected: the lines beneath it, as written; empty where its output isn't checked.
        status: the exit status that it must end with.
    """

    offset: int
    source: str
    expected: tuple[str, ...]
    status: int

    @property
    def expected_offset(self) -> int:
        """The line where its output begins, counted from 0."""
        return self.offset + self.source.count("\n") + 1

    @property
    def no_status(self) -> str:
        """The last line of the output, where it is written like an exit status and is none; empty elsewhere."""
        last = self.expected[-1] if self.expected else ""
        return last if _LIKE_STATUS.match(last) else ""


def parse_transcript(text: str) -> list[Command]:
    """The commands of a transcript, in order.

    Args:
        text: the fence's text. Its first line sets the prompt, `$ ` or `# `; `> ` directly below a command
            that isn't complete continues it.

    Raises:
        TranscriptProblem: when it doesn't start with a prompt, or holds no command.
    """
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    first = next((offset for offset, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise TranscriptProblem("the console fence is empty", 0)
    prompt = next((known for known in PROMPTS if f"{lines[first]} ".startswith(known)), "")
    if not prompt:
        raise TranscriptProblem("a console fence starts with a prompt: `$ command` or `# command`", first)
    starts = [offset for offset, line in enumerate(lines) if f"{line} ".startswith(prompt)]
    return [_command(lines, start, end, prompt) for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]


def _is_complete(typed: list[str]) -> bool:
    """Whether a shell certainly asks for no further line: what looks like one is printed then."""
    text = "\n".join(typed)
    # A quote may be open for many lines, and is looked at with each.
    if len(typed) > _MANY_LINES or _MAY_GO_ON.search(text):
        return False
    try:
        return bool(shlex.split(text, comments=True))
    except ValueError:
        return False


def _command(lines: list[str], start: int, end: int, prompt: str) -> Command:
    typed = [lines[start][len(prompt) :]]
    below = start + 1
    while below < end and f"{lines[below]} ".startswith("> ") and not _is_complete(typed):
        typed.append(lines[below][2:])
        below += 1
    # Authors set commands apart from one another: those lines are nobody's output.
    while end > below and not lines[end - 1].strip():
        end -= 1
    expected = lines[below:end]
    status = 0
    # Nobody needs `[0]` to say that a command works: it is a list with a nought in it.
    if expected and (match := STATUS.match(expected[-1])) and 0 < int(match[1]) <= _HIGHEST_STATUS:
        status = int(match[1])
        expected = expected[:-1]
    return Command(start, "\n".join(typed), tuple(expected), status)
