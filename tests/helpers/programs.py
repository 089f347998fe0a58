"""Runs Fencepost and pytest as programs, of which none is left at the end."""

from __future__ import annotations

import ctypes
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TextIO

import pytest

from fencepost.machine.engine import Engine
from fencepost.machine.ownership_labels import LABEL

# Every program that a test starts has this in its environment: the session sees by it which ones are left.
MARK = f"FENCEPOST_TESTED_BY={os.getpid()}-{time.time_ns()}"
_PDEATHSIG = 1
_END_SECONDS = 60
# By their numbers: containers are called after the process that starts them.
_started = {os.getpid()}


def fencepost(
    folder: Path, *arguments: str, env: dict[str, str] | None = None, stdout: int | TextIO = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder."""
    return _call(folder, "fencepost", *arguments, env=env, stdout=stdout)


def fencepost_here(
    folder: Path, *arguments: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line in this process, which takes a tenth of the time.

    For calls that start nothing. Only the folder, the environment and the signal handlers are restored afterwards.
    """
    from fencepost.faces.cli.app import main

    stdout, stderr = io.StringIO(), io.StringIO()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(stdout), redirect_stderr(stderr):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["fencepost", *arguments])
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        try:
            with pytest.raises(SystemExit) as ended:
                main()
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
    return subprocess.CompletedProcess(sys.argv, int(ended.value.code or 0), stdout.getvalue(), stderr.getvalue())


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder."""
    return _call(folder, "pytest", "-p", "no:cacheprovider", *arguments)


@contextmanager
def started(
    folder: Path,
    module: str,
    *arguments: str,
    env: dict[str, str] | None = None,
    stdout: int | TextIO = subprocess.PIPE,
    stderr: int = subprocess.STDOUT,
) -> Iterator[subprocess.Popen[str]]:
    """Start a Python module in a folder, as a program that runs beside the test and ends with it."""
    # A parallel run of these tests hands its workers' settings down; the called program is no worker.
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**inherited, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        text=True,
        preexec_fn=_end_with_the_parent,  # noqa: PLW1509  # it calls two functions of C
    )
    _started.add(process.pid)
    try:
        yield process
    finally:
        if process.poll() is None:
            # On a Ctrl-C it removes its machines.
            process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=_END_SECONDS)
        finally:
            process.kill()
            process.wait()


def restore_ctrl_c() -> None:
    """Let this process and its children react to SIGINT.

    A shell without job control starts what it runs in the background with SIGINT ignored, and that is inherited.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def processes_left() -> list[str]:
    """Return the command lines of programs that tests have started and that still run after up to ten seconds."""
    deadline = time.monotonic() + 10
    while (left := _marked()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return left


def containers_left(engine: Engine) -> list[str]:
    """Return the containers of this process and of the programs that `started` has started."""
    printed = engine.call("ps", "--all", "--filter", f"label={LABEL}", "--format", "{{.Names}}").stdout
    mine = tuple(f"fencepost-{pid}-" for pid in _started)
    return [name for name in printed.split() if name.startswith(mine)]


def _call(
    folder: Path,
    module: str,
    *arguments: str,
    env: dict[str, str] | None = None,
    stdout: int | TextIO = subprocess.PIPE,
) -> subprocess.CompletedProcess[str]:
    with started(folder, module, *arguments, env=env, stdout=stdout, stderr=subprocess.PIPE) as process:
        printed, complaint = process.communicate(timeout=240)
    return subprocess.CompletedProcess(process.args, process.returncode, printed, complaint)


def _end_with_the_parent() -> None:
    """Ask the kernel for a SIGINT when the tests are killed. Runs in the child, and restores its handler of SIGINT."""
    ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _marked() -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            marked = MARK.encode() in (folder / "environ").read_bytes().split(b"\0")
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        # The helper that tries regular expressions lives as long as this process, and ends with it.
        if marked and command and int(folder.name) != os.getpid() and "json.loads(request)" not in command:
            found.append(command)
    return found
