"""Lines that look like a fence that runs, or is written to a file, and that the site shows as text: a step that would
vanish silently.

superfences decides; what it leaves alone is flagged, in the page's own text, to see where the site puts it. In an
indented code block or a comment nobody takes it for a step; in prose it is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from fencepost.kinds.registry import registry

FLAG = re.compile("\ue0f0(\\d+)\ue0f1")


@cache
def _opener(languages: tuple[str, ...]) -> re.Pattern[str]:
    """A line that any reader takes for the start of a runnable fence, or of one that is to be written to a file.

    CommonMark allows no backtick after backticks.
    """
    return re.compile(
        r"^[> \t]*(?:(?:[-*+]|\d+[.)])[ \t]+)*(?P<ticks>`{3,}|~{3,})[ \t]*\{?[ \t]*\.?(?P<before>[\"'!$<]?)(?P<lang>(?:"
        + "|".join(map(re.escape, languages))
        + r")(?![\w.+#-])|[\w.+#-]*(?=[\s}{][^`]*\bfile=))(?P<rest>[^`]*)$",
        re.IGNORECASE,
    )


@dataclass
class UnparsedFence:
    """A line that looks like a runnable fence and that the site doesn't render as one: an index, and why."""

    index: int
    text: str
    why: str


def _match(line: str) -> re.Match[str] | None:
    return _opener(tuple(registry().languages)).match(line)


def flag_openers(lines: Sequence[str], folded: Mapping[int, int]) -> tuple[list[str], dict[int, str]]:
    """Flags the openers that superfences left alone.

    Args:
        lines: the page, each fence folded into one line.
        folded: for each fence, the index of its first line and that behind its last, in the unfolded page.

    Returns:
        The lines, and those that were flagged, by their index in the unfolded page.
    """
    flagged: dict[int, str] = {}
    marked = []
    index = 0
    for line in lines:
        if index in folded:
            marked.append(line)
            index = folded[index]
            continue
        if ("```" in line or "~~~" in line) and _match(line):
            flagged[index] = line
            marked.append(f"{line.rstrip()}\ue0f0{index}\ue0f1")
        else:
            marked.append(line)
        index += 1
    return marked, flagged


def why_unparsed(opener: str, below: Sequence[str]) -> str:
    """What is probably wrong with an opener, for its author; `below` are the lines that follow it."""
    match = _match(opener)
    rest = match["rest"].strip() if match else ""
    if match and re.match(r"^[> \t]*(?:[-*+]|\d+[.)])[ \t]", opener):
        return "a fence can't start on the line of its list marker"
    if match and (match["before"] or re.match(r"[^\s{}]", match["rest"])):
        return (
            f"`{match['before']}{match['lang']}{match['rest'].split()[0] if rest else ''}` is no language for the site"
        )
    if rest and not rest.startswith("{") and not re.search(r"\{\s*\.?\w", opener):
        return "attributes need braces around them"
    if rest.count("{") != rest.count("}"):
        return "its braces don't close"
    ticks = re.escape(match["ticks"]) if match else "```"
    if not any(re.match(rf"^[> \t]*{ticks}[ \t]*$", line) for line in below):
        return "it is never closed"
    return "its lines are not indented alike, or its header is not understood"
