"""Reads bash's reports about a snippet: how it ended, where it failed, which traps the page has set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from fencepost.session.bash_traps import FOLLOW, LIFT
from fencepost.session.shell_state import NO_PROMPT

# The file name that bash uses for a snippet.
_SNIPPET = "/dev/stdin"
# A word as bash's %q writes it.
_WORD = re.compile(r"(?:\\.|\$'(?:[^'\\]|\\.)*'|\S)+")
_STATUS = r"([0-9]{1,2}|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
# `$?`, `$-`, and up to five words: PS2 (the page may have set it to anything), PS1, PROMPT_COMMAND, SHELLOPTS, PS0.
_ANSWER = re.compile(rf"{_STATUS} (\S*) (.*)", re.DOTALL)
_ON_THE_WAY_OUT = re.compile(r"[XL]([1-9][0-9]{0,2})(?!\S)")
_BEGINS = re.compile(r"^B ([0-9]{1,9})$", re.MULTILINE)
# PS2 after a command that was typed: `$?`, PIPESTATUS, `$_`.
_TYPED = re.compile(rf":{_STATUS}:([0-9 ]*):(.*)", re.DOTALL)
_WATCHED = re.compile(rf"^(?:W {_STATUS} (.*)|P ([0-9 ]+))$", re.MULTILINE)
_SIGPIPE = 141
_ENDING = re.compile(rf"{_STATUS} (\S*)")
_ENDING_IN_REMARKS = re.compile(rf"^S {_STATUS} (\S*)$", re.MULTILINE)
# As printed by `trap -p`, where `'\''` stands for each quote.
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
# bash prints no longer numbers here.
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass
class ShellReport:
    """What bash reports about a snippet.

    Attributes:
        status: its exit status.
        flags: the shell's flags at its end, as in `$-`.
        returned_early: it left with `return` before its end.
        line: where it failed; 0 if unknown.
        command: the command that failed; empty if unknown.
        place: file and line of that command, if it is in a file that the snippet has sourced.
        traps: the page's traps at its end, by name.
        statuses: the exit statuses of the last typed pipeline's members; empty if unknown.
        last_argument: `$_` after a typed command; `None` if unknown.
        prompt, prompt_command, before_output: PS1, PROMPT_COMMAND and PS0 at its end, if the page has set them.
        options: those of `e`, `E` and `pipefail` that are set after a typed command.
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


class _Remark(NamedTuple):
    """One line that is reported while a snippet runs: a failure (`E`) or a command that runs (`L`)."""

    kind: str
    line: int
    subshell: int
    depth: int  # 0 is outside the snippet: our own line that sources it
    command: str
    place: str


def split_at_mark(output: bytes, mark: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the output before the mark, the rest of the mark's line, and the output after that line."""
    before, _, rest = output.partition(mark)
    answer, _, after = rest.partition(b"\n")
    return before, answer, after


def read_ending(answer: bytes, at_the_end: bytes, reached: int, *, evaluated: bool = False) -> ShellReport:
    """Return how a snippet ended.

    Args:
        answer: the text after the mark: status, flags, PS2, PS1, PROMPT_COMMAND, SHELLOPTS, PS0. Empty if an error
            made bash skip it; the snippet has failed then.
        at_the_end: the text after the end mark: status and flags. Empty if bash was asked for traps.
        reached: PS2 begins with this once a snippet has reached its end.
        evaluated: it was evaluated in a loop. If it failed it has left the loop, and its status is in PS2.
    """
    if match := _ANSWER.fullmatch(answer.decode("utf-8", "surrogateescape")):
        report = ShellReport(int(match[1]), match[2])
        _read_words(match[3], str(reached), report)
        if evaluated and (left := _ON_THE_WAY_OUT.match(match[3])):
            report.status, report.returned_early = int(left[1]), False
        elif evaluated:
            _reached_its_end(report)
        return report
    match = _ENDING.fullmatch(at_the_end.decode("utf-8", "replace"))
    return ShellReport(int(match[1]) or 1, match[2]) if match else ShellReport(1)


def _read_words(text: str, reached: str, report: ShellReport) -> None:
    """Read PS2, and the settings if bash was asked for them."""
    if text == reached:
        _reached_its_end(report)
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
        _reached_its_end(report)
    else:
        report.returned_early = True


def _reached_its_end(report: ShellReport) -> None:
    if report.status == _SIGPIPE and "T" in report.flags:
        # The last command was a pipeline that is forgiven.
        report.status = 0


def read_remarks(remarks: bytes, report: ShellReport | None = None, *, line: int = 0) -> ShellReport:
    """Add what was reported on standard error to the report that came with the mark.

    A snippet may write there too, so nothing there turns a failure into a success.

    Args:
        remarks: the standard error.
        report: the report that came with the mark.
        line: the number of the snippet's first line; needed for an evaluated snippet, whose lines bash numbers anew.
    """
    report = report or ShellReport()
    if not remarks:
        return report
    text = remarks.decode("utf-8", "replace")
    if (match := _ENDING_IN_REMARKS.search(text)) and not report.flags:
        # An error made bash skip the mark. This status is the error's.
        report.status, report.flags = int(match[1]) or report.status, match[2]
    report.traps = _read_traps(text)
    report.overlooked = tuple(_read_overlooked(text))
    begins = _BEGINS.search(text)
    shift = line - 1 - int(begins[1]) if begins else 0
    lines = text.split("\n")
    items = [item for each in lines if (item := _read_remark(each, shift, evaluated=begins is not None))]
    # A failure of the shell itself is the best information. Without one, use the last line that ran, or a failure in a
    # background job.
    failed = [item for item in items if item.kind == "E" and (item.depth or begins)]
    own = [index for index, item in enumerate(failed) if not item.subshell]
    ran = [item for item in items if item.kind == "L"]
    best = _innermost(failed, own[0]) if own else ran[-1] if ran else failed[-1] if failed else None
    if best:
        report.line, report.command, report.place = best.line, best.command, best.place
    if own:
        # A trap of the page's may have changed the status.
        report.status, report.returned_early = report.status or 1, False
    return report


def _read_remark(line: str, shift: int, *, evaluated: bool) -> _Remark | None:
    words = [_unquoted(word) for word in _WORD.findall(line)]
    if len(words) < 5 or words[0] not in {"E", "L"} or not all(map(_NUMBER.fullmatch, words[1:4])):
        return None
    at, subshell, depth = (int(word) for word in words[1:4])
    lines, sources = words[4 : 4 + depth], words[4 + depth : 4 + 2 * depth]
    # In a file that the snippet has sourced, take the snippet's line that led there.
    if _SNIPPET in sources and (outer := sources.index(_SNIPPET)) and _NUMBER.fullmatch(lines[outer - 1]):
        at = int(lines[outer - 1])
    elif evaluated and depth and _NUMBER.fullmatch(lines[-1]):
        # At a prompt, lines in a function are numbered separately. Take the line that called it.
        at = int(lines[-1])
    at = max(0, at + shift)
    place = f"{sources[0]}:{words[1]}" if sources and sources[0] not in {_SNIPPET, "main"} else ""
    return _Remark(words[0], at, subshell, depth, words[-1], place)


def _read_overlooked(text: str) -> Iterator[tuple[int, str]]:
    for match in _WATCHED.finditer(text):
        if match[1]:
            yield int(match[1]), _unquoted(match[2])
        else:
            *before_the_last, _ = match[3].split() or [""]
            yield from ((int(status), "") for status in before_the_last if int(status) not in {0, _SIGPIPE})


def _innermost(failed: list[_Remark], own: int) -> _Remark:
    """Return the first report of a failure that went from subshells up to the shell; it names the right line."""
    while own and failed[own - 1].subshell > failed[own].subshell:
        own -= 1
    return failed[own]


def _read_traps(text: str) -> dict[str, str]:
    """Return the traps that `trap -p` has printed, by name; the last one of each."""
    traps = {}
    for match in _TRAP.finditer(text):
        command = match[1][1:-1].replace("'\\''", "'")
        if command not in {FOLLOW, LIFT}:
            traps[match[2]] = command
    return traps


def _unquoted(word: str) -> str:
    """Return the text of a word that bash's %q has written: as $'...', with backslashes, or as ''."""
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
