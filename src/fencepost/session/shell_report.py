"""What bash tells of a snippet: how it ended, where it failed, which traps the page has set."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import NamedTuple

from fencepost.session.bash_text import FOLLOW


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
    line: str
    subshell: str
    depth: str  # 0 is outside the snippet: our own line that sources it
    command: str


def read_ending(tail: bytes) -> ShellReport:
    """What stands behind the mark: status, whether the end was reached, flags. Nothing where traps are asked for."""
    match = re.match(rb"^(\d+) (\d) (\S*)$", tail)
    if not match:
        return ShellReport()
    return ShellReport(int(match[1]), match[3].decode("ascii", "replace"), match[2] == b"1")


def read_remarks(remarks: bytes, report: ShellReport | None = None) -> ShellReport:
    """Adds what came on standard error to what came behind the mark."""
    report = report or ShellReport()
    text = remarks.decode("utf-8", "replace")
    if match := re.search(r"^S (\d+) (\d) (\S*)$", text, re.MULTILINE):
        report.status, report.flags, report.returned_early = int(match[1]), match[3], match[2] == "1"
        report.traps = _read_traps(text[match.end() :])
        text = text[: match.start()]
    told = [_Told(*found) for found in re.findall(r"^([EL]) (\d+) (\d+) (\d+) (.*)$", text, re.MULTILINE)]
    # The innermost command of the shell itself comes first; what subshells and background jobs say, or lines that
    # only passed by, count where there is nothing better.
    failed = [item for item in told if item.kind == "E" and item.depth != "0"]
    own = [item for item in failed if item.subshell == "0"]
    passed = [item for item in told if item.kind == "L"]
    best = own[0] if own else passed[-1] if passed else failed[-1] if failed else None
    if best:
        report.line, report.command = int(best.line), _unquoted(best.command)
    if own:
        report.returned_early = False
    return report


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
