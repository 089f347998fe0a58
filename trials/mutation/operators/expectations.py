"""Breaks what a page says about its steps: exit statuses, outputs, and which steps are broken."""

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
    """Change an exit status, in the header or under a command of a transcript."""
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
    """Mark a working step as known to be broken."""
    attributes, runner = standing.snippet.attributes, standing.snippet.runner
    # Not with an expected exit status, where the mark would mean the same.
    if runner != "file" and not attributes.known_broken and not attributes.exit:
        yield Broken("it is said to be broken", with_words(standing, '.known-broken reason="a mutant"'))


def unclaimed_broken(standing: Standing) -> Iterator[Broken]:
    """Remove the mark of a step that is known to be broken, or change its `match=`."""
    if not standing.snippet.attributes.known_broken:
        return
    yield Broken("it is said to work", with_header(standing, _CLAIM.sub("", standing.header)))
    if match := _MATCH.search(standing.header):
        header = standing.header.replace(match[0], f'match="{_ALTERED}{match[1]}"')
        yield Broken("match= is changed", with_header(standing, header))


def changed_output(standing: Standing) -> Iterator[Broken]:
    """Change each line of an output; in a line with `...`, each part."""
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
    """Yield changed versions of a line, each with a description."""
    if line.startswith("\\"):
        yield line, f"\\{_ALTERED}{line[1:]}"
    elif line.endswith((" (re)", " (glob)")):
        yield line, _ALTERED + line
    else:
        parts = line.split(ELLIPSIS)
        for nth, part in enumerate(parts):
            if not part.strip():
                continue
            # After the blanks, so that a line that doesn't begin with a prompt still doesn't.
            start = len(part) - len(part.lstrip())
            changed = [*parts[:nth], part[:start] + _ALTERED + part[start:], *parts[nth + 1 :]]
            detail = (
                line.strip()
                if len([text for text in parts if text.strip()]) == 1
                else f"{line.strip()}, part {nth + 1}"
            )
            yield detail, ELLIPSIS.join(changed)


def _wrong_status(standing: Standing, command: Command) -> Iterator[Broken]:
    typed = command.source.split("\n")[0]
    after = command.expected_offset + len(command.expected)
    at = standing.origin(command.offset).line
    if command.status:
        assert STATUS.match(standing.source[after])
        dropped = replaced(standing, after, after + 1, [])
        changed = replaced(standing, after, after + 1, [f"[{command.status % 255 + 1}]"])
        yield from (
            Broken(f"[{command.status}] {what}: {typed}", edit, line=at)
            for what, edit in (("is dropped", dropped), ("is changed", changed))
            if edit
        )
        return
    last = after - 1
    while last > command.offset and not standing.source[last].strip():
        last -= 1
    edit = replaced(standing, last, last + 1, [standing.source[last], "[1]"])
    if edit:
        yield Broken(f"[1] is added: {typed}", edit, line=at)
