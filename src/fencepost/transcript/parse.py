"""Parses a console transcript into commands and the output that is expected of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from fencepost.bash.completeness import first_command

STATUS = re.compile(r"^\[(\d{1,3})\]$")
_CONTINUES = "> "
_LIKE_STATUS = re.compile(r"^\[(?!0+\])\d{3,}\]$")
_HIGHEST_STATUS = 255


class TranscriptProblem(Exception):
    """Raised if a transcript can't be read, with a message, the line's offset in the fence, and a fix or none."""

    def __init__(self, message: str, offset: int, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.fix = fix


@dataclass(frozen=True)
class Command:
    """One command of a transcript.

    Attributes:
        offset: the line of its prompt, counted from 0.
        source: what is typed, continuation lines included, without prompts.
        expected: the lines of output below it, as written; empty if its output isn't checked.
        status: the exit status that it must have.
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
        """The last line of the output if it looks like an exit status and is none; empty otherwise."""
        last = self.expected[-1] if self.expected else ""
        return last if _LIKE_STATUS.match(last) else ""


@dataclass(frozen=True)
class Prompts:
    """The prompts of one form of transcript.

    Attributes:
        user: the usual prompt, without the space after it: `$`.
        root: another prompt that a whole transcript may use instead: `#`; empty for none.
    """

    user: str = "$"
    root: str = ""

    def of(self, line: str) -> str:
        """Return the prompt that a line begins with, as written: `$ `, `# `, `(env) $ `; empty if it has none."""
        match = _pattern(self).match(line)
        return match[0] if match else ""

    def sign(self, line: str) -> str:
        """Return only the sign of a line's prompt: `$` or `#`; empty if it has none."""
        match = _pattern(self).match(line)
        return match["sign"] if match else ""


BASH = Prompts("$", "#")


@lru_cache
def _pattern(prompts: Prompts) -> re.Pattern[str]:
    signs = "|".join(re.escape(sign) for sign in (prompts.user, prompts.root) if sign)
    # The names of active virtual environments may come first.
    return re.compile(rf"(?:\([^\s()]+\) )*(?P<sign>{signs})(?: |\Z)")


def parse_transcript(text: str, prompts: Prompts = BASH) -> list[Command]:
    """Return the commands of a transcript, in order.

    Args:
        text: the fence's text. Its first line sets the prompt, `$ ` or `# `; lines above the first `$ ` that begin
            with `#` are comments. A command that bash wouldn't take as complete continues on the next line, with or
            without `> `.
        prompts: the prompts of this form of transcript.

    Raises:
        TranscriptProblem: if it doesn't start with a prompt, mixes two kinds of prompts, has no command, or has one
            that isn't complete.
    """
    return list(_parsed(text, prompts))


# Cached: the check, the page, the copy button, the script and the recording all parse the same text.
@lru_cache(1024)
def _parsed(text: str, prompts: Prompts) -> tuple[Command, ...]:
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    first = next((offset for offset, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise TranscriptProblem("the console fence is empty", 0)
    signs = [prompts.sign(line) for line in lines]
    sign = _sign_of_all(lines, signs, first, prompts)
    starts = [offset for offset, other in enumerate(signs) if other == sign]
    ends = [*starts[1:], len(lines)]
    return tuple(_command(lines, start, end, prompts) for start, end in zip(starts, ends, strict=True))


def _sign_of_all(lines: Sequence[str], signs: Sequence[str], first: int, prompts: Prompts) -> str:
    """Return the sign of a transcript's prompts, `$` or `#`. `first` is the first line that isn't blank."""
    user, root = prompts.user, prompts.root
    if signs[first] == user:
        return user
    examples = " or ".join(f"`{sign} command`" for sign in (user, root) if sign)
    no_prompt = TranscriptProblem(f"a console fence starts with a prompt: {examples}", first)
    above_user = signs.index(user) if user in signs else None
    if above_user is None or not lines[first].startswith("#"):
        if not signs[first]:
            raise no_prompt
        if above_user is None:
            return root
    above = range(first, above_user)
    other = next((offset for offset in above if lines[offset].strip() and not lines[offset].startswith("#")), None)
    last = max((offset for offset in above if signs[offset]), default=first)
    if other is None and not _opens_here_document(lines[last:above_user], prompts):
        return user
    if not root:
        raise no_prompt
    raise TranscriptProblem(
        f"two kinds of prompts: `{lines[first]}` and `{lines[above_user]}`. Either the prompt is `{root} ` and the "
        f"second line is output, or the prompt is `{user} ` and all lines above it are comments",
        above_user,
        "begin the second line with a backslash if it is output; begin each line above it with `# ` if they are "
        "comments",
    )


def _opens_here_document(lines: Sequence[str], prompts: Prompts) -> bool:
    """Return whether lines that look like comments begin a here-document that the next line would continue."""
    typed = [lines[0][len(prompts.of(lines[0])) :], *lines[1:]]
    return "<<" in lines[0] and first_command(typed).open is not None


def _command(lines: Sequence[str], start: int, end: int, prompts: Prompts) -> Command:
    prompt = prompts.of(lines[start])
    typed = [lines[start][len(prompt) :], *lines[start + 1 : end]]
    if len(typed) > 1 and _is_marked(typed[1]):
        typed[1:] = [line[len(_CONTINUES) :] if _is_marked(line) else line for line in typed[1:]]
    reading = first_command(typed)
    if reading.open:
        where = "the next prompt" if end < len(lines) else "the end of the fence"
        raise TranscriptProblem(
            f"the command isn't complete at {where}: bash waits for {reading.open.wants}",
            start,
            f"write the rest below it, after `{_CONTINUES}`, or show it with {{ .notest }}",
        )
    below = start + reading.lines
    # Blank lines before the next prompt only separate commands. They aren't output.
    while end > below and not lines[end - 1].strip():
        end -= 1
    expected = lines[below:end]
    status = 0
    # `[0]` isn't needed as a status, so it is output: a list that holds a zero.
    if expected and (match := STATUS.match(expected[-1])) and 0 < int(match[1]) <= _HIGHEST_STATUS:
        status = int(match[1])
        expected = expected[:-1]
    return Command(start, "\n".join(typed[: reading.lines]), tuple(expected), status)


def _is_marked(line: str) -> bool:
    return f"{line} ".startswith(_CONTINUES)
