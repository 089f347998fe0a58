"""Reads what bash reports of a snippet: how it ended, where it failed, which traps the page has set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from fencepost.session.bash_traps import FOLLOW, LIFT
from fencepost.session.shell_state import NO_PROMPT

# What bash calls the text of a snippet.
_SNIPPET = "/dev/stdin"
# A word as bash's %q writes it.
_WORD = re.compile(r"(?:\\.|\$'(?:[^'\\]|\\.)*'|\S)+")
_STATUS = r"([0-9]{1,2}|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
# `$?`, `$-`, and five words: PS2, which may be the page's own and hold anything, PS1, PROMPT_COMMAND, SHELLOPTS, PS0.
_ANSWER = re.compile(rf"{_STATUS} (\S*) (.*)", re.DOTALL)
_ON_THE_WAY_OUT = re.compile(r"[XL]([1-9][0-9]{0,2})(?!\S)")
_BEGINS = re.compile(r"^B ([0-9]{1,9})$", re.MULTILINE)
# PS2 behind a command that was typed: `$?`, PIPESTATUS, `$_`.
_TYPED = re.compile(rf":{_STATUS}:([0-9 ]*):(.*)", re.DOTALL)
_WATCHED = re.compile(rf"^(?:W {_STATUS} (.*)|P ([0-9 ]+))$", re.MULTILINE)
_SIGPIPE = 141
_ENDING = re.compile(rf"{_STATUS} (\S*)")
_ENDING_IN_REMARKS = re.compile(rf"^S {_STATUS} (\S*)$", re.MULTILINE)
# As `trap -p` shows them: bash ends a quote, and writes `\'`, for each quote within.
_TRAP = re.compile(r"^trap -- ('(?:[^']|'\\'')*') (ERR|DEBUG|RETURN)$", re.MULTILINE)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {
    b"a": b"\a",
    b"b": b"\b",
    b"e": b"\x1b",
    b"E": b"\x1b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"v": b"\v",
}
# A longer number is none of bash's.
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass
class ShellReport:
    """What bash reports of a snippet.

    Attributes:
        status: its exit status.
        flags: the shell's flags at its end, as in `$-`.
        returned_early: it left with `return` before its end.
        line: where it failed; 0 for unknown.
        command: the command that failed; empty for unknown.
        place: file and line of that command, where it stands in a file that the snippet has sourced.
        traps: the page's traps at its end, by name.
        statuses: of the members of the last pipeline that was typed; empty for unknown.
        last_argument: `$_` behind what was typed; `None` for unknown.
        prompt, prompt_command, before_output: PS1, PROMPT_COMMAND and PS0 at its end, where the page has set them.
        options: of `e`, `E` and `pipefail`, those that are set behind what was typed.
        overlooked: what failed left of a `;` or a `|`: exit status and command, which is empty for a pipeline's member.
    """

    status: int = 0
    flags: str = ""
    returned_early: bool = False
    line: int = 0
    command: str = ""
    place: str = ""
    traps: dict[str, str] = field(default_factory=dict)
    statuses: tuple[int, ...] = ()
    last_argument: str | None = None
    prompt: str = ""
    prompt_command: str = ""
    before_output: str = ""
    options: frozenset[str] = frozenset()
    overlooked: tuple[tuple[int, str], ...] = ()


class _Told(NamedTuple):
    """One line of what a snippet reports on the way: a failure (`E`) or a command passing by (`L`)."""

    kind: str
    line: int
    subshell: int
    depth: int  # 0 is outside the snippet: our own line that sources it
    command: str
    place: str


def take_out(output: bytes, mark: bytes) -> tuple[bytes, bytes, bytes]:
    """What a snippet printed, what the line of the mark says behind it, and what was printed after that line."""
    before, _, rest = output.partition(mark)
    answer, _, after = rest.partition(b"\n")
    return before, answer, after


def read_ending(answer: bytes, at_the_end: bytes, reached: int, *, evaluated: bool = False) -> ShellReport:
    """Reads how a snippet ended.

    Args:
        answer: what stands behind the mark: status, flags, PS2, PS1, PROMPT_COMMAND, SHELLOPTS, PS0. Empty where an
            error took bash past it; then nothing has passed.
        at_the_end: what stands behind the end mark: status and flags. Empty where traps are asked for.
        reached: what PS2 begins with when a snippet has come to its end.
        evaluated: it was evaluated within a loop, which it breaks where it fails: the status is in PS2 then.
    """
    if match := _ANSWER.fullmatch(answer.decode("utf-8", "surrogateescape")):
        report = ShellReport(int(match[1]), match[2])
        _read_words(match[3], str(reached), report)
        if evaluated and (left := _ON_THE_WAY_OUT.match(match[3])):
            report.status, report.returned_early = int(left[1]), False
        elif evaluated:
            _came_to_its_end(report)
        return report
    match = _ENDING.fullmatch(at_the_end.decode("utf-8", "replace"))
    return ShellReport(int(match[1]) or 1, match[2]) if match else ShellReport(1)


def _read_words(text: str, reached: str, report: ShellReport) -> None:
    """Reads PS2, and the settings where they were asked for."""
    if text == reached:
        _came_to_its_end(report)
        return
    ps2, prompt, prompt_command, options, before, *_ = [_unquoted(word) for word in _WORD.findall(text)] + [""] * 5
    report.prompt, report.prompt_command, report.before_output = prompt, prompt_command, before
    if prompt == NO_PROMPT:
        report.prompt = ""
    report.options = frozenset(
        [flag for flag in "eE" if flag in report.flags] + ["pipefail"] * ("pipefail" in options.split(":"))
    )
    if typed := _TYPED.fullmatch(ps2.removeprefix(reached)):
        report.status, report.last_argument = int(typed[1]), typed[3]
        report.statuses = tuple(int(status) for status in typed[2].split() if int(status) < 256)
    elif ps2 == reached:
        _came_to_its_end(report)
    else:
        report.returned_early = True


def _came_to_its_end(report: ShellReport) -> None:
    if report.status == _SIGPIPE and "T" in report.flags:
        # The last command was a pipeline that is forgiven.
        report.status = 0


def read_remarks(remarks: bytes, report: ShellReport | None = None, *, line: int = 0) -> ShellReport:
    """Adds what came on standard error to what came behind the mark.

    A snippet may write there too: nothing that is reported there makes a failure a success.

    Args:
        remarks: what came.
        report: what came behind the mark.
        line: the number of the snippet's first line, for one that was evaluated: bash counts its own lines there.
    """
    report = report or ShellReport()
    if not remarks:
        return report
    text = remarks.decode("utf-8", "replace")
    if (match := _ENDING_IN_REMARKS.search(text)) and not report.flags:
        # An error took bash past the mark; it came here with the error's own status.
        report.status, report.flags = int(match[1]) or report.status, match[2]
    report.traps = _read_traps(text)
    report.overlooked = tuple(_read_overlooked(text))
    begins = _BEGINS.search(text)
    shift = line - 1 - int(begins[1]) if begins else 0
    told = [item for said in text.split("\n") if (item := _read_told(said, shift, evaluated=begins is not None))]
    # The innermost command of the shell itself comes first; what background jobs say, or lines that only passed by,
    # count where there is nothing better.
    failed = [item for item in told if item.kind == "E" and (item.depth or begins)]
    own = [index for index, item in enumerate(failed) if not item.subshell]
    passed = [item for item in told if item.kind == "L"]
    best = _innermost(failed, own[0]) if own else passed[-1] if passed else failed[-1] if failed else None
    if best:
        report.line, report.command, report.place = best.line, best.command, best.place
    if own:
        # A trap of the page's own may have left with another status.
        report.status, report.returned_early = report.status or 1, False
    return report


def _read_told(line: str, shift: int, *, evaluated: bool) -> _Told | None:
    words = [_unquoted(word) for word in _WORD.findall(line)]
    if len(words) < 5 or words[0] not in {"E", "L"} or not all(map(_NUMBER.fullmatch, words[1:4])):
        return None
    at, subshell, depth = (int(word) for word in words[1:4])
    lines, sources = words[4 : 4 + depth], words[4 + depth : 4 + 2 * depth]
    # Where bash is in a file that the snippet sourced, the page's line is the one that led there.
    if _SNIPPET in sources and (outer := sources.index(_SNIPPET)) and _NUMBER.fullmatch(lines[outer - 1]):
        at = int(lines[outer - 1])
    elif evaluated and depth and _NUMBER.fullmatch(lines[-1]):
        # At a prompt a function counts its own lines: the line that called it is known.
        at = int(lines[-1])
    at = max(0, at + shift)
    place = f"{sources[0]}:{words[1]}" if sources and sources[0] not in {_SNIPPET, "main"} else ""
    return _Told(words[0], at, subshell, depth, words[-1], place)


def _read_overlooked(text: str) -> Iterator[tuple[int, str]]:
    for match in _WATCHED.finditer(text):
        if match[1]:
            yield int(match[1]), _unquoted(match[2])
        else:
            *before_the_last, _ = match[3].split() or [""]
            yield from ((int(status), "") for status in before_the_last if int(status) not in {0, _SIGPIPE})


def _innermost(failed: list[_Told], own: int) -> _Told:
    """A subshell fails from the inside out, and names its last line at the end: the first to tell knows best."""
    while own and failed[own - 1].subshell > failed[own].subshell:
        own -= 1
    return failed[own]


def _read_traps(text: str) -> dict[str, str]:
    """The traps that `trap -p` has shown: the last one of each name."""
    traps = {}
    for match in _TRAP.finditer(text):
        command = match[1][1:-1].replace("'\\''", "'")
        if command not in {FOLLOW, LIFT}:
            traps[match[2]] = command
    return traps


def _unquoted(word: str) -> str:
    """A word as bash's %q has written it: either $'...' or backslashes, or '' for nothing."""
    if "\\" not in word and "'" not in word:
        return word
    if word == "''":
        return ""
    if not (word.startswith("$'") and word.endswith("'")):
        return re.sub(r"\\(.)", r"\1", word, flags=re.DOTALL)
    raw = _ESCAPE.sub(_escaped, word[2:-1].encode("utf-8", "surrogateescape"))
    return raw.decode("utf-8", "surrogateescape")


def _escaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if b"0" <= code[:1] <= b"7":
        return bytes([int(code, 8) & 255])
    return _ESCAPED.get(code, code)
