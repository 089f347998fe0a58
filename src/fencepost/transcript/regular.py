"""Matches a page's regular expressions within a time limit, as even a short one can run for years.

Python can't interrupt a match. So a match that might take long runs in another process, with a second of CPU time.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading

_SECONDS = 1.0
# Exits when its input ends, and is killed by a signal when a match takes too long.
_PROGRAM = f"""
import json, re, signal, sys
for request in sys.stdin:
    pattern, line = json.loads(request)
    signal.setitimer(signal.ITIMER_VIRTUAL, {_SECONDS})
    fits = re.fullmatch(pattern, line)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    print(int(fits is not None), flush=True)
"""
# So many steps take some milliseconds, and are taken in this process.
_FEW_STEPS = 100_000
_REPETITION = re.compile(r"[*+?{]")
# The number of ways in which a repeated group can match isn't known here.
_REPEATED_GROUP = re.compile(r"\)[*+?{]")


class TooLongError(Exception):
    """Raised if comparing takes too long."""


def fits(pattern: re.Pattern[str], line: str) -> bool:
    """Return whether a regular expression matches all of a line.

    Raises:
        TooLongError: if that takes longer than a second.
    """
    expression = pattern.pattern
    steps = (len(line) + 1) ** len(_REPETITION.findall(expression)) * 2 ** expression.count("|")
    if steps <= _FEW_STEPS and not _REPEATED_GROUP.search(expression):
        return pattern.fullmatch(line) is not None
    answer = _matcher.fits(expression, line)
    if answer is None:
        raise TooLongError(f"`{expression} (re)` takes too long on a line of {len(line)} characters")
    return answer


class _Matcher:
    """Matches in another process, which is started at the first use."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def fits(self, pattern: str, line: str) -> bool | None:
        """Return whether the pattern matches all of the line; `None` if that takes too long."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = _start_process()
            process = self._process
            assert process.stdin and process.stdout
            process.stdin.write(json.dumps([pattern, line]) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            if not answer:
                self._process = None
                process.communicate()
            return answer == "1\n" if answer else None


def _start_process() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-ISW", "ignore", "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Otherwise a Ctrl-C at the terminal would interrupt this process too.
        start_new_session=True,
    )


_matcher = _Matcher()
