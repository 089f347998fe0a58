"""Finds a shell's notices of jobs that have ended. They come at any time, so they belong to no command's output."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ENDED = (
    r"(?:Done(?:\(\d+\))?|Exit \d+|Hangup|Interrupt|Quit|Illegal instruction|Trace/breakpoint trap|Aborted|Bus error"
    r"|Floating point exception|Killed|User defined signal [12]|Segmentation fault|Broken pipe|Alarm clock|Terminated"
    r"|Stack fault|(?:CPU time|File size) limit exceeded|(?:Virtual|Profiling) timer expired|I/O possible|Power failure"
    r"|Bad system call|(?:Real-time|Unknown) signal \d+)"
)
# `...` as in a page. Without a `+` or `-`, only the blanks distinguish a notice from other programs' output.
_NOTICE = re.compile(
    rf"\[(?:\d+|\.\.\.)\](?:[-+] +{_ENDED}(?:\.\.\.| .*|$)"
    rf"| {{3,}}{_ENDED}(?: *\.\.\.| {{2,}}\S.*| +\(core dumped\) .*))"
)
_LIKE_A_NOTICE = re.compile(r"\[(?:\d+|\.\.\.)\](?:[-+] | {3})")
# bash prints a loop or a condition on several lines. If a job was started in another directory, it prints its own, too.
_GOES_ON = re.compile(r".*(?:;|\b(?:do|then|in))$")
_WITHIN = re.compile(r"\s|(?:do|then|else)$|elif ")
_END = re.compile(r"(?:done|fi|esac)\b")
_WHERE_NOW = re.compile(r"\(wd now: .*\)$")
_DIGITS = re.compile(r"(?:\\d|\[0-9\])\+?")
_ESCAPED = re.compile(r"\\(.)")


def may_hold_notices(text: str) -> bool:
    """Return whether it is worth looking for notices in a text."""
    return _LIKE_A_NOTICE.search(text) is not None


def notices_in(lines: Sequence[str]) -> set[int]:
    """Return the indices of the lines that belong to notices of jobs that have ended."""
    indices: set[int] = set()
    for index, line in enumerate(lines):
        if line[:1] == "[" and index not in indices and _NOTICE.fullmatch(line.rstrip()):
            indices.update(range(index, _end_of_notice(lines, index)))
    return indices


def notices_on_page(expected: Sequence[str]) -> set[int]:
    r"""Return the same for the lines that a page shows, which may have a `\` in front and ` (re)` at the end."""
    if "[" not in "".join(expected):
        return set()
    return notices_in([_without_syntax(line) if "[" in line else line for line in expected])


def _without_syntax(line: str) -> str:
    if line.endswith(" (re)"):
        return _ESCAPED.sub(r"\1", _DIGITS.sub("1", line.removesuffix(" (re)")))
    return line.removeprefix("\\")


def _end_of_notice(lines: Sequence[str], start: int) -> int:
    """Return the index after the last line of a notice."""
    end = start + 1
    if _GOES_ON.fullmatch(lines[start].rstrip()):
        closing = end
        while closing < len(lines) and _WITHIN.match(lines[closing]):
            closing += 1
        if closing < len(lines) and _END.match(lines[closing]):
            end = closing + 1
    if end < len(lines) and _WHERE_NOW.match(lines[end].rstrip()):
        end += 1
    return end
