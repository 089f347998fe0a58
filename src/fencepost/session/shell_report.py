"""What bash tells of a snippet: how it ended, where it failed, which traps the page has set."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import NamedTuple

from fencepost.session.bash_text import FOLLOW

# What bash calls the text of a snippet.
_SNIPPET = "/dev/stdin"
# A word as bash's %q writes it.
_WORD = re.compile(r"(?:\\.|\$'(?:[^'\\]|\\.)*'|\S)+")
_STATUS = r"([0-9]{1,2}|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
# `$?`, `$-`, and PS2, which may be the page's own and then may hold anything.
_TOLD = re.compile(rf"{_STATUS} (\S*) (.*)")
_ENDING = re.compile(rf"{_STATUS} (\S*)")
_ENDING_IN_REMARKS = re.compile(rf"^S {_STATUS} (\S*)$", re.MULTILINE)
# A longer number is none of bash's.
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass
class ShellReport:
    """What a snippet told of itself.

    Attributes:
        status: its exit status.
        flags: the shell's flags at its end, as in `$-`.
        returned_early: it left with `return` before its end.
        line: where it failed; 0 for unknown.
        command: the command that failed; empty for unknown.
        traps: the page's traps at its end, by name.
    """

    status: int = 0
    flags: str = ""
    returned_early: bool = False
    line: int = 0
    command: str = ""
    traps: dict[str, str] = field(default_factory=dict)


class _Told(NamedTuple):
    """One line of what a snippet told on the way: a failure (`E`) or a command passing by (`L`)."""

    kind: str
    line: int
    subshell: int
    depth: int  # 0 is outside the snippet: our own line that sources it
    command: str


def take_out(output: bytes, mark: bytes) -> tuple[bytes, bytes]:
    """What a snippet printed, without the line of the mark, and what that line says behind it; empty without one."""
    before, found, rest = output.partition(mark)
    told, _, after = rest.partition(b"\n")
    return before + after, told if found else b""


def read_ending(told: bytes, at_the_end: bytes, reached: int) -> ShellReport:
    """What bash told when the snippet was over.

    Args:
        told: what stands behind the mark: status, flags, what PS2 holds. Empty where an error took bash past it; then
            nothing has passed.
        at_the_end: what stands behind the end mark: status and flags. Empty where traps are asked for.
        reached: what PS2 holds when a snippet came to its end.
    """
    if match := _TOLD.fullmatch(told.decode("utf-8", "replace")):
        return ShellReport(int(match[1]), match[2], match[3] != str(reached))
    match = _ENDING.fullmatch(at_the_end.decode("utf-8", "replace"))
    return ShellReport(int(match[1]) or 1, match[2]) if match else ShellReport(1)


def read_remarks(remarks: bytes, report: ShellReport | None = None) -> ShellReport:
    """Adds what came on standard error to what came behind the mark.

    A snippet may write there too: nothing that is told there makes a failure a success.
    """
    report = report or ShellReport()
    if not remarks:
        return report
    text = remarks.decode("utf-8", "replace")
    if match := _ENDING_IN_REMARKS.search(text):
        if not report.flags:
            # An error took bash past the mark; it came here with the error's own status.
            report.status, report.flags = int(match[1]) or report.status, match[2]
        report.traps = _read_traps(text[match.end() :])
    told = [item for line in text.split("\n") if (item := _read_told(line))]
    # The innermost command of the shell itself comes first; what background jobs say, or lines that only passed by,
    # count where there is nothing better.
    failed = [item for item in told if item.kind == "E" and item.depth]
    own = [index for index, item in enumerate(failed) if not item.subshell]
    passed = [item for item in told if item.kind == "L"]
    best = _innermost(failed, own[0]) if own else passed[-1] if passed else failed[-1] if failed else None
    if best:
        report.line, report.command = best.line, best.command
    if own:
        # A trap of the page's own may have left with another status.
        report.status, report.returned_early = report.status or 1, False
    return report


def _read_told(line: str) -> _Told | None:
    words = [_unquoted(word) for word in _WORD.findall(line)]
    if len(words) < 5 or words[0] not in {"E", "L"} or not all(map(_NUMBER.fullmatch, words[1:4])):
        return None
    at, subshell, depth = (int(word) for word in words[1:4])
    lines, sources = words[4 : 4 + depth], words[4 + depth : 4 + 2 * depth]
    # Where bash is in a file that the snippet sourced, the page's line is the one that led there.
    if _SNIPPET in sources and (outer := sources.index(_SNIPPET)) and _NUMBER.fullmatch(lines[outer - 1]):
        at = int(lines[outer - 1])
    return _Told(words[0], at, subshell, depth, words[-1])


def _innermost(failed: list[_Told], own: int) -> _Told:
    """A subshell fails from the inside out, and names its last line at the end: the first to tell knows best."""
    while own and failed[own - 1].subshell > failed[own].subshell:
        own -= 1
    return failed[own]


def _read_traps(text: str) -> dict[str, str]:
    at = text.find("trap -- ")
    try:
        words = shlex.split(text[at:]) if at >= 0 else []
    except ValueError:
        return {}
    traps = {}
    for index in range(0, len(words) - 3, 4):
        if words[index] == "trap" and words[index + 2] != FOLLOW:
            traps[words[index + 3]] = words[index + 2]
    return traps


def _unquoted(command: str) -> str:
    # bash's %q: either $'...' or backslashes.
    if command.startswith("$'") and command.endswith("'"):
        inner = command[2:-1]
        return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), inner)
    return re.sub(r"\\(.)", r"\1", command)
