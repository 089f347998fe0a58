"""Make texts from pages and machines safe to print: no control sequences, and no commands for CI services."""

from __future__ import annotations

import os
import re

from fencepost.terminal import harmless

# GitHub's runner looks for commands in everything that a job prints: `::` starts one at the beginning of a line, also
# after spaces, and `##[` anywhere.
_COMMAND = re.compile(r"^[^\S\n]*(?=::)|##(?=\[)", re.MULTILINE)


def shown(text: str) -> str:
    """Return lines that are safe to print: control characters become pictures, and on GitHub commands are broken."""
    safe = harmless(text)
    # With a backslash: the runner is a .NET program, and .NET may ignore characters without a width. And not with
    # `::stop-commands::` around the text: if a crash lost its end, GitHub would ignore our annotations too.
    return _COMMAND.sub(r"\g<0>\\", safe) if on_github() else safe


def shown_on_one_line(text: str) -> str:
    """Return a name or a message that is safe to print, with line ends as pictures too."""
    return shown(text.replace("\n", "\N{SYMBOL FOR LINE FEED}"))


def on_github() -> bool:
    """Return whether this is a GitHub Actions job."""
    return os.environ.get("GITHUB_ACTIONS") == "true"
