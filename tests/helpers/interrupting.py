"""Interrupts a check at a chosen call of the engine, as a Ctrl-C does."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from fencepost.machine.engine import Engine
from tests.helpers.programs import started

WAIT_SECONDS = 60
# Stands in front of podman. It notes each call; the chosen one says that it begins, and waits a little.
WRAPPER = """\
#!/bin/sh
echo x >>{folder}/calls
calls=$(wc -l <{folder}/calls)
if {moment} && mkdir {folder}/now 2>/dev/null; then sleep 0.2; fi
exec {program} "$@"
"""


@dataclass(frozen=True)
class Interrupted:
    """What became of a check that was interrupted.

    Attributes:
        status: its exit status.
        output: what it printed.
        seconds: from the Ctrl-C to its end.
        reached: the chosen call was made.
    """

    status: int
    output: str
    seconds: float
    reached: bool


def call_with(pattern: str) -> str:
    """Return the moment of a call whose arguments match a pattern of the shell."""
    return f'case "$*" in {pattern}) ;; *) false ;; esac'


def call_number(number: int) -> str:
    """Return the moment of a call by its number. Calls at the same time share one, so a later one counts too."""
    return f'[ "$calls" -ge {number} ]'


def interrupt(
    site: Path, aside: Path, engine: Engine, moment: str, *, delay: float, seconds: float = WAIT_SECONDS
) -> Interrupted:
    """Check a site, and send a Ctrl-C at a call of podman.

    Args:
        site: the site's folder.
        aside: an empty folder for the stand-in of podman.
        engine: podman.
        moment: a condition of the shell, with the number of calls so far in `$calls` and the arguments in `$*`: the
            first call that meets it.
        delay: seconds to wait behind the beginning of that call.
        seconds: how long the check may take to come to that call.
    """
    program = aside / "bin" / "podman"
    program.parent.mkdir(parents=True)
    program.write_text(WRAPPER.format(folder=aside, moment=moment, program=engine.program))
    program.chmod(0o755)
    path = {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    now = aside / "now"
    with started(site, "fencepost", "check", "--engine", "podman", "--jobs", "2", env=path) as process:
        deadline = time.monotonic() + seconds
        while not now.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        assert process.stdout
        output = process.stdout.read()
        return Interrupted(process.wait(WAIT_SECONDS), output, time.monotonic() - begun, now.exists())


def half_written(folder: Path) -> list[Path]:
    """Files that are written aside and are never moved into place. Those of other tests are there for a moment."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fencepost"
    deadline = time.monotonic() + WAIT_SECONDS
    while found := [path for place in (folder, cache) for path in place.rglob("*.part")]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    return found
