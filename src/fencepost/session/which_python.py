"""Asks a page's shell for its `python3`, to find out whether the live Python is still the right one."""

from __future__ import annotations

import secrets

from fencepost.session.bash_traps import quoted
from fencepost.session.outcome import Ending, Outcome
from fencepost.session.python import PythonSession, Surroundings

# The same as `identity` in interpreter.py.
_IDENTITY = "ascii([os.path.realpath(sys.executable or ''), os.path.realpath(sys.prefix), sys.version])"


class Question:
    """A command that asks the shell for its directory, its exported variables, and where it finds `python3`.

    Args:
        python: the page's live Python, if any, to compare with the program that the shell finds.
    """

    def __init__(self, python: PythonSession | None) -> None:
        self._begin, self._end = secrets.token_hex(8), secrets.token_hex(8)
        self._known, same = "", ""
        if python and python.path:
            self._known = python.path
            # This starts no process, as a page may often change between shell and Python.
            same = rf"\builtin test {quoted(python.path)} -ef /proc/{python.pid}/exe && \builtin printf ="
        # Not just `env`: the page may have an alias or a function of that name, or a PATH without it.
        where = rf"{{ \builtin type -P python3; {same or ':'}; }} || \builtin :"
        self.source = (
            rf"""\builtin printf '{self._begin}%s\0' "$PWD"; {where}; \builtin printf '\0';"""
            rf""" \builtin command -p env -0; \builtin printf '{self._end}'"""
        )

    def answer(self, outcome: Outcome) -> Surroundings | None:
        """Return the shell's answer; `None` if there is no valid one."""
        # The output of a background job or a PROMPT_COMMAND may be around it, and between its lines.
        answer = outcome.output.decode("utf-8", "surrogateescape").partition(self._begin)[2]
        answer, end, _ = answer.partition(self._end)
        if outcome.ending is not Ending.DONE or not end:
            return None
        cwd, where, *pairs = [*answer.split("\0"), ""]
        lines = where.split("\n")
        path = next((line for line in lines if line.endswith("/python3")), "")
        named = (pair.split("=", 1) for pair in pairs if "=" in pair)
        # Names contain no line end. Text before one was printed by a background job.
        env = {name.rpartition("\n")[2]: value for name, value in named}
        return Surroundings(cwd, env, path, path == self._known and "=" in lines)


class IdentityQuestion:
    """A command that asks the shell for the identity of its `python3`, by starting it."""

    def __init__(self) -> None:
        self._mark = secrets.token_hex(8)
        program = f"import os, sys; print('{self._mark}' + {_IDENTITY})"
        # Not `builtin command`: if that fails, `set -e` ends bash in spite of the `||`.
        self.source = rf"(\builtin exec python3 -c {quoted(program)}) || \builtin :"

    def answer(self, outcome: Outcome) -> str | None:
        """Return a text that identifies the interpreter and its environment; `None` if the shell can't start it."""
        _, mark, identity = outcome.output.decode("utf-8", "replace").partition(self._mark)
        return identity.partition("\n")[0] if mark else None
