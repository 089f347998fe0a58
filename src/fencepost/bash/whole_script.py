"""Reads a whole script, one command after the other."""

from __future__ import annotations

from fencepost.bash.grammar import Grammar
from fencepost.bash.pipeline import Member, Pipeline
from fencepost.bash.unfinished import RefusedError, UnfinishedError

_BEFORE_A_COMMAND = frozenset(("", " ", "\t", "\n", ";", "|", "&", "(", ")"))


def pipelines_of(source: str) -> list[Pipeline]:
    """The pipelines of a script, with offsets in its text; none where bash couldn't read all of it."""
    for extglob in (False, True):
        found = _read(source, extglob=extglob)
        if found is not None:
            return [pipeline for pipeline in found if all(_stands_there(source, member) for member in pipeline.members)]
    return []


def _read(source: str, *, extglob: bool) -> list[Pipeline] | None:
    lines = source.split("\n")
    grammar = Grammar(iter(lines), extglob=extglob)
    try:
        while grammar.taken < len(lines):
            grammar.command_line()
    except (UnfinishedError, RefusedError):
        return None
    return grammar.pipelines


def _stands_there(source: str, member: Member) -> bool:
    # Text that bash reads twice, and lines that it joins, may shift an offset.
    return source.startswith("|", member.end) and source[member.begin - 1 : member.begin] in _BEFORE_A_COMMAND
