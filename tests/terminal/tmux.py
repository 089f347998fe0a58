"""A pane of tmux, wide enough that nothing wraps."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

WIDTH, HEIGHT = 400, 60
# Prints the files whose names come in, each on an empty screen with the cursor at its top, and what they are called
# on the last row.
PRINTER = r"""
while read -r name; do
  printf '\033c'; cat "$name"; printf '\033[%d;1H%s' "$HEIGHT" "$name"
done <"$FIFO"
"""


class Pane:
    """A pane that outputs are shown in, one after the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "socket"
        self._count = 0

    def start(self) -> None:
        """Starts a server of tmux of our own, and the program that prints in its only pane."""
        fifo = self._folder / "fifo"
        os.mkfifo(fifo)
        environment = ("env", "LC_ALL=C.UTF-8", f"FIFO={fifo}", f"HEIGHT={HEIGHT}")
        size = ("-x", str(WIDTH), "-y", str(HEIGHT))
        self._tmux("new-session", "-d", *size, *environment, "sh", "-c", PRINTER)
        self._names = fifo.open("w")

    def lines(self, output: str) -> list[str]:
        """What stands in the pane after an output."""
        self._count += 1
        file = self._folder / str(self._count)
        file.write_text(output, "utf-8", newline="")
        self._names.write(f"{file}\n")
        self._names.flush()
        for _ in range(2000):
            *rows, last = self._tmux("capture-pane", "-p").split("\n")[:HEIGHT]
            if last == str(file):
                break
            time.sleep(0.01)
        else:
            raise TimeoutError(f"tmux doesn't show {output!r}")
        rows = [row.rstrip() for row in rows]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def stop(self) -> None:
        """Ends the server."""
        self._tmux("kill-server")
        self._names.close()

    def _tmux(self, *words: str) -> str:
        command = ("tmux", "-u", "-f", "/dev/null", "-S", str(self._socket), *words)
        # Where these tests run in a tmux themselves, it isn't that one.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TMUX")}
        return subprocess.run(
            command, env={**environment, "TERM": "xterm"}, capture_output=True, text=True, check=True
        ).stdout


@contextmanager
def a_pane(folder: Path) -> Iterator[Pane]:
    """A pane; FENCEPOST_REQUIRE says whether it may be missing."""
    if not shutil.which("tmux"):
        if "tmux" in os.environ.get("FENCEPOST_REQUIRE", "").split(","):
            pytest.fail("FENCEPOST_REQUIRE asks for tmux: install it")
        pytest.skip("needs tmux")
    pane = Pane(folder)
    pane.start()
    try:
        yield pane
    finally:
        pane.stop()
