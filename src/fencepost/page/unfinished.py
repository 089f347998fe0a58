"""Commands that stop in the middle, of which bash itself wouldn't complain: it would wait for the next line."""

from __future__ import annotations

import re

# Behind a `#` stands a comment, more often than not.
_UNFINISHED = re.compile(r"^[^#\n]*?(?<!\\)(&&|\|\||\|&?)\Z", re.MULTILINE)


def unfinished_by(source: str) -> str:
    """The `&&`, `||`, `|` or `|&` in which a source for bash ends; empty where it doesn't.

    A session would take its own next line for the rest of such a command.
    """
    found = _UNFINISHED.search(source.rstrip())
    return found[1] if found else ""
