"""Finds lines that look like the start of a step, but that the site shows as text, so that the step would be lost.

superfences decides what a fence is. The lines that it leaves alone are flagged in the page's text, to see where the
site puts them. In an indented code block or a comment they are fine; in prose they are an error.
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
    """Return a pattern for lines that look like the start of a fence that runs or is written to a file.

    As in CommonMark, no backtick may follow the opening backticks.
    """
    return re.compile(
        r"^[> \t]*(?:(?:[-*+]|\d+[.)])[ \t]+)*(?P<ticks>`{3,}|~{3,})[ \t]*\{?[ \t]*\.?(?P<before>[\"'!$<]?)(?P<lang>(?:"
        + "|".join(map(re.escape, languages))
        + r")(?![\w.+#-])|[\w.+#-]*(?=[\s}{][^`]*\bfile=))(?P<rest>[^`]*)$",
        re.IGNORECASE,
    )


@dataclass
class UnparsedFence:
    """A line that looks like the start of a fence but isn't one for the site: its index, its text, and why."""

    index: int
    text: str
    why: str


def _match(line: str) -> re.Match[str] | None:
    return _opener(tuple(registry().languages)).match(line)


def flag_openers(lines: Sequence[str], folded: Mapping[int, int]) -> tuple[list[str], dict[int, str]]:
    """Flag the openers that superfences left alone.

    Args:
        lines: the page, each fence folded into one line.
        folded: for each fence, the index of its first line and of the line after it, in the unfolded page.

    Returns:
        The lines with flags, and the flagged lines by their index in the unfolded page.
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
    """Return what is probably wrong with an opener; `below` are the lines that follow it."""
    match = _match(opener)
    rest = match["rest"].strip() if match else ""
    if match and re.match(r"^[> \t]*(?:[-*+]|\d+[.)])[ \t]", opener):
        return "a fence can't start on the line of its list marker"
    if match and (match["before"] or re.match(r"[^\s{}]", match["rest"])):
        language = f"{match['before']}{match['lang']}{match['rest'].split()[0] if rest else ''}"
        return f"the site doesn't read `{language}` as a language"
    if rest and not rest.startswith("{") and not re.search(r"\{\s*\.?\w", opener):
        return "attributes need braces around them"
    if rest.count("{") != rest.count("}"):
        return "its braces don't close"
    ticks = re.escape(match["ticks"]) if match else "```"
    if not any(re.match(rf"^[> \t]*{ticks}[ \t]*$", line) for line in below):
        return "it is never closed"
    return "its lines are not indented alike, or its header is not understood"
