"""Questions to a page's shell about its `python3`: is it still the program that lives?"""

from __future__ import annotations

import secrets

from fencepost.session.bash_traps import quoted
from fencepost.session.outcome import Ending, Outcome
from fencepost.session.python import PythonSession, Surroundings

# The words of `who` in interpreter.py.
_WHO = "ascii([os.path.realpath(sys.executable or ''), os.path.realpath(sys.prefix), sys.version])"


class Question:
    """Asks the shell for its directory, its exported variables, and where it finds `python3`.

    Args:
        python: the page's live Python, if there is one: is it the program that the shell finds?
    """

    def __init__(self, python: PythonSession | None) -> None:
        self._begin, self._end = secrets.token_hex(8), secrets.token_hex(8)
        self._known, same = "", ""
        if python and python.path:
            self._known = python.path
            # No process is started for this: a page may change between shell and Python often.
            same = rf"\builtin test {quoted(python.path)} -ef /proc/{python.pid}/exe && \builtin printf ="
        # Not `env` by itself: the page may have an alias or a function of that name, and a PATH that leads nowhere.
        where = rf"{{ \builtin type -P python3; {same or ':'}; }} || \builtin :"
        self.source = (
            rf"""\builtin printf '{self._begin}%s\0' "$PWD"; {where}; \builtin printf '\0';"""
            rf""" \builtin command -p env -0; \builtin printf '{self._end}'"""
        )

    def answer(self, outcome: Outcome) -> Surroundings | None:
        """The shell's answer; `None` for nothing that makes sense."""
        # What a background job or a PROMPT_COMMAND prints may stand around it, and between its lines.
        told = outcome.output.decode("utf-8", "surrogateescape").partition(self._begin)[2]
        told, found, _ = told.partition(self._end)
        if outcome.ending is not Ending.DONE or not found:
            return None
        cwd, where, *pairs = [*told.split("\0"), ""]
        lines = where.split("\n")
        path = next((line for line in lines if line.endswith("/python3")), "")
        named = (pair.split("=", 1) for pair in pairs if "=" in pair)
        # No name holds a line's end: in front of it is what a background job has printed.
        env = {name.rpartition("\n")[2]: value for name, value in named}
        return Surroundings(cwd, env, path, path == self._known and "=" in lines)


class WhoQuestion:
    """Asks the shell what its `python3` is, which takes a start of it."""

    def __init__(self) -> None:
        self._mark = secrets.token_hex(8)
        program = f"import os, sys; print('{self._mark}' + {_WHO})"
        # Not `builtin command`: where that fails, `set -e` ends bash, whatever stands behind it.
        self.source = rf"(\builtin exec python3 -c {quoted(program)}) || \builtin :"

    def answer(self, outcome: Outcome) -> str | None:
        """The interpreter and its environment, in words to compare; `None` where the shell can't start it."""
        told = outcome.output.decode("utf-8", "replace")
        _, found, who = told.partition(self._mark)
        return who.partition("\n")[0] if found else None
