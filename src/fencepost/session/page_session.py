"""The shell and the Python of one page, interleaved: one directory, one set of exported variables."""

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
from fencepost.session.bash_text import heard, probe_for
from fencepost.session.bash_traps import quoted
from fencepost.session.late_output import WAIT, may_come_late
from fencepost.session.outcome import Ending, Outcome
from fencepost.session.pipe import Pipe
from fencepost.session.python import PythonSession, Surroundings
from fencepost.session.shell import ShellSession
from fencepost.session.which_python import Question, WhoQuestion

_END_SECONDS = 15
_POLL_SECONDS = 0.1
# Set by bash itself; they belong to one process and mean nothing to another.
_NOT_SHARED = ("_", "SHLVL", "PWD", "OLDPWD")


# Of `declare -p`, a read-only variable would be an error, and PS1 and BASH's own belong to each bash.
_NOT_HANDED_OVER = "^declare -[^ ]*r[^ ]* |^declare -[^ ]+ (BASH|PS[0-4]=|_=|SHLVL=)"
_TELL_ALL = (
    rf"\builtin declare -p | \builtin command grep -Ev '{_NOT_HANDED_OVER}'; \builtin declare -f; \builtin alias -p; "
    r"""\builtin printf 'cd -- %q\n' "$PWD";"""
)


class Machine(Protocol):
    """What a session needs of a machine."""

    def start(self) -> Pipe:
        """A connection to the supervisor of a shell."""

    def open_python(self) -> Pipe:
        """A connection to the supervisor of a Python."""

    def kill_processes(self) -> None:
        """Ends everything that runs on the machine, supervisors of the shell excepted."""


class PageSession:
    """Runs a page's snippets on its machine, one after the other.

    Args:
        machine: a fresh machine. It is started at once, and waited for with the first snippet.
        limit: bytes of output after which a snippet is stopped.
        shown: the names of functions whose text the page shows; an empty one for all of them.
    """

    def __init__(self, machine: Machine, limit: int, shown: frozenset[str] = frozenset()) -> None:
        self._machine = machine
        self._limit = limit
        self._shell = ShellSession(machine.start(), limit, shown)
        self._python: PythonSession | None = None
        self._started = False
        # What Python left behind and the shell doesn't know yet, and the other way round.
        self._surroundings: Surroundings | None = None
        self._shell_is_ahead = True
        self._output_comes_late = False

    @property
    def alive(self) -> bool:
        """Whether the next snippet finds what the ones before it left."""
        return not self._started or (self._shell.alive and (self._python is None or self._python.alive))

    def start(self) -> None:
        """Waits until the machine answers.

        Raises:
            EngineError: when it doesn't.
        """
        if not self._started:
            self._shell.start()
            self._started = True

    def start_again(self) -> None:
        """A new shell, and a new Python when asked for, on the same machine, nothing of the old ones running.

        Raises:
            EngineError: when the machine is gone.
        """
        self._end_all()
        if self._shell.alive and not self._shell.wait_for_the_end(_END_SECONDS):
            raise EngineError("the machine doesn't answer any more")
        self._shell.start_again()
        self._python = None
        self._surroundings, self._shell_is_ahead = None, True
        self._output_comes_late = False

    def run_shell(self, source: str, *, line: int, seconds: float) -> Outcome:
        """Runs a piece of shell; see `ShellSession.run`."""
        self._hand_to_shell()
        return self._behind_shell(source, self._shell.run(source, line=line, seconds=seconds))

    def run_typed(self, source: str, *, line: int, seconds: float, watch: bool = False) -> Outcome:
        """Runs a command as it is typed at the prompt; see `ShellSession.run_typed`."""
        self._hand_to_shell()
        return self._behind_shell(source, self._shell.run_typed(source, line=line, seconds=seconds, watch=watch))

    def _behind_shell(self, source: str, outcome: Outcome) -> Outcome:
        self._shell_is_ahead = True
        self._output_comes_late = self._output_comes_late or may_come_late(source)
        if self._output_comes_late and outcome.ending is Ending.DONE:
            late = self._shell.run(WAIT, line=1, seconds=30, aside=True)
            # Where the shell has ended meanwhile, the step has not come to a good end.
            outcome = replace(outcome if late.ending is Ending.DONE else late, output=outcome.output + late.output)
        return self._settled(outcome)

    def run_python(self, snippet: Snippet, *, seconds: float, values: Mapping[str, Any]) -> Outcome:
        """Runs a Python snippet; the outcome's line is an index of the expanded page, as for shell."""
        surroundings = self._hand_to_python()
        no_start, note = self._start_python(surroundings)
        if no_start:
            return self._settled(no_start)
        assert self._python is not None
        name, first = _file_and_line(snippet)
        outcome, self._surroundings = self._python.run(
            snippet.source, name=name, line=first, seconds=seconds, surroundings=surroundings, values=values
        )
        self._shell_is_ahead = False
        line = outcome.line - first + snippet.index if outcome.line else 0
        ending = outcome.ending
        if ending is Ending.LOST and self._python.lost_by_itself and self._machine_is_there():
            # Python's supervisor is no process 1: a snippet can take it along, or what an answer goes through, and the
            # machine is there all the same.
            ending = Ending.SESSION_ENDED
        elif ending is Ending.TIMED_OUT and not self._shell.reachable:
            # When a container's monitor was killed, an engine may end the shell's connection, and never Python's.
            ending = Ending.LOST
        return self._settled(replace(outcome, ending=ending, line=line, note=note))

    def write_file(self, path: str, content: str, *, line: int, seconds: float) -> Outcome:
        """Writes a file on the machine, and the folders that it needs."""
        end = f"END-{secrets.token_hex(8)}"
        folder = posixpath.dirname(path) or "."
        text = f"{content}\n" if content else ""
        source = f"\\command mkdir -p -- {quoted(folder)}\n\\command cat >|{quoted(path)} <<'{end}'\n{text}{end}"
        return self.run_shell(source, line=line, seconds=seconds)

    def hand_over(self, path: str) -> bool:
        """Writes what the shell knows to a file on the machine, for another bash to begin with; whether that worked.

        Directory, variables, functions and aliases; not what bash sets itself, and what is read-only.
        """
        self._hand_to_shell()
        source = f"{{ {_TELL_ALL} }} >{quoted(path)}"
        outcome = self._settled(self._shell.run(source, line=1, seconds=30, aside=True))
        return outcome.ending is Ending.DONE and outcome.status == 0

    def tell(self, source: str) -> str:
        """What a command prints that is no part of the page; empty where it fails."""
        self._hand_to_shell()
        outcome = self._settled(self._shell.run(heard(source), line=1, seconds=30, aside=True))
        return outcome.output.decode("utf-8", "replace") if outcome.ending is Ending.DONE else ""

    def wait_for(self, what: str, seconds: float) -> bool:
        """Waits for `port:N` or `file:PATH` on the machine; whether it came within the time.

        Raises:
            EngineError: when the machine goes away meanwhile.
        """
        deadline = time.monotonic() + seconds
        self._hand_to_shell()
        while time.monotonic() < deadline:
            left = max(0.1, deadline - time.monotonic())
            outcome = self._settled(self._shell.run(probe_for(what), line=1, seconds=left, aside=True))
            if outcome.ending is Ending.LOST:
                raise EngineError(f"the machine was gone while {what} was waited for")
            if outcome.ending is not Ending.DONE:
                return False
            if outcome.status == 0:
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def _settled(self, outcome: Outcome) -> Outcome:
        """After a time-out or a flood the snippet still runs: everything is ended, and the session with it."""
        if outcome.ending in {Ending.TIMED_OUT, Ending.FLOODED}:
            self._end_all()
            if not self._shell.alive:
                self._shell.wait_for_the_end(_END_SECONDS)
        return outcome

    def _machine_is_there(self) -> bool:
        """Whether the shell answers, or its supervisor tells that it has ended as well."""
        outcome = self._shell.run(":", line=1, seconds=_END_SECONDS, aside=True)
        return outcome.ending in {Ending.DONE, Ending.SESSION_ENDED}

    def _end_all(self) -> None:
        if self._python:
            # An engine may report no process's end while another one in the container prints what nobody reads.
            self._python.hang_up()
        self._machine.kill_processes()

    def _hand_to_python(self) -> Surroundings:
        if self._surroundings is None or self._shell_is_ahead:
            self._surroundings = self._ask_shell()
        return self._surroundings

    def _ask_shell(self) -> Surroundings:
        question = Question(self._python)
        told = question.answer(self._shell.run(heard(question.source), line=1, seconds=30, aside=True))
        if told is None:
            raise EngineError("the shell doesn't tell its directory and variables, which Python needs")
        return told

    def _who_is_there(self) -> str | None:
        question = WhoQuestion()
        outcome = self._shell.run(heard(question.source), line=1, seconds=30, aside=True)
        return question.answer(self._settled(outcome))

    def _start_python(self, surroundings: Surroundings) -> tuple[Outcome | None, str]:
        """Sees to it that the `python3` lives that the shell would start now.

        Returns:
            What came of it where the page's shell can't start one, else nothing; and a note where a new one lives.
        """
        if self._python is None:
            self._python = PythonSession(self._machine.open_python(), self._limit)
            return self._python.start(surroundings), ""
        # Where the shell finds none, nothing has taken the place of the one that lives.
        if not (self._shell_is_ahead and surroundings.python) or self._python.is_at(surroundings):
            return None, ""
        if self._python.is_meant(self._who_is_there(), surroundings):
            return None, ""
        note = f"`python3` is {surroundings.python} now: a new Python, which knows nothing of the steps before"
        return self._python.start(surroundings), note

    def _accept_pythons_changes(self, names: set[str]) -> None:
        """Keeps the live Python where nothing but the variables that it has set would have the shell start another."""
        if self._python and (names & {"PATH", "PYTHONHOME"} or not self._python.direct):
            surroundings = self._ask_shell()
            if not self._python.is_at(surroundings):
                self._python.accept(self._who_is_there(), surroundings)

    def _hand_to_shell(self) -> None:
        """What Python changed, as commands for the shell."""
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
        # Each by itself, and not with `export`: a variable that is read-only stays as it is, and ends no shell.
        if changes:
            self._shell.run(" || :;".join([*changes, ":"]), line=1, seconds=30, aside=True)
            self._accept_pythons_changes(names)


def _file_and_line(snippet: Snippet) -> tuple[str, int]:
    """The file and first line by which tracebacks name a snippet; where its lines come from several, a name of ours."""
    origins = snippet.origins
    if not origins:
        return snippet.opening.file, snippet.opening.line + 1
    first = origins[0]
    if all(origin == Origin(first.file, first.line + offset) for offset, origin in enumerate(origins)):
        return first.file, first.line
    return f"<step {snippet.id}>", 1
