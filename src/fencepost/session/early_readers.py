"""Rewrites pipelines whose reader may close the pipe before the writer is done, where their status decides something.

`seq 1 1000000 | grep -q 5` ends with 141 or 0, depending on which of the two is faster: SIGPIPE may end `seq`. If that
is a failure, a trap forgives it (`fencepost.session.bash_traps`). But bash runs no trap in a condition, so there the
writer is made to end with 0:

    ( trap 'case $? in 141) exit 0; esac' EXIT; ( seq 1 1000000 ) ) | grep -q 5

The writer runs in a subshell, as SIGPIPE ends the whole shell if its `echo` writes. A `||` after the writer wouldn't
do: bash would lift `set -e` in functions and files that the writer calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from fencepost.bash.whole_script import pipelines_of

_A_PIPE = re.compile(r"(?<![|>])\|(?!\|)")
_MAY_DECIDE = re.compile(r"&|\|\||!|\b(?:if|while|until|function)\b|\(\s*\)")
# A snippet with one of these is left as it is: it would show the rewritten commands.
_SHOWS_COMMANDS = re.compile(
    r"\bDEBUG\b|\bset[ \t]+-\w*v|\bverbose\b|\b(?:declare|typeset)[ \t]+-\w*[fp]|(?<!-)\btype[ \t]"
)
# These show functions, which other snippets may define: those stay as they are.
_SHOWS_FUNCTIONS = re.compile(
    r"(?<![-\w.])(?:type|(?:declare|typeset)[ \t]+-\w*f\w*|command[ \t]+-V)(?=[ \t\n]|\Z)(?P<names>[^\n;&|<>]*)"
)
_BEGIN = r"( { \builtin trap '{ case $? in 141)\builtin exit 0;;esac;} 2>/dev/null' EXIT; } 2>/dev/null; "
_BEGIN_PLAINLY = "( trap 'case $? in 141) exit 0; esac' EXIT; "
# A writer with one of these would notice the EXIT trap.
_NOTICES_TRAP = re.compile(r"\$\{?[?_]|PIPESTATUS|\btrap\b")
_END = r'; { \builtin exit "$(($?==141?0:$?))"; } 2>/dev/null; } '
_END_PLAINLY = '; exit "$(($?==141?0:$?))"; } '
# Makes the page's ERR trap, `trap -- 'text' ERR`, ignore an end by SIGPIPE.
_IGNORE_IN_ERR_TRAP = (
    r"{ __trap=$(\builtin trap -p ERR);case $-,$__trap in *E*,?*)"
    r'\builtin printf -v __trap %q "case \$? in 141);;*)\\builtin eval ${__trap:8:-4};;esac";'
    r'\builtin eval "\\builtin trap -- $__trap ERR";;esac;} 2>/dev/null; '
)


def functions_shown(sources: Iterable[str]) -> frozenset[str]:
    """Return the names of functions whose text a page shows, as with `type f`; an empty name stands for all."""
    shown = (match["names"].split() or [""] for source in sources for match in _SHOWS_FUNCTIONS.finditer(source))
    return frozenset(name for names in shown for name in names if re.fullmatch(r"[\w.:+-]*", name))


def forgive_early_readers(
    source: str, *, everywhere: bool = False, plainly: bool = False, shown: Iterable[str] = ()
) -> str:
    """Return a snippet in which a writer that SIGPIPE ends counts as a success. The number of lines stays the same.

    Args:
        source: the snippet's text.
        everywhere: rewrite all pipelines, because an ERR trap of the page's sees each failure.
        plainly: write it readably, for a script that readers get.
        shown: the names of functions that the page shows, which stay as they are.
    """
    if not (_A_PIPE.search(source) and (everywhere or _MAY_DECIDE.search(source))) or _SHOWS_COMMANDS.search(source):
        return source
    insertions: list[tuple[int, str]] = []
    functions_stay = any(_defines(source, name) for name in shown)
    for pipeline in pipelines_of(source):
        if not (pipeline.decides or everywhere) or (pipeline.in_function and functions_stay):
            continue
        for member in pipeline.members:
            begin, end = _around(source[member.begin : member.end], everywhere=everywhere, plainly=plainly)
            # `((` would begin an arithmetic expression.
            blank = " " * (source[member.begin - 1 : member.begin] == "(")
            insertions += [(member.begin, blank + begin), (member.end, end)]
    for at, text in sorted(insertions, key=lambda insertion: insertion[0], reverse=True):
        source = source[:at] + text + source[at:]
    return source


def _defines(source: str, function: str) -> bool:
    name = re.escape(function) or r"[\w.:+-]+"
    return bool(re.search(rf"(?<![\w.:+-]){name}[ \t]*\([ \t]*\)|\bfunction[ \t]+{name}(?![\w.:+-])", source))


def _around(member: str, *, everywhere: bool, plainly: bool) -> tuple[str, str]:
    """Return the text to put before and after a pipeline's member."""
    if _NOTICES_TRAP.search(member):
        return "{ ", _END_PLAINLY if plainly else _END
    begin = _BEGIN_PLAINLY if plainly else _BEGIN
    return begin + (_IGNORE_IN_ERR_TRAP if everywhere else "") + "( ", ") ) "
