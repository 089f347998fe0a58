r"""One live bash, at its top level, and a way to run snippets in it that leaves nothing of ours behind.

A snippet of a `bash` block is sourced from a here-document, so that it runs at bash's top level (`local` fails, as at a
prompt) and can't swallow what comes after it. `fencepost.session.bash_traps` says how it stops at its first failing
command. A command of a transcript is evaluated at the prompt instead, where bash is interactive: it does what it does
in a reader's terminal.

The answer is a mark that nobody can foresee, on standard output, behind everything that the snippet printed, with
the exit status. A failure is reported on standard error, at the moment when it happens, and nothing that comes later
takes it back; which traps the page has set is reported there too. Both go to the supervisor's descriptors, by way of
`/proc/$PPID`: the session has no descriptor of ours to find.

bash reads a pipe byte by byte, so every character that wraps a snippet costs time: what only pages with traps
need is left out until a page speaks of traps.

The shell is `bash -i`, so that messages read as readers know them (`bash: foo: command not found`), aliases
work and `kill $$` does what it does at a prompt.
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
from fencepost.session.shell_report import ShellReport, read_ending, read_remarks, take_out
from fencepost.session.shell_state import ShellState, speaks_of_traces
from fencepost.session.supervisor import Supervised

COMMAND = ("sh", "-c", "exec bash --norc --noprofile --noediting -i 2>/dev/null")
_TELLING_SECONDS = 10.0
_NONCE_BYTES = 12
# The file and the line that bash names in messages about a snippet's text; at a prompt it names none.
_PLACE = re.compile(rb"^bash: /dev/stdin: line ([0-9]{1,9}): ", re.MULTILINE)
# bash without a terminal can't put one back into order behind a program that a signal has ended.
# Of a command that `set -x` shows: a snippet is evaluated, for which bash writes a sign more.
_TRACED, _TRACED_ONCE = re.compile(rb"^\+(?=\+)", re.MULTILINE), re.compile(rb"^\+(?!\+)", re.MULTILINE)
_ENDS_TRACE = re.compile(rb"^\+\++ .*\bset \+", re.MULTILINE)
_NO_TERMINAL = re.compile(rb"bash: \[[0-9]+: [0-9]+ \([0-9]+\)\] tcsetattr: [^\n]*\n")


class ShellSession:
    """The live shell of a page.

    Args:
        pipe: connected to a supervisor that keeps `COMMAND` alive.
        limit: bytes of output after which a snippet is stopped.
        shown: the names of functions whose text the page shows; an empty one for all of them.
    """

    def __init__(self, pipe: Pipe, limit: int, shown: frozenset[str] = frozenset()) -> None:
        self._process = Supervised(pipe, "bash")
        self._limit = limit
        self._shown = shown
        self._state = ShellState(shown=shown)

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
        self._state = ShellState(shown=self._shown)
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
        """Runs a snippet of a `bash` block: up to its first failing command.

        Args:
            source: its text.
            line: the number of its first line, 1 or more; a failure is reported by these numbers, for functions
                from earlier snippets too.
            seconds: how long it may take.
            aside: a question of our own. The page's traps and its `set -x` say nothing of it, and the page still finds
                its own `$?` behind it.
        """
        if not aside:
            return self._run(source, line, seconds)
        before = self._state
        self._state = replace(before, page_traps={}, xtrace=False, verbose=False)
        outcome = self._run(source, line, seconds)
        self._state = replace(before, trap=self._state.trap, lifted=self._state.lifted, in_a_block=True)
        return outcome

    def run_typed(self, source: str, *, line: int, seconds: float, watch: bool = False) -> Outcome:
        """Runs a command as a reader types it at the prompt: its exit status is that of the whole line.

        Args:
            source: its text, one complete command.
            line: the number of its first line.
            seconds: how long it may take.
            watch: report what fails left of a `;` or a `|` all the same, in `Outcome.overlooked`.
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
        output, answer, behind = take_out(reading.output, wrapper.mark)
        if state.prompt_command:
            output = output.partition(wrapper.begin_mark)[2]
        output, place = _as_at_a_prompt(output, min_line=line, lines=source.count("\n"))
        traced, traces = state.xtrace, speaks_of_traces(source)
        if ending is not Ending.DONE:
            if state.traces:
                output = _traces_as_at_a_prompt(output, of_this_shell=traced, spoken_of=traces)
            status = int(reading.tail) if ending is Ending.SESSION_ENDED else None
            report = read_remarks(pipe.remarks(), line=line)
            return Outcome(ending, status, output + behind, took, report.line or place, report.command, report.place)
        report = read_ending(answer, reading.tail, wrapper.reached, evaluated=wrapper.evaluated)
        if not (report.prompt or report.prompt_command):
            output += behind
        if state.traces:
            output = _traces_as_at_a_prompt(output, of_this_shell=traced or "x" in report.flags, spoken_of=traces)
        if state.traps_matter or report.status or watch:
            if not state.traps_matter:
                pipe.send(wrapper.end_of_remarks.encode())
            remarks = self._remarks(wrapper)
            if remarks is None and state.traps_matter:
                # What the page's traps are would have come there, and what failed: without it nobody knows.
                self._process.alive = False
                return Outcome(Ending.LOST, None, output, took)
        else:
            remarks = None
        report = read_remarks(pipe.remarks() if remarks is None else remarks, report, line=line)
        # A typed line whose end bash has not come to has a status, unless the page has meddled with it.
        report.returned_early = report.returned_early and not (typed and report.status)
        self._learn(report, typed=typed)
        if not report.status:
            report.line, report.command, report.place = 0, "", ""
        # In a here-document that isn't closed our own lines are its text.
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
        return self._process.pipe.remarks_until(wrapper.remarks_mark, time.monotonic() + _TELLING_SECONDS)

    def _learn(self, report: ShellReport, *, typed: bool) -> None:
        state = self._state
        state.status, state.last_argument = report.status, report.last_argument
        state.statuses = report.statuses or (report.status,)
        state.xtrace, state.verbose = "x" in report.flags, "v" in report.flags
        state.prompt, state.prompt_command = report.prompt, report.prompt_command
        state.before_output = report.before_output
        # Of a block `set -T` may be ours.
        state.lifted = state.lifted or ("T" in report.flags and not (typed or state.traps_matter))
        if typed or state.sets_functrace:
            state.functrace = "T" in report.flags
        if typed:
            state.options = report.options
        if not state.traps_matter:
            if report.status and not typed:
                # The trap has done its work, and what it left in its place must go.
                state.trap = ""
            return
        stands = report.traps.pop("ERR", "")
        if stands == state.trap or stands in OWN_TRAPS:
            stands = state.page_traps.get("ERR", "")
        state.page_traps = {**report.traps, "ERR": stands}
        state.trap = ""


def _as_at_a_prompt(output: bytes, *, min_line: int, lines: int) -> tuple[bytes, int]:
    """An output with bash's messages as at a prompt, and the line that the first of them named; 0 for none.

    Args:
        output: the output.
        min_line: the number of the snippet's first line.
        lines: how many lines come behind that.
    """
    if b"tcsetattr" in output:
        output = _NO_TERMINAL.sub(b"", output)
    match = _PLACE.search(output) if b"/dev/stdin" in output else None
    if not match:
        return output, 0
    # An end that comes too early is noticed on the line behind the last.
    return _PLACE.sub(b"bash: ", output), min(int(match[1]), min_line + lines)


def _traces_as_at_a_prompt(output: bytes, *, of_this_shell: bool, spoken_of: bool) -> bytes:
    """An output in which the commands that `set -x` shows have as many signs as at a prompt.

    Args:
        output: the output.
        of_this_shell: whether `set -x` is in force in the page's shell.
        spoken_of: whether the snippet speaks of it, for a subshell perhaps. Another bash shows its first commands with
            one sign.
    """
    if b"++" not in output:
        return output
    may_be_ours = (spoken_of or _ENDS_TRACE.search(output)) and not _TRACED_ONCE.search(output)
    return _TRACED.sub(b"", output) if of_this_shell or may_be_ours else output
