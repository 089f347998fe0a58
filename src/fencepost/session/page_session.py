"""The shell and the Python of one page, which share a directory and exported variables."""

from __future__ import annotations

import posixpath
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from fencepost.errors import EngineError
from fencepost.fence.snippet import Snippet
from fencepost.fence.traced_line import Origin
from fencepost.session.bash_text import probe_for, with_output_to_session
from fencepost.session.bash_traps import quoted
from fencepost.session.late_output import WAIT, may_come_late
from fencepost.session.outcome import Ending, Outcome
from fencepost.session.pipe import Pipe
from fencepost.session.python import PythonSession, Surroundings
from fencepost.session.shell import ShellSession
from fencepost.session.which_python import IdentityQuestion, Question

_END_SECONDS = 15
_POLL_SECONDS = 0.1
# Variables that each bash sets for itself.
_NOT_SHARED = ("_", "SHLVL", "PWD", "OLDPWD")
# Lines of `declare -p` to leave out: setting a read-only variable would fail, and each bash has PS1 and others itself.
_NOT_HANDED_OVER = "^declare -[^ ]*r[^ ]* |^declare -[^ ]+ (BASH|PS[0-4]=|_=|SHLVL=)"
_PRINT_STATE = (
    rf"\builtin declare -p | \builtin command grep -Ev '{_NOT_HANDED_OVER}'; \builtin declare -f; \builtin alias -p; "
    r"""\builtin printf 'cd -- %q\n' "$PWD";"""
)


class Machine(Protocol):
    """What a session needs of a machine."""

    def start(self) -> Pipe:
        """Start the machine, and connect to the supervisor of its shell."""

    def open_python(self) -> Pipe:
        """Start the supervisor of a Python, and connect to it."""

    def kill_processes(self) -> None:
        """Kill all processes of the machine except the supervisor of the shell."""


class PageSession:
    """Runs a page's snippets on its machine, one after the other.

    Args:
        machine: a fresh machine. It is started at once; `start` waits for it.
        limit: bytes of output after which a snippet is stopped.
        shown: the names of functions whose text the page shows; an empty name stands for all.
    """

    def __init__(self, machine: Machine, limit: int, shown: frozenset[str] = frozenset()) -> None:
        self._machine = machine
        self._limit = limit
        self._shell = ShellSession(machine.start(), limit, shown)
        self._python: PythonSession | None = None
        self._started = False
        # As Python left them, and whether the shell has run since.
        self._surroundings: Surroundings | None = None
        self._shell_is_ahead = True
        self._output_comes_late = False

    @property
    def alive(self) -> bool:
        """True if the next snippet runs in the same shell and Python as those before it."""
        return not self._started or (self._shell.alive and (self._python is None or self._python.alive))

    def start(self) -> None:
        """Wait until the machine answers.

        Raises:
            EngineError: if it doesn't.
        """
        if not self._started:
            self._shell.start()
            self._started = True

    def start_again(self) -> None:
        """Kill everything on the machine, and start a new shell; a new Python starts when it is needed.

        Raises:
            EngineError: if the machine is gone.
        """
        self._end_all()
        if self._shell.alive and not self._shell.wait_for_the_end(_END_SECONDS):
            raise EngineError("the machine has stopped answering")
        self._shell.start_again()
        self._python = None
        self._surroundings, self._shell_is_ahead = None, True
        self._output_comes_late = False

    def run_shell(self, source: str, *, line: int, seconds: float) -> Outcome:
        """Run a piece of shell; see `ShellSession.run`."""
        self._hand_to_shell()
        return self._with_late_output(source, self._shell.run(source, line=line, seconds=seconds))

    def run_typed(self, source: str, *, line: int, seconds: float, watch: bool = False) -> Outcome:
        """Run a command as it is typed at the prompt; see `ShellSession.run_typed`."""
        self._hand_to_shell()
        return self._with_late_output(source, self._shell.run_typed(source, line=line, seconds=seconds, watch=watch))

    def _with_late_output(self, source: str, outcome: Outcome) -> Outcome:
        self._shell_is_ahead = True
        self._output_comes_late = self._output_comes_late or may_come_late(source)
        if self._output_comes_late and outcome.ending is Ending.DONE:
            late = self._shell.run(WAIT, line=1, seconds=30, aside=True)
            # If the shell ends while we wait, the step has ended it.
            outcome = replace(outcome if late.ending is Ending.DONE else late, output=outcome.output + late.output)
        return self._after_cleanup(outcome)

    def run_python(self, snippet: Snippet, *, seconds: float, values: Mapping[str, Any]) -> Outcome:
        """Run a Python snippet; as for shell, the outcome's line is a line number of the expanded page."""
        surroundings = self._hand_to_python()
        no_start, note = self._start_python(surroundings)
        if no_start:
            return self._after_cleanup(no_start)
        assert self._python is not None
        name, first = _file_and_line(snippet)
        outcome, self._surroundings = self._python.run(
            snippet.source, name=name, line=first, seconds=seconds, surroundings=surroundings, values=values
        )
        self._shell_is_ahead = False
        line = outcome.line - first + snippet.index if outcome.line else 0
        ending = outcome.ending
        if ending is Ending.LOST and self._python.lost_by_itself and self._machine_is_there():
            # Python's supervisor isn't process 1, so a snippet can kill it, or close the descriptor for answers, while
            # the machine goes on.
            ending = Ending.SESSION_ENDED
        elif ending is Ending.TIMED_OUT and not self._shell.reachable:
            # If a container's monitor was killed, an engine may close the shell's connection but not Python's.
            ending = Ending.LOST
        return self._after_cleanup(replace(outcome, ending=ending, line=line, note=note))

    def write_file(self, path: str, content: str, *, line: int, seconds: float) -> Outcome:
        """Write a file on the machine, and create its folder."""
        end = f"END-{secrets.token_hex(8)}"
        folder = posixpath.dirname(path) or "."
        text = f"{content}\n" if content else ""
        source = f"\\command mkdir -p -- {quoted(folder)}\n\\command cat >|{quoted(path)} <<'{end}'\n{text}{end}"
        return self.run_shell(source, line=line, seconds=seconds)

    def hand_over(self, path: str) -> bool:
        """Write the shell's state to a file on the machine, for another bash to source. Return whether that worked.

        The state is the directory, variables, functions and aliases, without what bash sets itself or what is
        read-only.
        """
        self._hand_to_shell()
        source = f"{{ {_PRINT_STATE} }} >{quoted(path)}"
        outcome = self._run_aside(source)
        return outcome.ending is Ending.DONE and outcome.status == 0

    def output_of(self, source: str) -> str:
        """Run a command that is no part of the page, and return its output; empty if it doesn't come to an end."""
        self._hand_to_shell()
        outcome = self._run_aside(with_output_to_session(source))
        return outcome.output.decode("utf-8", "replace") if outcome.ending is Ending.DONE else ""

    def wait_for(self, condition: str, seconds: float) -> bool:
        """Wait for `port:N` or `file:PATH` on the machine. Return whether it was there in time.

        Raises:
            EngineError: if the machine goes away meanwhile.
        """
        deadline = time.monotonic() + seconds
        self._hand_to_shell()
        while time.monotonic() < deadline:
            left = max(0.1, deadline - time.monotonic())
            outcome = self._run_aside(probe_for(condition), left)
            if outcome.ending is Ending.LOST:
                raise EngineError(f"the machine went away while the step waited for {condition}")
            if outcome.ending is not Ending.DONE:
                return False
            if outcome.status == 0:
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def _run_aside(self, source: str, seconds: float = 30) -> Outcome:
        return self._after_cleanup(self._shell.run(source, line=1, seconds=seconds, aside=True))

    def _after_cleanup(self, outcome: Outcome) -> Outcome:
        """Return an outcome after killing everything if the snippet still runs, as after a time-out or a flood."""
        if outcome.ending in {Ending.TIMED_OUT, Ending.FLOODED}:
            self._end_all()
            if not self._shell.alive:
                self._shell.wait_for_the_end(_END_SECONDS)
        return outcome

    def _machine_is_there(self) -> bool:
        """Return whether the shell answers, or its supervisor reports that it has ended."""
        outcome = self._shell.run(":", line=1, seconds=_END_SECONDS, aside=True)
        return outcome.ending in {Ending.DONE, Ending.SESSION_ENDED}

    def _end_all(self) -> None:
        if self._python:
            # An engine may not report that a process has ended while the output of another one isn't read.
            self._python.hang_up()
        self._machine.kill_processes()

    def _hand_to_python(self) -> Surroundings:
        if self._surroundings is None or self._shell_is_ahead:
            self._surroundings = self._ask_shell()
        return self._surroundings

    def _ask_shell(self) -> Surroundings:
        question = Question(self._python)
        source = with_output_to_session(question.source)
        surroundings = question.answer(self._shell.run(source, line=1, seconds=30, aside=True))
        if surroundings is None:
            raise EngineError("the shell doesn't report its directory and variables, which Python needs")
        return surroundings

    def _identity_of_python(self) -> str | None:
        """Return the identity of the `python3` that the shell would start; `None` if it can't start one."""
        question = IdentityQuestion()
        return question.answer(self._run_aside(with_output_to_session(question.source)))

    def _start_python(self, surroundings: Surroundings) -> tuple[Outcome | None, str]:
        """Start the `python3` that the shell would start now, unless it runs already.

        Returns:
            The outcome if the page's shell can't start a Python, else `None`; and a note if a new one has replaced the
            old one.
        """
        if self._python is None:
            self._python = PythonSession(self._machine.open_python(), self._limit)
            return self._python.start(surroundings), ""
        # If the shell finds no `python3`, nothing has replaced the one that runs.
        if not (self._shell_is_ahead and surroundings.python) or self._python.is_at(surroundings):
            return None, ""
        if self._python.is_still_right(self._identity_of_python(), surroundings):
            return None, ""
        note = f"`python3` is {surroundings.python} now: a new Python, which knows nothing of the steps before"
        return self._python.start(surroundings), note

    def _accept_pythons_changes(self, names: set[str]) -> None:
        """Keep the live Python if the shell would start another one only because of variables that Python has set."""
        if self._python and (names & {"PATH", "PYTHONHOME"} or not self._python.direct):
            surroundings = self._ask_shell()
            if not self._python.is_at(surroundings):
                self._python.accept(self._identity_of_python(), surroundings)

    def _hand_to_shell(self) -> None:
        """Make the shell follow the changes that Python has made to the directory and the variables."""
        if self._shell_is_ahead or self._surroundings is None:
            return
        python, shell = self._surroundings, self._ask_shell()
        changes, names = [], set()
        if python.cwd != shell.cwd:
            changes.append(f"\\builtin cd -- {quoted(python.cwd)}")
        for key in shell.env.keys() - python.env.keys() - set(_NOT_SHARED):
            changes.append(f"\\builtin unset {key}")
            names.add(key)
        for key, value in python.env.items():
            if key.isidentifier() and key not in _NOT_SHARED and shell.env.get(key) != value:
                changes.append(f"\\builtin declare -x {key}={quoted(value)}")
                names.add(key)
        self._shell_is_ahead = True
        # One command for each, and not `export`, so that a read-only variable stays as it is and doesn't end the shell.
        if changes:
            self._shell.run(" || :;".join([*changes, ":"]), line=1, seconds=30, aside=True)
            self._accept_pythons_changes(names)


def _file_and_line(snippet: Snippet) -> tuple[str, int]:
    """Return the file and first line for tracebacks; a made-up file name if the lines don't come from one place."""
    origins = snippet.origins
    if not origins:
        return snippet.opening.file, snippet.opening.line + 1
    first = origins[0]
    if all(origin == Origin(first.file, first.line + offset) for offset, origin in enumerate(origins)):
        return first.file, first.line
    return f"<step {snippet.id}>", 1
