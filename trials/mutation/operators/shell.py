"""Breaks what a step does: removes commands and lines of files, changes package names and patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fencepost.transcript.parse import BASH, parse_transcript
from trials.mutation.bash_commands import commands_of, inner_lines_of
from trials.mutation.edits import replaced
from trials.mutation.mutant import Broken
from trials.mutation.standing import Standing

# A program with package names as arguments, up to the end of the command.
_PACKAGE_TOOL = re.compile(r"\b(?:apt-get|apt-cache|candidate|dpkg-query|dpkg(?!-)|debootstrap)\b[^|>;&)]*")
_PACKAGE = re.compile(r"(?<![\w/.$'\"={:~-])[a-z][a-z0-9+.-]*[a-z0-9](?![\w/='\"*(:])")
_NO_PACKAGES = frozenset({"check", "depends", "install", "madison", "policy", "remove", "search", "show", "update"})
# A dependency in a control file.
_DEPENDENCY = re.compile(r"[a-z][a-z0-9+.-]*[a-z0-9](?= \((?:>=|<<|<=|>>|=) )")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_PATTERN = re.compile(r"\b(?:grep|sed)\b[^|;]*?(?P<quoted>'[^']+'|\"[^\"]+\")")
_WRONG = "-that-is-none"
_NEVER = {"grep": "'never said'", "sed": "'s/never said//'"}


def dropped_command(standing: Standing) -> Iterator[Broken]:
    """Remove each command, and each line inside a loop, a function or a here-document.

    In a transcript the command becomes `true`, and its expected output stays.
    """
    source, runner = standing.source, standing.snippet.runner
    if runner == "console":
        for command in parse_transcript(standing.snippet.source):
            true = BASH.of(source[command.offset]) + "true"
            edit = replaced(standing, command.offset, command.expected_offset, [true])
            if edit and source[command.offset] != true:
                yield Broken(_first(command.source), edit, later=True)
    elif runner == "shell":
        commands = commands_of(source)
        for start, end in commands:
            # A step with one command would be empty without it.
            replacement = [":"] if len(commands) == 1 else []
            if edit := replaced(standing, start, end, replacement):
                yield Broken(_first(source[start]), edit, later=True)
        for start, end in commands:
            for first, after in inner_lines_of(source, start, end):
                if (first, after) != (start, end) and (edit := replaced(standing, first, after, [])):
                    yield Broken(f"{_first(source[first])} in {_first(source[start])}", edit, later=True)


def dropped_line(standing: Standing) -> Iterator[Broken]:
    """Remove each line of a file."""
    if standing.snippet.runner != "file":
        return
    for offset, line in enumerate(standing.source):
        if line.strip() and (edit := replaced(standing, offset, offset + 1, [])):
            yield Broken(_first(line), edit, later=True)


def wrong_package(standing: Standing) -> Iterator[Broken]:
    """Replace each package name with one that doesn't exist."""
    runner = standing.snippet.runner
    if runner not in {"shell", "console", "file"}:
        return
    for offset, line in _typed(standing):
        for start, end in _packages_in(line, above=_joined(standing.source[:offset])):
            other = line[:end] + _WRONG + line[end:]
            if edit := replaced(standing, offset, offset + 1, [other]):
                yield Broken(f"{line[start:end]} in {_first(line)}", edit, later=True)


def changed_pattern(standing: Standing) -> Iterator[Broken]:
    """Replace each pattern of grep with one that never matches, and each edit of sed with one without effect."""
    if standing.snippet.runner not in {"shell", "console"}:
        return
    for offset, line in _typed(standing):
        for match in _PATTERN.finditer(line):
            other = line[: match.start("quoted")] + _NEVER[match[0].split()[0]] + line[match.end("quoted") :]
            if edit := replaced(standing, offset, offset + 1, [other]):
                yield Broken(f"{match['quoted']} in {_first(line)}", edit, later=True)


def _typed(standing: Standing) -> Iterator[tuple[int, str]]:
    """Yield the lines of commands, or of a file, with their offsets."""
    if standing.snippet.runner != "console":
        yield from enumerate(standing.source)
        return
    for command in parse_transcript(standing.snippet.source):
        for offset in range(command.offset, command.expected_offset):
            yield offset, standing.source[offset]


def _joined(above: Sequence[str]) -> str:
    """Return the beginning of a command that continues on the next line."""
    start = len(above)
    while start and above[start - 1].endswith("\\"):
        start -= 1
    return "".join(line.removesuffix("\\") for line in above[start:])


def _packages_in(line: str, above: str) -> list[tuple[int, int]]:
    """Return the start and end of each package name in a line."""
    # Blank out quoted text, and keep its length.
    whole = _QUOTED.sub(lambda quoted: "'" * len(quoted[0]), above + line)
    spans = {match.span() for match in _DEPENDENCY.finditer(whole)}
    for tool in _PACKAGE_TOOL.finditer(whole):
        words = _PACKAGE.finditer(whole, tool.start() + len(tool[0].split()[0]), tool.end())
        spans |= {word.span() for word in words if word[0] not in _NO_PACKAGES}
    return sorted((start - len(above), end - len(above)) for start, end in spans if start >= len(above))


def _first(text: str) -> str:
    """Return the first line of a text for a mutant's name: stripped, and shortened if it is long."""
    line = text.strip().split("\n")[0]
    return line if len(line) <= 60 else f"{line[:57]}..."
