"""What pages and machines say, as it is shown to people: neither a terminal nor a CI service obeys it."""

from __future__ import annotations

import os
import re

from fencepost.terminal import harmless

# GitHub's runner looks for them in all that a job prints: `::` begins a command at the beginning of a line, behind
# spaces too, `##[` anywhere.
_COMMAND = re.compile(r"^[^\S\n]*(?=::)|##(?=\[)", re.MULTILINE)


def shown(text: str) -> str:
    """Lines as they can be shown: with control characters as pictures, and on GitHub without commands."""
    told = harmless(text)
    # A backslash, for .NET, in which the runner is written, may overlook what has no width. And no `::stop-commands::`
    # around all of it: where its end is missing, after a fault, GitHub would take no annotation either.
    return _COMMAND.sub(r"\g<0>\\", told) if on_github() else told


def shown_on_one_line(text: str) -> str:
    """A name, or whatever else is to begin no line of its own: the ends of lines in it are pictures too."""
    return shown(text.replace("\n", "\N{SYMBOL FOR LINE FEED}"))


def on_github() -> bool:
    """Whether this is a job of GitHub's."""
    return os.environ.get("GITHUB_ACTIONS") == "true"
