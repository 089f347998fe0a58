"""The interface of a page's machine, for the page's run and its session."""

from __future__ import annotations

from abc import ABC, abstractmethod

from fencepost.session.pipe import Pipe


class OpenMachine(ABC):
    """A fresh machine for one page.

    Attributes:
        isolation: how its page is isolated: in a `cell` of a warm container, in a `container`, or in a `vm` in one.
        accelerator: for a virtual machine, `kvm` or `tcg`.
        closes_at_once: True if closing it takes less time than starting a thread for that.
    """

    isolation = ""
    accelerator: str | None = None
    closes_at_once = False

    @abstractmethod
    def start(self) -> Pipe:
        """Start it, without waiting; return a pipe to the supervisor of the page's shell."""

    @abstractmethod
    def open_python(self) -> Pipe:
        """Return a pipe to the supervisor of a Python. Call it only after the machine has answered."""

    @abstractmethod
    def kill_processes(self) -> None:
        """End all processes of the page except the supervisor of the shell; abort the machine if that fails."""

    @abstractmethod
    def terminal_command(self, bash_options: str) -> list[str]:
        """Return the command line that opens another bash on it, at this process's own terminal."""

    def last_words(self) -> str:
        """Return the last lines on the console of a machine that has gone down; empty if it has no console."""
        return ""

    @abstractmethod
    def abort(self) -> None:
        """Remove it at once, from any thread. Its pipes end."""

    @abstractmethod
    def close(self) -> None:
        """Remove it, in any state. Further calls do nothing."""
