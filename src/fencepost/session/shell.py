r"""One live bash, at its top level, and a way to run snippets in it that leaves nothing of ours behind.

A snippet is sourced from a here-document, so that it runs at bash's top level (`local` fails, as at a prompt) and
can't swallow what comes after it. It runs under `set -e -E -o pipefail` and an ERR trap. `set -e` alone would take
the whole shell along; the trap, which bash runs just before, tells where it happened, lifts `set -e` and returns from
the sourced text, out of however many functions, so that the session goes on. Inside a subshell nothing of that is
needed: `set -e` ends it, and the trap comes in the shell above.

The answer has two halves. On standard output, behind everything that the snippet printed, comes a mark that
nobody can foresee. On standard error, where no snippet writes, come the exit status and the page's own traps.
Both go to the supervisor's descriptors, by way of `/proc/$PPID`: the session has no descriptor of ours to find.

The shell is `bash -i`, so that messages read as readers know them (`bash: foo: command not found`), aliases
work and `kill $$` does what it does at a prompt.
"""

from __future__ import annotations

import re
import secrets
import shlex
import time
from dataclasses import dataclass, field
from typing import NamedTuple

from fencepost.session.outcome import Ending, Outcome
from fencepost.session.pipe import Pipe
from fencepost.session.supervised import Supervised

COMMAND = ("sh", "-c", "exec bash --norc --noprofile --noediting -i 2>/dev/null")

_REPORT = (
    r'\builtin printf "E %s %s %s %q\n" "$LINENO" "$BASH_SUBSHELL" "${#BASH_SOURCE[@]}" "$BASH_COMMAND"'
    r" >/proc/$PPID/fd/2"
)
_UNWIND = r"{ ((${#BASH_SOURCE[@]})) && \builtin return; } 2>/dev/null"
# Only where `set -e` holds (not in a command substitution, not after the page's own `set +e`), and only in the shell
# itself. Once lifted, the trap has but to return, from each function and then from the sourced text.
_STOP = (
    r"{ if [[ $- == *e* ]]; then " + _REPORT + r"; ((BASH_SUBSHELL)) || { \builtin set +e; "
    r"\builtin trap -- '" + _UNWIND + r"' ERR; " + _UNWIND + r"; }; fi; } 2>/dev/null"
)
# Tells each line as it runs. Only for a snippet that sets an ERR trap itself, which would silence ours.
_FOLLOW = r'\builtin printf "L %s 0 1 %q\n" "$LINENO" "$BASH_COMMAND" >/proc/$PPID/fd/2'
_SETS_ERR_TRAP = re.compile(r"\btrap\b.*\bERR\b")
_INIT = "PS1= PS2=\nexec 2>&1;\\builtin set +H +o history;\\builtin unset HISTFILE\n"


def quoted(text: str) -> str:
    """Text in single quotes, as bash itself prints it."""
    return "'" + text.replace("'", "'\\''") + "'"


@dataclass
class _State:
    """What bash holds between two snippets that isn't ours to lose.

    Attributes:
        status: the exit status that the next snippet sees as `$?`.
        trap: the ERR trap as it stands, word for word.
        page_trap: the page's own ERR trap.
        debug_trap: the page's own DEBUG trap, lifted between snippets.
        xtrace: whether the page wants `set -x`, lifted between snippets.
    """

    status: int = 0
    trap: str = ""
    page_trap: str = ""
    debug_trap: str = ""
    xtrace: bool = False


@dataclass
class _Report:
    """What a snippet told of itself, on the way and at its end."""

    status: int = 0
    line: int = 0
    command: str = ""
    returned_early: bool = False
    flags: str = ""
    traps: dict[str, str] = field(default_factory=dict)


class _Told(NamedTuple):
    """One line of what a snippet told on the way: a failure (`E`) or a command passing by (`L`)."""

    kind: str
    line: str
    subshell: str
    depth: str  # 0 is outside the snippet: our own line that sources it
    command: str


class ShellSession:
    """The live shell of a page.

    Args:
        pipe: connected to a supervisor that keeps `COMMAND` alive.
        limit: bytes of output after which a snippet is stopped.
    """

    def __init__(self, pipe: Pipe, limit: int) -> None:
        self._process = Supervised(pipe, "bash")
        self._limit = limit
        self._state = _State()

    @property
    def alive(self) -> bool:
        """Whether there is a shell to talk to."""
        return self._process.alive

    def start(self) -> None:
        """Waits until bash answers.

        Raises:
            EngineError: when it doesn't.
        """
        left, right = secrets.token_hex(8), secrets.token_hex(8)
        # The trap that comes with the first snippet; here nothing can fail yet.
        greeting = f"{_INIT}\\builtin printf '%s%s\\n' {left} {right}\n"
        self._process.greet(greeting.encode(), (left + right).encode(), self._limit)

    def start_again(self) -> None:
        """A new shell in place of one that has ended. What the old one knew is gone."""
        self._state = _State()
        self._process.ask_to_start_again()
        self.start()

    def wait_for_the_end(self, seconds: float) -> bool:
        """After everything on the machine was killed: whether a new shell can be had."""
        return self._process.wait_for_the_end(seconds)

    def run(self, source: str, *, line: int, seconds: float, aside: bool = False) -> Outcome:
        """Runs a snippet.

        Args:
            source: its text.
            line: the number of its first line, 1 or more; a failure is told by these numbers, for functions
                from earlier snippets too.
            seconds: how long it may take.
            aside: a question of our own, after which the page still finds its own `$?`.
        """
        status_before = self._state.status
        left, right = secrets.token_hex(8), secrets.token_hex(8)
        started = time.monotonic()
        self._process.pipe.send(self._wrapped(source, line, left, right).encode("utf-8", "surrogateescape"))
        ending, reading = self._process.read_until((left + right).encode(), seconds, self._limit)
        if ending is not Ending.DONE:
            status = int(reading.tail) if ending is Ending.SESSION_ENDED else None
            report = _read_report(self._process.pipe.remarks())
            took = time.monotonic() - started
            return Outcome(ending, status, reading.output, took, report.line, report.command)
        remarks = self._process.pipe.remarks_until(f"{right}{left}\n".encode(), time.monotonic() + 10)
        took = time.monotonic() - started
        report = _read_report(remarks)
        self._learn(report)
        if aside:
            self._state.status = status_before
        return Outcome(ending, report.status, reading.output, took, report.line, report.command, report.returned_early)

    def _wrapped(self, source: str, line: int, left: str, right: str) -> str:
        state = self._state
        end = f"END-{secrets.token_hex(8)}"
        first = [r"\exec </dev/null"]
        wanted = f"{state.page_trap}\n{_STOP}" if state.page_trap else _STOP
        if state.trap != wanted:
            first.append(rf"\builtin trap -- {quoted(wanted)} ERR")
            state.trap = wanted
        first.append(r"\builtin set -eE -o pipefail")
        if _SETS_ERR_TRAP.search(source) and not state.debug_trap:
            first.append(rf"\builtin trap -- {quoted(_FOLLOW)} DEBUG")
        if state.status:
            first.append(f"(exit {state.status}) && :")
        if state.debug_trap:
            first.append(rf"\builtin trap -- {quoted(state.debug_trap)} DEBUG")
        if state.xtrace:
            first.append(r"\builtin set -x")
        # A snippet's lines keep the numbers that they have in the page. The last line tells one that came to its
        # end from one that left with `return`, and must not touch `$?`: an expansion sets PS2 on the way.
        return (
            f". /dev/stdin <<'{end}'\n" + "\n" * max(0, line - 2) + ";".join(first) + f"\n{source}\n"
            "{ \\builtin return $(($? + 0${PS2:=0})); } 2>/dev/null\n"
            f"{end}\n"
            rf"""{{ \builtin printf '%s\n' "S $? ${{PS2:-1}} $-";PS1= PS2=;\builtin trap -p ERR DEBUG;"""
            rf"""\builtin trap - DEBUG;\builtin set +xve;\builtin printf '%s%s\n' {right} {left};}}"""
            " >/proc/$PPID/fd/2 2>/dev/null\n"
            rf"""\builtin printf '%s%s\n' {left} {right} >/proc/$PPID/fd/1"""
            "\n"
        )

    def _learn(self, report: _Report) -> None:
        state = self._state
        state.status = report.status
        state.xtrace = "x" in report.flags
        debug = report.traps.get("DEBUG", "")
        state.debug_trap = "" if debug == _FOLLOW else debug
        stands = report.traps.get("ERR", "")
        if stands not in {state.trap, _UNWIND}:
            state.page_trap = stands
        state.trap = stands


def _read_report(remarks: bytes) -> _Report:
    report = _Report()
    text = remarks.decode("utf-8", "replace")
    if match := re.search(r"^S (\d+) (\d) (\S*)$", text, re.MULTILINE):
        report.status, report.flags = int(match[1]), match[3]
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
    report.returned_early = match is not None and match[2] == "1" and not own
    return report


def _read_traps(text: str) -> dict[str, str]:
    at = text.find("trap -- ")
    try:
        words = shlex.split(text[at:]) if at >= 0 else []
    except ValueError:
        return {}
    traps = {}
    for index in range(0, len(words) - 3, 4):
        if words[index] == "trap":
            traps[words[index + 3]] = words[index + 2]
    return traps


def _unquoted(command: str) -> str:
    # bash's %q: either $'...' or backslashes.
    if command.startswith("$'") and command.endswith("'"):
        inner = command[2:-1]
        return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), inner)
    return re.sub(r"\\(.)", r"\1", command)
