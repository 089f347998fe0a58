"""One live Python of a page: the machine's own `python3`, and snippets that run in it one after the other."""

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
# Ours runs in a namespace of its own, with its own builtins, for a snippet may replace those that Python has; and its
# modules are Python's own, whatever lies in the page's folders.
_RUN_TEXT = """import builtins, os, sys
found, own = sys.path[:], os.path.dirname(os.__file__)
sys.path[:] = [folder for folder in found if folder.startswith(own)]
names = {"__name__": "fencepost", "__builtins__": vars(builtins).copy()}
exec(sys.argv[1], names)
sys.path[:] = found
names["serve"](*map(names.get, ("MAIN", "begin", "take_over", "compiled")))
"""
# Starts python3 as the page's shell would, in the environment and the folder that come first on standard input; without
# an environment, the machine's own. Answers go to descriptor 3, for what Python says when it can't start is output.
# -u: what is printed appears in its order, between the output of the programs that the snippet starts.
_LAUNCHER = """run=$1 text=$2
shift 2
while IFS= read -r word && [ -n "$word" ]; do set -- "$@" "$word"; done
IFS= read -r folder
exec 3>&2 2>&1
[ $# -gt 0 ] || exec python3 -u -c "$run" "$text"
cd -- "$folder" 2>/dev/null
exec env -i -- "$@" python3 -u -c "$run" "$text"
"""
# By the words behind the launcher a virtual machine knows its Python.
COMMAND = ("sh", "-c", _LAUNCHER, "python3 -u -c", _RUN_TEXT, _TEXT)
_END_SECONDS = 5
_PROCESS = re.compile(rb"(\d+) (.*)")


@dataclass
class Surroundings:
    """What a page's shell and its Python share.

    Attributes:
        cwd: the working directory.
        env: the exported variables.
        python: where the shell finds its `python3`; empty where it finds none, or wasn't asked.
        same: whether that is, by that path, the program of the page's live Python.
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
        self._keeps_its_answer = False
        self.pid = 0
        # By what the shell found it last, and with which PYTHONHOME.
        self.path, self.home = "", ""
        # Whether it is the very program at that path: a program there that starts another may start any.
        self.direct = False
        # Itself, and what the shell would start because of variables that the page's Python has set.
        self._who: str | None = ""
        self._because_of_python: str | None = ""

    @property
    def alive(self) -> bool:
        """Whether there is an interpreter to talk to, or one can be had."""
        return not self._started or self._process.alive

    @property
    def lost_by_itself(self) -> bool:
        """Once it is lost: whether its supervisor has ended or it keeps its answer, and not what leads to it."""
        return self._keeps_its_answer or self._process.pipe.ended_by_itself()

    def hang_up(self) -> None:
        """Closes the connection, of an interpreter that is to be ended."""
        self._process.pipe.close()

    def start(self, surroundings: Surroundings) -> Outcome | None:
        """Starts the interpreter that the shell would start, in place of the one that lives, if one does.

        Returns:
            Nothing, or what came of it where the page has made its shell one that can't start a `python3`.

        Raises:
            EngineError: when the machine can't start one at all.
        """
        started = time.monotonic()
        if self._started:
            self._end()
        try:
            self._launch(surroundings)
        except NoStartError as error:
            # Where the machine's own doesn't start either, the page has nothing to do with it.
            self._process.ask_to_start_again()
            self._launch(Surroundings("/", {}))
            self._process.alive = False
            status = int(error.status) if error.status.isdigit() else None
            took = time.monotonic() - started
            return Outcome(Ending.SESSION_ENDED, status, error.output, took, never_started=True)
        return None

    def is_at(self, surroundings: Surroundings) -> bool:
        """Whether the shell would start this very program in the same way as before. If not, it has to be asked."""
        if surroundings.python == self.path:
            self.direct = surroundings.same
        return surroundings.same and surroundings.python == self.path and _home(surroundings) == self.home

    def is_meant(self, who: str | None, surroundings: Surroundings) -> bool:
        """Whether what the shell would start is this interpreter, or stands there by Python's own doing.

        Args:
            who: what the shell would start; `None` for nothing that starts.
            surroundings: the shell's.
        """
        if who not in {self._who, self._because_of_python}:
            return False
        self.path, self.home = surroundings.python, _home(surroundings)
        if who == self._who:
            self._because_of_python = who
        return True

    def accept(self, who: str | None, surroundings: Surroundings) -> None:
        """Keeps this interpreter, where Python itself has brought about that the shell would start another one."""
        self._because_of_python = who
        self.is_meant(who, surroundings)

    def _launch(self, surroundings: Surroundings) -> None:
        words = [f"{name}={value}" for name, value in surroundings.env.items()] if surroundings.python else []
        # A variable of several lines comes with the first snippet, as all of them do.
        told = [*(word for word in words if "\n" not in word), "", surroundings.cwd.partition("\n")[0], ""]
        greeting = "\n".join(told).encode("utf-8", "surrogateescape")
        said = self._process.greet(greeting, b"\nready", self._limit).rpartition(b"\n")[2]
        self._started = True
        process = _PROCESS.fullmatch(said)
        self.pid = int(process[1]) if process else 0
        self._who = self._because_of_python = process[2].decode("ascii", "replace") if process else ""
        self.path, self.home, self.direct = surroundings.python, _home(surroundings), False

    def _end(self) -> None:
        self._process.pipe.send(json.dumps({"end": _END_SECONDS}).encode() + b"\n")
        ending, _ = self._process.read_until(b"\0never\0", 3 * _END_SECONDS, self._limit)
        if ending is not Ending.SESSION_ENDED:
            raise EngineError("the page's Python doesn't end, and the machine can't start another one")
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
        """Runs a snippet.

        Args:
            source: its text.
            name: the file that tracebacks name.
            line: the number of its first line in that file.
            seconds: how long it may take.
            surroundings: directory and variables, as the shell left them.
            values: global names that it finds set: JSON values.

        Returns:
            What it did, and how it left directory and variables.
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
        remarks = self._process.pipe.remarks_until(mark.encode() + b"\n", time.monotonic() + 10)
        took = time.monotonic() - started
        if remarks is None:
            # Where nothing can come any more, what leads to it has ended.
            self._keeps_its_answer = not self._process.pipe.remarks_ended
            self._process.alive = False
            return Outcome(Ending.LOST, None, reading.output, took), surroundings
        # The answer is a line; on those before it the engine's own command line may have warned of something.
        answer = _answer_in(remarks.rpartition(b"\n")[2])
        if answer is None:
            # The snippet has got hold of what the answer goes through: nobody knows what became of it, or comes next.
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
    """What the interpreter answered; `None` for what it never would."""
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


def _is_frame(told: object) -> bool:
    match told:
        # Code that was made without lines has none.
        case [str(), int() | None]:
            return True
    return False


def _is_text(told: object) -> bool:
    """Whether it can be told to bash: what is no UTF-8 comes as Python's surrogate escapes."""
    try:
        return isinstance(told, str) and told.encode("utf-8", "surrogateescape") is not None
    except UnicodeEncodeError:
        return False
