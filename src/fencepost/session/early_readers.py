"""Pipelines whose reader may have had enough before their writer is done, where bash decides by how they end.

`seq 1 1000000 | grep -q 5` ends with 141 or 0, depending on which of the two is faster: SIGPIPE ends `seq`, or nothing
does. Where that is a failure, a trap forgives it (`fencepost.session.bash_traps`). In a condition bash asks no trap, so
the writer itself gets to end with 0: `{ seq 1 1000000 || exit "$(($?==141?0:$?))"; } | grep -q 5`.
"""

from __future__ import annotations

import re

from fencepost.bash.whole_script import pipelines_of

_A_PIPE = re.compile(r"(?<![|>])\|(?!\|)")
_MAY_DECIDE = re.compile(r"&|\|\||!|\b(?:if|while|until|function)\b|\(\s*\)")
# What these show would not be what the author wrote, or would come at another time.
_SHOWS_COMMANDS = re.compile(r"\bDEBUG\b|\bset[ \t]+-\w*v|\bverbose\b|\b(?:declare|typeset)[ \t]+-\w*[fp]|\btype[ \t]")
_FORGIVING = r'{ \builtin exit "$(($?==141?0:$?))"; } 2>/dev/null; }'
_FORGIVING_PLAINLY = 'exit "$(($?==141?0:$?))"; }'


def forgive_early_readers(source: str, *, everywhere: bool = False, plainly: bool = False) -> str:
    """A snippet in which no writer that SIGPIPE has ended decides anything; line by line the same.

    Args:
        source: its text.
        everywhere: in all pipelines, for an ERR trap of the page's hears of each that fails.
        plainly: write it for a reader, in a script of theirs.
    """
    if not (_A_PIPE.search(source) and (everywhere or _MAY_DECIDE.search(source))) or _SHOWS_COMMANDS.search(source):
        return source
    insertions: list[tuple[int, str]] = []
    for pipeline in pipelines_of(source):
        if not (pipeline.decides or everywhere):
            continue
        for member in pipeline.members:
            # `||` would lift `set -e` in all of a compound command.
            joined = "; " if member.compound else "|| "
            insertions += [
                (member.begin, "{ "),
                (member.end, joined + (_FORGIVING_PLAINLY if plainly else _FORGIVING) + " "),
            ]
    for at, text in sorted(insertions, key=lambda insertion: insertion[0], reverse=True):
        source = source[:at] + text + source[at:]
    return source
