"""One live Python of a page: the machine's own `python3`, and snippets that run in it one after the other."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from fencepost.session.outcome import Ending, Outcome
from fencepost.session.pipe import Pipe
from fencepost.session.supervised import Supervised

# -u: what is printed appears in its order, between the output of the programs that the snippet starts.
COMMAND = ("python3", "-u", "-c", files("fencepost.session").joinpath("interpreter.py").read_text("utf-8"))


@dataclass
class Surroundings:
    """What a page's shell and its Python share.

    Attributes:
        cwd: the working directory.
        env: the exported variables.
    """

    cwd: str
    env: dict[str, str]


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
        if not self._started:
            self._process.greet(b"", b"ready", self._limit)
            self._started = True
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
