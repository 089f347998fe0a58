"""Breaks what a page says of its steps: exit statuses, outputs, and which of them are broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from fencepost.transcript.match import ELLIPSIS
from fencepost.transcript.parse import STATUS, Command, parse_transcript
from trials.mutation.edits import replaced, with_header, with_words
from trials.mutation.mutant import Broken
from trials.mutation.standing import Standing

_EXIT = re.compile(r"\s+exit=(\d+)")
_CLAIM = re.compile(r"\s+(?:\.known-broken|reason=\"[^\"]*\"|match=\"[^\"]*\")")
_MATCH = re.compile(r"match=\"([^\"]*)\"")
_ALTERED = "~"


def wrong_exit(standing: Standing) -> Iterator[Broken]:
    """Another exit status than the real one: in the header, or beneath a command of a transcript."""
    snippet = standing.snippet
    if snippet.runner == "file" or snippet.attributes.known_broken:
        return
    if snippet.runner == "console":
        for command in parse_transcript(snippet.source):
            yield from _wrong_status(standing, command)
        return
    match = _EXIT.search(standing.header)
    if not match:
        yield Broken("exit=1 is added", with_words(standing, "exit=1"))
        return
    status, rest = int(match[1]), _EXIT.sub("", standing.header)
    yield Broken(f"exit={status} is dropped", with_header(standing, rest))
    other = replace(standing, files={standing.opening.file: [""] * (standing.opening.line - 1) + [rest]})
    yield Broken(f"exit={status} becomes {status + 1}", with_words(other, f"exit={status + 1}"))


def claimed_broken(standing: Standing) -> Iterator[Broken]:
    """A step that works is said to be broken."""
    attributes, runner = standing.snippet.attributes, standing.snippet.runner
    # With an exit status that is expected anyway, the claim says the same in other words.
    if runner != "file" and not attributes.known_broken and not attributes.exit:
        yield Broken("it is said to be broken", with_words(standing, '.known-broken reason="a mutant"'))


def unclaimed_broken(standing: Standing) -> Iterator[Broken]:
    """A step that is broken is no longer said to be, or said to be so in another way."""
    if not standing.snippet.attributes.known_broken:
        return
    yield Broken("it is said to work", with_header(standing, _CLAIM.sub("", standing.header)))
    if match := _MATCH.search(standing.header):
        header = standing.header.replace(match[0], f'match="{_ALTERED}{match[1]}"')
        yield Broken("match= is changed", with_header(standing, header))


def changed_output(standing: Standing) -> Iterator[Broken]:
    """Each line beneath a command changed, and where the line leaves something out, each of its parts."""
    if standing.snippet.runner != "console":
        return
    for command in parse_transcript(standing.snippet.source):
        for nth, line in enumerate(command.expected):
            if not line.strip() or line.strip() == ELLIPSIS:
                continue
            for detail, other in _altered(line):
                offset = command.expected_offset + nth
                edit = replaced(standing, offset, offset + 1, [other])
                if edit:
                    yield Broken(detail, edit, line=edit.first)


def _altered(line: str) -> Iterator[tuple[str, str]]:
    """A line that says something else, in a word or two."""
    if line.startswith("\\"):
        yield line, f"\\{_ALTERED}{line[1:]}"
    elif line.endswith((" (re)", " (glob)")):
        yield line, _ALTERED + line
    else:
        parts = line.split(ELLIPSIS)
        for nth, part in enumerate(parts):
            if not part.strip():
                continue
            # Behind its blanks: a line that begins otherwise than a command's prompt still does.
            start = len(part) - len(part.lstrip())
            other = [*parts[:nth], part[:start] + _ALTERED + part[start:], *parts[nth + 1 :]]
            detail = (
                line.strip() if len([one for one in parts if one.strip()]) == 1 else f"{line.strip()}, part {nth + 1}"
            )
            yield detail, ELLIPSIS.join(other)


def _wrong_status(standing: Standing, command: Command) -> Iterator[Broken]:
    typed = command.source.split("\n")[0]
    behind = command.expected_offset + len(command.expected)
    at = standing.origin(command.offset).line
    if command.status:
        assert STATUS.match(standing.source[behind])
        dropped = replaced(standing, behind, behind + 1, [])
        changed = replaced(standing, behind, behind + 1, [f"[{command.status % 255 + 1}]"])
        yield from (
            Broken(f"[{command.status}] {what}: {typed}", edit, line=at)
            for what, edit in (("is dropped", dropped), ("is changed", changed))
            if edit
        )
        return
    last = behind - 1
    while last > command.offset and not standing.source[last].strip():
        last -= 1
    edit = replaced(standing, last, last + 1, [standing.source[last], "[1]"])
    if edit:
        yield Broken(f"[1] is added: {typed}", edit, line=at)
