"""Break what a page says about its steps: exit statuses, outputs, and which steps are known to be broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from fencepost.mutate.edits import replaced, with_header, with_words
from fencepost.mutate.mutant import Broken
from fencepost.mutate.standing import Standing
from fencepost.transcript.match import ELLIPSIS
from fencepost.transcript.parse import STATUS, Command

_EXIT = re.compile(r"\s+exit=(\d+)")
_CLAIM = re.compile(r"\s+(?:\.known-broken|reason=\"[^\"]*\"|match=\"[^\"]*\")")
_MATCH = re.compile(r"match=\"([^\"]*)\"")
_ALTERED = "~"


def wrong_exit(standing: Standing) -> Iterator[Broken]:
    """Expect another exit status: in the header, or under a command of a transcript."""
    snippet = standing.snippet
    if standing.is_file or snippet.attributes.known_broken:
        return
    if standing.kind.is_transcript:
        for command in standing.kind.commands(snippet.source):
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
    """Say that a step is broken that works."""
    attributes = standing.snippet.attributes
    # For a step that is expected to fail anyway, this would change nothing.
    if not standing.is_file and not attributes.known_broken and not attributes.exit:
        yield Broken("it is said to be broken", with_words(standing, '.known-broken reason="a mutant"'))


def unclaimed_broken(standing: Standing) -> Iterator[Broken]:
    """Say that a step works that is known to be broken, or that it is broken in another way."""
    if not standing.snippet.attributes.known_broken:
        return
    yield Broken("it is said to work", with_header(standing, _CLAIM.sub("", standing.header)))
    if match := _MATCH.search(standing.header):
        header = standing.header.replace(match[0], f'match="{_ALTERED}{match[1]}"')
        yield Broken("match= is changed", with_header(standing, header))


def changed_output(standing: Standing) -> Iterator[Broken]:
    """Change each line under a command; of a line with `...`, each of its parts."""
    if not standing.kind.is_transcript:
        return
    for command in standing.kind.commands(standing.snippet.source):
        for nth, line in enumerate(command.expected):
            if not line.strip() or line.strip() == ELLIPSIS:
                continue
            for detail, other in _altered(line):
                offset = command.expected_offset + nth
                edit = replaced(standing, offset, offset + 1, [other])
                if edit:
                    yield Broken(detail, edit, line=edit.first)


def _altered(line: str) -> Iterator[tuple[str, str]]:
    """Return variants of a line, each with its detail."""
    if line.startswith("\\"):
        yield line, f"\\{_ALTERED}{line[1:]}"
    elif line.endswith((" (re)", " (glob)")):
        yield line, _ALTERED + line
    else:
        parts = line.split(ELLIPSIS)
        for nth, part in enumerate(parts):
            if not part.strip():
                continue
            # After its leading spaces, so that the line doesn't become one that begins like a prompt.
            start = len(part) - len(part.lstrip())
            other = [*parts[:nth], part[:start] + _ALTERED + part[start:], *parts[nth + 1 :]]
            alone = sum(bool(other_part.strip()) for other_part in parts) == 1
            yield line.strip() if alone else f"{line.strip()}, part {nth + 1}", ELLIPSIS.join(other)


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
