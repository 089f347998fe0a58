"""The live Python of a page: the machine's own `python3`, in which snippets run one after the other."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from fencepost.errors import EngineError
from fencepost.session.outcome import Ending, Outcome
from fencepost.session.pipe import Pipe
from fencepost.session.supervisor import NoStartError, Supervised

_LIVE_MAIN, _INTERPRETER = (
    files("fencepost.session").joinpath(name).read_text("utf-8") for name in ("live_main.py", "interpreter.py")
)
_TEXT = f"{_LIVE_MAIN}\n{_INTERPRETER}"
# Our code runs in its own namespace with its own copy of the builtins, as a snippet may replace Python's. It imports
# only Python's own modules, not those in the page's folders.
_RUN_TEXT = """import builtins, os, sys
found, own = sys.path[:], os.path.dirname(os.__file__)
sys.path[:] = [folder for folder in found if folder.startswith(own)]
names = {"__name__": "fencepost", "__builtins__": vars(builtins).copy()}
exec(sys.argv[1], names)
sys.path[:] = found
names["serve"](*map(names.get, ("MAIN", "begin", "take_over", "compiled")))
"""
# Starts python3 as the page's shell would, with the environment and the folder that come first on standard input;
# without an environment, starts the machine's own. Answers go to descriptor 3, as Python's error messages when it can't
# start are output. -u keeps what is printed in order with the output of programs that the snippet starts.
_LAUNCHER = """run=$1 text=$2
shift 2
while IFS= read -r word && [ -n "$word" ]; do set -- "$@" "$word"; done
IFS= read -r folder
exec 3>&2 2>&1
[ $# -gt 0 ] || exec python3 -u -c "$run" "$text"
cd -- "$folder" 2>/dev/null
exec env -i -- "$@" python3 -u -c "$run" "$text"
"""
# A virtual machine recognises its Python by the words after the launcher.
COMMAND = ("sh", "-c", _LAUNCHER, "python3 -u -c", _RUN_TEXT, _TEXT)
_END_SECONDS = 5
_PROCESS = re.compile(rb"(\d+) (.*)")


@dataclass
class Surroundings:
    """What a page's shell and its Python share.

    Attributes:
        cwd: the working directory.
        env: the exported variables.
        python: the path where the shell finds `python3`; empty if it finds none, or wasn't asked.
        same: the page's live Python was started by that path, and runs the program there.
    """

    cwd: str
    env: dict[str, str]
    python: str = ""
    same: bool = False


class PythonSession:
    """The live interpreter of a page.

    Args:
        pipe: connected to a supervisor that keeps `COMMAND` alive.
        limit: bytes of output after which a snippet is stopped.
    """

    def __init__(self, pipe: Pipe, limit: int) -> None:
        self._process = Supervised(pipe, "python3")
        self._limit = limit
        self._started = False
        self._gave_no_answer = False
        self.pid = 0
        # The path where the shell found it last, and its PYTHONHOME.
        self.path, self.home = "", ""
        # Whether it is the program at that path. If not, the program there has started it, and may start any other.
        self.direct = False
        # The identity of this Python, and of the one that the shell would start because of variables that it has set.
        self._identity: str | None = ""
        self._accepted_identity: str | None = ""

    @property
    def alive(self) -> bool:
        """True if the interpreter runs, or hasn't been started yet."""
        return not self._started or self._process.alive

    @property
    def lost_by_itself(self) -> bool:
        """True if the interpreter or its supervisor was lost, and not only the connection to them."""
        return self._gave_no_answer or self._process.pipe.ended_by_itself()

    def hang_up(self) -> None:
        """Close the connection to an interpreter that is to be ended."""
        self._process.pipe.close()

    def start(self, surroundings: Surroundings) -> Outcome | None:
        """Start the interpreter that the shell would start, in place of the one that runs, if any.

        Returns:
            `None`, or the outcome if the page has changed its shell so that it can't start a `python3`.

        Raises:
            EngineError: if the machine can't start one at all.
        """
        started = time.monotonic()
        if self._started:
            self._end()
        try:
            self._launch(surroundings)
        except NoStartError as error:
            # If the machine's own doesn't start either, the page isn't to blame.
            self._process.ask_to_start_again()
            self._launch(Surroundings("/", {}))
            self._process.alive = False
            status = int(error.status) if error.status.isdigit() else None
            took = time.monotonic() - started
            return Outcome(Ending.SESSION_ENDED, status, error.output, took, never_started=True)
        return None

    def is_at(self, surroundings: Surroundings) -> bool:
        """Return whether the shell would surely start this program, in the same way. If not, ask for its identity."""
        if surroundings.python == self.path:
            self.direct = surroundings.same
        return surroundings.same and surroundings.python == self.path and _home(surroundings) == self.home

    def is_still_right(self, identity: str | None, surroundings: Surroundings) -> bool:
        """Return whether the shell would start this interpreter, or another one that was accepted.

        Args:
            identity: the identity of what the shell would start; `None` if that doesn't start.
            surroundings: the shell's.
        """
        if identity not in {self._identity, self._accepted_identity}:
            return False
        self.path, self.home = surroundings.python, _home(surroundings)
        if identity == self._identity:
            self._accepted_identity = identity
        return True

    def accept(self, identity: str | None, surroundings: Surroundings) -> None:
        """Keep this interpreter although the shell would start another one, because of what Python itself has set."""
        self._accepted_identity = identity
        self.is_still_right(identity, surroundings)

    def _launch(self, surroundings: Surroundings) -> None:
        words = [f"{name}={value}" for name, value in surroundings.env.items()] if surroundings.python else []
        # Variables of several lines are left out here. The first snippet brings all variables.
        lines = [*(word for word in words if "\n" not in word), "", surroundings.cwd.partition("\n")[0], ""]
        greeting = "\n".join(lines).encode("utf-8", "surrogateescape")
        answer = self._process.greet(greeting, b"\nready", self._limit).rpartition(b"\n")[2]
        self._started = True
        process = _PROCESS.fullmatch(answer)
        self.pid = int(process[1]) if process else 0
        self._identity = self._accepted_identity = process[2].decode("ascii", "replace") if process else ""
        self.path, self.home, self.direct = surroundings.python, _home(surroundings), False

    def _end(self) -> None:
        self._process.pipe.send(json.dumps({"end": _END_SECONDS}).encode() + b"\n")
        ending, _ = self._process.read_until(b"\0never\0", 3 * _END_SECONDS, self._limit)
        if ending is not Ending.SESSION_ENDED:
            raise EngineError("the page's Python doesn't end, so no other one can be started")
        self._process.ask_to_start_again()

    def run(
        self,
        source: str,
        *,
        name: str,
        line: int,
        seconds: float,
        surroundings: Surroundings,
        values: Mapping[str, Any],
    ) -> tuple[Outcome, Surroundings]:
        """Run a snippet.

        Args:
            source: its text.
            name: the file that tracebacks name.
            line: the number of its first line in that file.
            seconds: how long it may take.
            surroundings: the directory and variables that the shell has left.
            values: global names to set for it: JSON values.

        Returns:
            The outcome, and the directory and variables that the snippet has left.
        """
        mark = secrets.token_hex(16)
        request = {
            "source": source,
            "name": name,
            "line": line,
            "mark": mark,
            "cwd": surroundings.cwd,
            "env": surroundings.env,
            "globals": dict(values),
        }
        started = time.monotonic()
        self._process.pipe.send(json.dumps(request).encode() + b"\n")
        ending, reading = self._process.read_until(mark.encode(), seconds, self._limit)
        if ending is not Ending.DONE:
            status = int(reading.tail) if ending is Ending.SESSION_ENDED else None
            return Outcome(ending, status, reading.output, time.monotonic() - started), surroundings
        remarks = self._process.remarks_until(mark.encode() + b"\n")
        took = time.monotonic() - started
        if remarks is None:
            # If standard error is closed, the way to Python was lost.
            self._gave_no_answer = not self._process.pipe.remarks_ended
            self._process.alive = False
            return Outcome(Ending.LOST, None, reading.output, took), surroundings
        # The answer is the last line. Lines before it may be warnings of the engine's command line.
        answer = _answer_in(remarks.rpartition(b"\n")[2])
        if answer is None:
            # The snippet has written to the descriptor for answers, so no answer can be trusted.
            self._process.alive = False
            return Outcome(Ending.SESSION_ENDED, None, reading.output, took), surroundings
        lines = [number for file, number in answer["frames"] if file == name and number]
        outcome = Outcome(
            ending,
            answer["status"],
            reading.output,
            took,
            lines[-1] if lines else 0,
            returned_early=answer["told"] == "exit" and answer["status"] == 0,
            unreadable=answer["told"] == "unreadable",
        )
        return outcome, Surroundings(answer["cwd"], answer["env"])


def _home(surroundings: Surroundings) -> str:
    return surroundings.env.get("PYTHONHOME", "")


def _answer_in(line: bytes) -> dict[str, Any] | None:
    """Return the interpreter's answer; `None` if it can't be one."""
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match answer:
        case {"status": int(status), "frames": list(frames), "told": str(), "cwd": cwd, "env": dict(env)} if (
            0 <= status < 256 and all(map(_is_frame, frames)) and all(map(_is_text, [cwd, *env, *env.values()]))
        ):
            return dict(answer)
    return None


def _is_frame(value: object) -> bool:
    match value:
        # Generated code may have no line numbers.
        case [str(), int() | None]:
            return True
    return False


def _is_text(value: object) -> bool:
    """Return whether a value is text that bash can take; bytes that aren't UTF-8 come as surrogate escapes."""
    try:
        return isinstance(value, str) and value.encode("utf-8", "surrogateescape") is not None
    except UnicodeEncodeError:
        return False
