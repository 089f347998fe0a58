"""Reads a whole script, command by command."""

from __future__ import annotations

from fencepost.bash.grammar import Grammar
from fencepost.bash.pipeline import Member, Pipeline
from fencepost.bash.unfinished import RefusedError, UnfinishedError

_BEFORE_A_COMMAND = frozenset(("", " ", "\t", "\n", ";", "|", "&", "(", ")"))


def pipelines_of(source: str) -> list[Pipeline]:
    """Return the pipelines of a script, with offsets in its text; none if bash couldn't read all of it."""
    for extglob in (False, True):
        pipelines = _read(source, extglob=extglob)
        if pipelines is not None:
            return [
                pipeline for pipeline in pipelines if all(_has_right_offsets(source, it) for it in pipeline.members)
            ]
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


def _has_right_offsets(source: str, member: Member) -> bool:
    # Text that bash reads twice and lines that it joins may shift the offsets.
    return source.startswith("|", member.end) and source[member.begin - 1 : member.begin] in _BEFORE_A_COMMAND
