r"""A live bash, in which snippets run at the top level without leaving anything of ours behind.

A snippet of a `bash` block is sourced from a here-document, so that it runs at bash's top level (`local` fails, as at a
prompt) and can't swallow what comes after it. `fencepost.session.bash_traps` explains how it stops at its first failing
command. A command of a transcript is evaluated at the prompt of the interactive bash instead, so that it does what it
does in a reader's terminal.

The answer comes on standard output after everything that the snippet has printed: an unpredictable mark with the exit
status. A failure is reported on standard error at the moment when it happens, and nothing later can take it back. The
traps that the page has set are reported there too. Both go to the supervisor's descriptors by way of `/proc/$PPID`, so
that the session has none of our descriptors.

bash reads a pipe byte by byte, so every character around a snippet costs time. What only pages with traps need is left
out until a page mentions traps.

The shell is `bash -i`, so that messages are those that readers know (`bash: foo: command not found`), aliases work and
`kill $$` does what it does at a prompt.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import replace

from fencepost.session.bash_text import GREETING, Wrapper
from fencepost.session.bash_traps import OWN_TRAPS
from fencepost.session.outcome import Ending, Outcome
from fencepost.session.pipe import Pipe
from fencepost.session.shell_report import ShellReport, read_ending, read_remarks, split_at_mark
from fencepost.session.shell_state import ShellState, mentions_traces
from fencepost.session.supervisor import Supervised

COMMAND = ("sh", "-c", "exec bash --norc --noprofile --noediting -i 2>/dev/null")
_NONCE_BYTES = 12
# The file and the line that bash names in messages about a snippet's text; at a prompt it names none.
_PLACE = re.compile(rb"^bash: /dev/stdin: line ([0-9]{1,9}): ", re.MULTILINE)
# The signs before a command that `set -x` shows. As snippets are evaluated or sourced, bash writes one too many.
_TRACED, _TRACED_ONCE = re.compile(rb"^\+(?=\+)", re.MULTILINE), re.compile(rb"^\+(?!\+)", re.MULTILINE)
_ENDS_TRACE = re.compile(rb"^\+\++ .*\bset \+", re.MULTILINE)
# bash prints this when it has no terminal to reset after a signal has ended a program.
_NO_TERMINAL = re.compile(rb"bash: \[[0-9]+: [0-9]+ \([0-9]+\)\] tcsetattr: [^\n]*\n")


class ShellSession:
    """The live shell of a page.

    Args:
        pipe: connected to a supervisor that keeps `COMMAND` alive.
        limit: bytes of output after which a snippet is stopped.
        shown: the names of functions whose text the page shows; an empty name stands for all.
    """

    def __init__(self, pipe: Pipe, limit: int, shown: frozenset[str] = frozenset()) -> None:
        self._process = Supervised(pipe, "bash")
        self._limit = limit
        self._shown = shown
        self._state = ShellState(shown=shown)

    @property
    def alive(self) -> bool:
        """True if the shell runs."""
        return self._process.alive

    @property
    def reachable(self) -> bool:
        """True if the connection to the machine is open."""
        return self._process.reachable

    def start(self) -> None:
        """Wait until bash answers.

        Raises:
            EngineError: if it doesn't.
        """
        wrapper = Wrapper(secrets.token_hex(_NONCE_BYTES))
        self._process.greet((GREETING + wrapper.plain_mark).encode(), wrapper.end_mark, self._limit)

    def start_again(self) -> None:
        """Start a new shell in place of one that has ended, without the state of the old one."""
        self._state = ShellState(shown=self._shown)
        self._process.ask_to_start_again()
        self.start()
        # Drop the remarks of the old shell.
        wrapper = Wrapper(secrets.token_hex(_NONCE_BYTES))
        self._process.pipe.send(wrapper.end_of_remarks.encode())
        self._remarks(wrapper)

    def wait_for_the_end(self, seconds: float) -> bool:
        """Wait, after everything on the machine was killed, and return whether a new shell can be started."""
        return self._process.wait_for_the_end(seconds)

    def run(self, source: str, *, line: int, seconds: float, aside: bool = False) -> Outcome:
        """Run a snippet of a `bash` block, up to its first failing command.

        Args:
            source: its text.
            line: the number of its first line, 1 or more. The outcome's line is in these numbers, also for a failure
                in a function of an earlier snippet.
            seconds: how long it may take.
            aside: the commands aren't the page's. Its traps and its `set -x` don't apply to them, and its `$?` is kept.
        """
        if not aside:
            return self._run(source, line, seconds)
        before = self._state
        self._state = replace(before, page_traps={}, xtrace=False, verbose=False)
        outcome = self._run(source, line, seconds)
        self._state = replace(before, trap=self._state.trap, lifted=self._state.lifted, in_a_block=True)
        return outcome

    def run_typed(self, source: str, *, line: int, seconds: float, watch: bool = False) -> Outcome:
        """Run a command as if it were typed at the prompt. Its exit status is that of the whole line.

        Args:
            source: its text, one complete command.
            line: the number of its first line.
            seconds: how long it may take.
            watch: also report what fails left of a `;` or a `|`, in `Outcome.overlooked`.
        """
        return self._run(source, line, seconds, typed=True, watch=watch)

    def _run(self, source: str, line: int, seconds: float, *, typed: bool = False, watch: bool = False) -> Outcome:
        state = self._state
        state.note(source)
        wrapper = Wrapper(secrets.token_hex(_NONCE_BYTES))
        pipe = self._process.pipe
        started = time.monotonic()
        text = wrapper.wrap_typed(source, state, watch=watch) if typed else wrapper.wrap(source, line, state)
        pipe.send(text.encode("utf-8", "surrogateescape"))
        ending, reading = self._process.read_until(wrapper.end_mark, seconds, self._limit)
        took = time.monotonic() - started
        output, answer, late = split_at_mark(reading.output, wrapper.mark)
        if state.prompt_command:
            output = output.partition(wrapper.begin_mark)[2]
        output, place = _as_at_a_prompt(output, min_line=line, lines=source.count("\n"))
        traced, mentions = state.xtrace, mentions_traces(source)
        if ending is not Ending.DONE:
            if state.traces:
                output = _traces_as_at_a_prompt(output, of_this_shell=traced, mentioned=mentions)
            ended = ending is Ending.SESSION_ENDED
            status = int(reading.tail) if ended else None
            report = read_remarks(self._process.remarks_at_the_end() if ended else pipe.remarks(), line=line)
            return Outcome(ending, status, output + late, took, report.line or place, report.command, report.place)
        report = read_ending(answer, reading.tail, wrapper.reached, evaluated=wrapper.evaluated)
        if not (report.prompt or report.prompt_command):
            output += late
        if state.traces:
            output = _traces_as_at_a_prompt(output, of_this_shell=traced or "x" in report.flags, mentioned=mentions)
        # A hidden trap can print an answer of its own, but not the number that shows that the end was reached.
        if state.traps_matter or report.status or report.returned_early or watch:
            if not state.traps_matter:
                pipe.send(wrapper.end_of_remarks.encode())
            remarks = self._remarks(wrapper)
            if remarks is None and state.traps_matter:
                # Without these remarks, the page's traps and the command that failed are unknown.
                self._process.alive = False
                return Outcome(Ending.LOST, None, output, took)
        else:
            remarks = None
        report = read_remarks(pipe.remarks() if remarks is None else remarks, report, line=line)
        # If bash didn't reach the end of a typed line, its exit status says so, unless the page has changed PS2.
        report.returned_early = report.returned_early and not (typed and report.status)
        self._update_state(report, typed=typed)
        if not report.status:
            report.line, report.command, report.place = 0, "", ""
        # A here-document that isn't closed takes our own lines as its text, and they may be in the output.
        if state.verbose or report.returned_early:
            output = wrapper.without_own_lines(output)
        return Outcome(
            ending,
            report.status,
            output,
            took,
            report.line or (place if report.status else 0),
            report.command,
            report.place,
            report.overlooked,
            report.returned_early,
        )

    def _remarks(self, wrapper: Wrapper) -> bytes | None:
        return self._process.remarks_until(wrapper.remarks_mark)

    def _update_state(self, report: ShellReport, *, typed: bool) -> None:
        state = self._state
        state.status, state.last_argument = report.status, report.last_argument
        state.statuses = report.statuses or (report.status,)
        state.xtrace, state.verbose = "x" in report.flags, "v" in report.flags
        state.prompt, state.prompt_command = report.prompt, report.prompt_command
        state.before_output = report.before_output
        # After a block, `set -T` may be ours.
        state.lifted = state.lifted or ("T" in report.flags and not (typed or state.traps_matter))
        if typed or state.sets_functrace:
            state.functrace = "T" in report.flags
        if typed:
            state.options = report.options
        if not state.traps_matter:
            if report.status and not typed:
                # The trap has put another one in its place, which must be replaced.
                state.trap = ""
            return
        err_trap = report.traps.pop("ERR", "")
        if err_trap == state.trap or err_trap in OWN_TRAPS:
            err_trap = state.page_traps.get("ERR", "")
        state.page_traps = {**report.traps, "ERR": err_trap}
        state.trap = ""


def _as_at_a_prompt(output: bytes, *, min_line: int, lines: int) -> tuple[bytes, int]:
    """Return an output with bash's messages as at a prompt, and the line that the first of them named; 0 for none.

    Args:
        output: the output.
        min_line: the number of the snippet's first line.
        lines: how many lines follow that.
    """
    if b"tcsetattr" in output:
        output = _NO_TERMINAL.sub(b"", output)
    match = _PLACE.search(output) if b"/dev/stdin" in output else None
    if not match:
        return output, 0
    # For a snippet that ends too early, bash names the line after the last.
    return _PLACE.sub(b"bash: ", output), min(int(match[1]), min_line + lines)


def _traces_as_at_a_prompt(output: bytes, *, of_this_shell: bool, mentioned: bool) -> bytes:
    """Return an output in which commands that `set -x` shows have as many `+` signs as at a prompt.

    Args:
        output: the output.
        of_this_shell: `set -x` is on in the page's shell.
        mentioned: the snippet mentions `set -x`, perhaps for a subshell. Another bash would show its first commands
            with one sign.
    """
    if b"++" not in output:
        return output
    may_be_ours = (mentioned or _ENDS_TRACE.search(output)) and not _TRACED_ONCE.search(output)
    return _TRACED.sub(b"", output) if of_this_shell or may_be_ours else output
