r"""One live bash, at its top level, and a way to run snippets in it that leaves nothing of ours behind.

A snippet is sourced from a here-document, so that it runs at bash's top level (`local` fails, as at a prompt) and
can't swallow what comes after it. It runs under `set -e -E -o pipefail` and an ERR trap. `set -e` alone would take
the whole shell along; the trap, which bash runs just before, tells where it happened, lifts `set -e` and returns from
the sourced text, out of however many functions, so that the session goes on. Inside a subshell nothing of that is
needed: `set -e` ends it, and the trap comes in the shell above.

The answer is a mark that nobody can foresee, on standard output, behind everything that the snippet printed, with
the exit status. Where it failed is told on standard error, at the moment when it fails, and nothing that comes later
takes it back; which traps the page has set is told there too. Both go to the supervisor's descriptors, by way of
`/proc/$PPID`: the session has no descriptor of ours to find.

bash reads a pipe byte by byte, so every character that wraps a snippet costs time: what only pages with traps
need is left out until a page speaks of traps.

The shell is `bash -i`, so that messages read as readers know them (`bash: foo: command not found`), aliases
work and `kill $$` does what it does at a prompt.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import replace

from fencepost.session.bash_text import GREETING, STOP, UNWIND, ShellState, Wrapper, speaks_of_traps
from fencepost.session.outcome import Ending, Outcome
from fencepost.session.pipe import Pipe
from fencepost.session.shell_report import ShellReport, read_ending, read_remarks, take_out
from fencepost.session.supervised import Supervised

COMMAND = ("sh", "-c", "exec bash --norc --noprofile --noediting -i 2>/dev/null")
_TELLING_SECONDS = 10.0
_NONCE_BYTES = 12


class ShellSession:
    """The live shell of a page.

    Args:
        pipe: connected to a supervisor that keeps `COMMAND` alive.
        limit: bytes of output after which a snippet is stopped.
    """

    def __init__(self, pipe: Pipe, limit: int) -> None:
        self._process = Supervised(pipe, "bash")
        self._limit = limit
        self._state = ShellState()

    @property
    def alive(self) -> bool:
        """Whether there is a shell to talk to."""
        return self._process.alive

    @property
    def reachable(self) -> bool:
        """Whether the machine still holds the connection."""
        return self._process.reachable

    def start(self) -> None:
        """Waits until bash answers.

        Raises:
            EngineError: when it doesn't.
        """
        wrapper = Wrapper(secrets.token_hex(_NONCE_BYTES))
        self._process.greet((GREETING + wrapper.plain_mark).encode(), wrapper.end_mark, self._limit)

    def start_again(self) -> None:
        """A new shell in place of one that has ended. What the old one knew is gone."""
        self._state = ShellState()
        self._process.ask_to_start_again()
        self.start()
        # What the old one has told is no failure of the new one's.
        wrapper = Wrapper(secrets.token_hex(_NONCE_BYTES))
        self._process.pipe.send(wrapper.end_of_remarks.encode())
        self._remarks(wrapper)

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
            aside: a question of our own. The page's traps and its `set -x` say nothing of it, and the page still finds
                its own `$?` behind it.
        """
        if not aside:
            return self._run(source, line, seconds)
        before = self._state
        self._state = replace(before, page_trap="", debug_trap="", xtrace=False, verbose=False)
        outcome = self._run(source, line, seconds)
        self._state = replace(before, trap=self._state.trap)
        return outcome

    def _run(self, source: str, line: int, seconds: float) -> Outcome:
        state = self._state
        state.traps_matter = state.traps_matter or speaks_of_traps(source)
        wrapper = Wrapper(secrets.token_hex(_NONCE_BYTES))
        pipe = self._process.pipe
        started = time.monotonic()
        pipe.send(wrapper.wrap(source, line, state).encode("utf-8", "surrogateescape"))
        ending, reading = self._process.read_until(wrapper.end_mark, seconds, self._limit)
        took = time.monotonic() - started
        output, told = take_out(reading.output, wrapper.mark)
        if ending is not Ending.DONE:
            status = int(reading.tail) if ending is Ending.SESSION_ENDED else None
            report = read_remarks(pipe.remarks())
            return Outcome(ending, status, output, took, report.line, report.command)
        report = read_ending(told, reading.tail, wrapper.reached)
        if state.traps_matter or report.status:
            if not state.traps_matter:
                pipe.send(wrapper.end_of_remarks.encode())
            remarks = self._remarks(wrapper)
            if remarks is None and state.traps_matter:
                # What the page's traps are would have come there, and what failed: without it nobody knows.
                self._process.alive = False
                return Outcome(Ending.LOST, None, output, took)
        else:
            remarks = None
        report = read_remarks(pipe.remarks() if remarks is None else remarks, report)
        self._learn(report)
        if not report.status:
            report.line, report.command = 0, ""
        # In a here-document that isn't closed our own lines are its text.
        if state.verbose or report.returned_early:
            output = wrapper.without_own_lines(output)
        return Outcome(ending, report.status, output, took, report.line, report.command, report.returned_early)

    def _remarks(self, wrapper: Wrapper) -> bytes | None:
        return self._process.pipe.remarks_until(wrapper.remarks_mark, time.monotonic() + _TELLING_SECONDS)

    def _learn(self, report: ShellReport) -> None:
        state = self._state
        state.status = report.status
        state.xtrace, state.verbose = "x" in report.flags, "v" in report.flags
        if not state.traps_matter:
            if report.status:
                # The trap has done its work, and what it left in its place must go.
                state.trap = ""
            return
        state.debug_trap = report.traps.get("DEBUG", "")
        stands = report.traps.get("ERR", "")
        if stands not in {state.trap, STOP, UNWIND}:
            state.page_trap = stands
        state.trap = ""
