"""Break what a step does: leave commands and lines of files out, and change names of packages and patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fencepost.mutate.commands import commands_of, inner_lines_of
from fencepost.mutate.edits import replaced
from fencepost.mutate.effects import has_no_effect
from fencepost.mutate.mutant import Broken
from fencepost.mutate.standing import Standing

# A command that takes names of packages, up to its end.
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
    """Leave each command out, and each line inside a loop, a function or a here-document.

    Commands that only check or print something stay: without one there is nothing to notice. In a transcript `true`
    takes the command's place, and the expected output stays.
    """
    if standing.is_file:
        return
    if standing.kind.is_transcript:
        yield from _dropped_from_transcript(standing)
    elif standing.kind.is_bash:
        source = standing.source
        commands = commands_of(source)
        for start, end in commands:
            # Otherwise a step of one command would be empty.
            instead = [":"] if len(commands) == 1 else []
            if not _is_idle(standing, source[start:end]) and (edit := replaced(standing, start, end, instead)):
                yield Broken(_first(source[start]), edit, later=True)
        for start, end in commands:
            for first, after in inner_lines_of(source, start, end):
                if (first, after) == (start, end) or _is_idle(standing, source[first:after]):
                    continue
                if edit := replaced(standing, first, after, []):
                    yield Broken(f"{_first(source[first])} in {_first(source[start])}", edit, later=True)


def _dropped_from_transcript(standing: Standing) -> Iterator[Broken]:
    for command in standing.kind.commands(standing.snippet.source):
        if _is_idle(standing, [command.source]) and not command.expected and not command.status:
            continue
        typed = standing.source[command.offset]
        nothing = standing.kind.prompts.of(typed) + "true"
        edit = replaced(standing, command.offset, command.expected_offset, [nothing])
        if edit and typed != nothing:
            yield Broken(_first(command.source), edit, later=True)


def dropped_line(standing: Standing) -> Iterator[Broken]:
    """Leave each line of a file out."""
    if not standing.is_file:
        return
    for offset, line in enumerate(standing.source):
        if line.strip() and (edit := replaced(standing, offset, offset + 1, [])):
            yield Broken(_first(line), edit, later=True)


def wrong_package(standing: Standing) -> Iterator[Broken]:
    """Replace each name of a package by one that no package has."""
    if not (standing.is_file or _is_for_bash(standing)):
        return
    for offset, line in _typed(standing):
        for start, end in _packages_in(line, above=_joined(standing.source[:offset])):
            other = line[:end] + _WRONG + line[end:]
            if edit := replaced(standing, offset, offset + 1, [other]):
                yield Broken(f"{line[start:end]} in {_first(line)}", edit, later=True)


def changed_pattern(standing: Standing) -> Iterator[Broken]:
    """Replace each pattern of grep by one that finds nothing, and each edit of sed by one that changes nothing."""
    if not _is_for_bash(standing):
        return
    for offset, line in _typed(standing):
        for match in _PATTERN.finditer(line):
            other = line[: match.start("quoted")] + _NEVER[match[0].split()[0]] + line[match.end("quoted") :]
            if edit := replaced(standing, offset, offset + 1, [other]):
                yield Broken(f"{match['quoted']} in {_first(line)}", edit, later=True)


def _is_idle(standing: Standing, command: Sequence[str]) -> bool:
    """Return whether nothing can notice that a command is missing, unless the page shows its output."""
    return not standing.snippet.attributes.match and has_no_effect("\n".join(command))


def _is_for_bash(standing: Standing) -> bool:
    return not standing.is_file and (standing.kind.is_bash or standing.kind.is_transcript)


def _typed(standing: Standing) -> Iterator[tuple[int, str]]:
    """Yield the lines that are commands, or lines of a file, and their offsets."""
    if standing.is_file or not standing.kind.is_transcript:
        yield from enumerate(standing.source)
        return
    for command in standing.kind.commands(standing.snippet.source):
        for offset in range(command.offset, command.expected_offset):
            yield offset, standing.source[offset]


def _joined(above: Sequence[str]) -> str:
    """Return the beginning of a command that continues in the next line."""
    start = len(above)
    while start and above[start - 1].endswith("\\"):
        start -= 1
    return "".join(line.removesuffix("\\") for line in above[start:])


def _packages_in(line: str, above: str) -> list[tuple[int, int]]:
    """Return where names of packages are in a line: the start and end of each."""
    # Blank quoted text out, at the same length.
    whole = _QUOTED.sub(lambda quoted: "'" * len(quoted[0]), above + line)
    found = {match.span() for match in _DEPENDENCY.finditer(whole)}
    for tool in _PACKAGE_TOOL.finditer(whole):
        words = _PACKAGE.finditer(whole, tool.start() + len(tool[0].split()[0]), tool.end())
        found |= {word.span() for word in words if word[0] not in _NO_PACKAGES}
    return sorted((start - len(above), end - len(above)) for start, end in found if start >= len(above))


def _first(text: str) -> str:
    """Return the first line of a text as names have it: stripped, and shortened."""
    line = text.strip().split("\n")[0]
    return line if len(line) <= 60 else f"{line[:57]}..."
