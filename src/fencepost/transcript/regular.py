"""Regular expressions that a page asks for, tried within a time: a short one can keep a computer busy for years.

Python can't stop one that it has begun. So whatever might take long is tried by another process, which has a second of
the processor's time for it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading

_SECONDS = 1.0
# Ends by itself when nobody asks any more, and by a signal when it takes too long.
_TRIER = f"""
import json, re, signal, sys
for request in sys.stdin:
    pattern, line = json.loads(request)
    signal.setitimer(signal.ITIMER_VIRTUAL, {_SECONDS})
    fits = re.fullmatch(pattern, line)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    print(int(fits is not None), flush=True)
"""
# Steps that are taken here, without asking: some milliseconds.
_FEW_STEPS = 100_000
_REPETITION = re.compile(r"[*+?{]")
# A repeated group may be divided up in more ways than can be told from here.
_REPEATED_GROUP = re.compile(r"\)[*+?{]")


class TooLongError(Exception):
    """Comparing would take too long: what, in words."""


def fits(pattern: re.Pattern[str], line: str) -> bool:
    """Whether all of a line fits a regular expression.

    Raises:
        TooLongError: when there is no telling within a second.
    """
    wanted = pattern.pattern
    steps = (len(line) + 1) ** len(_REPETITION.findall(wanted)) * 2 ** wanted.count("|")
    if steps <= _FEW_STEPS and not _REPEATED_GROUP.search(wanted):
        return pattern.fullmatch(line) is not None
    found = _trier.fits(wanted, line)
    if found is None:
        raise TooLongError(f"`{wanted} (re)` takes too long on a line of {len(line)} characters")
    return found


class _Trier:
    """The other process, started when it is needed first."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def fits(self, pattern: str, line: str) -> bool | None:
        """Whether it fits; `None` where the time was too short."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = _started()
            process = self._process
            assert process.stdin and process.stdout
            process.stdin.write(json.dumps([pattern, line]) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            if not answer:
                self._process = None
                process.communicate()
            return answer == "1\n" if answer else None


def _started() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-ISW", "ignore", "-c", _TRIER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # A Ctrl-C at the terminal is for Fencepost alone.
        start_new_session=True,
    )


_trier = _Trier()
