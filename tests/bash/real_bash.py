"""Asks a real bash where a command ends: without running it, and at a prompt of its own."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

# What `bash -n` says where an interactive one would ask for another line.
_OPEN = re.compile(
    rb"unexpected end of file|unexpected EOF while looking for|unexpected token `EOF'"
    rb"|here-document .*delimited by end-of-file|unterminated here-document"
)
_REFUSED = re.compile(rb"syntax error near|unexpected (?:token|argument)|binary operator expected")
_COMMENT = re.compile(r"(?:^|[ \t;(])#[^'\"`]*\Z")
# `EOF)` ends a here-document in a `$(...)`, and a warning tells of it all the same.
_WANTED = re.compile(rb"delimited by end-of-file \(wanted `(.*)'\)")
_PROMPT = re.compile(rb"<([12])>\Z")
# Behind an error in one of these bash 5.2 doesn't run the next line.
_SWALLOWS = re.compile(r"\[\[|for \(\(")
_SECONDS = 10


def is_recent() -> bool:
    """Whether there is a bash that reads by the rules of 5.2."""
    done = subprocess.run(
        ["bash", "-c", "echo ${BASH_VERSINFO[0]}.${BASH_VERSINFO[1]}"], capture_output=True, check=False
    )
    return done.returncode == 0 and tuple(map(int, done.stdout.split(b"."))) >= (5, 2)


@lru_cache(None)
def without_running(script: str) -> bytes:
    """What bash complains of when it reads a script and runs nothing of it."""
    told = script.encode("utf-8", "surrogateescape") + b"\n"
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        ["bash", "--norc", "-n"],
        input=told,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        check=False,
    ).stderr


def lines_without_running(lines: Sequence[str]) -> int | str | None:
    """How many lines bash takes for the first command; `None` where it is open at the end, a text where that's unclear.

    At its end a script may hold a backslash, which at a prompt calls for another line.
    """
    for count in range(1, len(lines) + 1):
        last = lines[count - 1]
        complaint = without_running("\n".join(lines[:count]))
        is_open = bool(_OPEN.search(complaint))
        if any(
            f"{line} ".lstrip("\t").startswith(f"{end.decode()})")
            for end in _WANTED.findall(complaint)
            for line in lines
        ):
            return "whether that parenthesis ends a here-document"
        if (len(last) - len(last.rstrip("\\"))) % 2 and not is_open and not _COMMENT.search(last):
            if _REFUSED.search(complaint):
                return "whether bash refuses it before it comes to the backslash"
            continue
        if not is_open:
            return count
    return None


class Terminal:
    """A bash at a prompt, on a pseudo-terminal. What is typed there runs: keep it harmless."""

    def __init__(self, folder: Path) -> None:
        self._pid, self._fd = pty.fork()
        if not self._pid:
            os.chdir(folder)
            environment = {"PATH": os.environ["PATH"], "PS1": "<1>", "PS2": "<2>", "TERM": "dumb", "LC_ALL": "C.UTF-8"}
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], environment)
        self._read()
        self.type("stty -echo; set +o history +H")

    def type(self, line: str) -> int | None:
        """Types a line. Tells which of its prompts bash shows then: 1, or 2 where it asks for more."""
        os.write(self._fd, line.encode() + b"\n")
        return self._read()

    def _read(self) -> int | None:
        output, until = b"", time.monotonic() + _SECONDS
        while time.monotonic() < until:
            if select.select([self._fd], [], [], 0 if _PROMPT.search(output) else 0.05)[0]:
                try:
                    output += os.read(self._fd, 65536)
                except OSError:
                    return None
            elif found := _PROMPT.search(output):
                return int(found[1])
        return None

    def close(self) -> None:
        """Ends it, whatever it does."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._fd)


class Prompt:
    """Types commands at a prompt, one after the other.

    Args:
        folder: where they run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._terminal: Terminal | None = None

    def lines_of(self, lines: Sequence[str]) -> int | None:
        """How many lines bash takes for the first command; `None` where it asks for more at the end."""
        terminal = self._terminal = self._terminal or Terminal(self._folder)
        for count, line in enumerate(lines, 1):
            if terminal.type(line) != 2:
                if _SWALLOWS.search("\n".join(lines)):
                    self.close()
                return count
        self.close()
        return None

    def close(self) -> None:
        """Ends the bash that is there, if any."""
        if self._terminal:
            self._terminal.close()
            self._terminal = None
