"""What a page's run and a page's session need of a machine, whatever it is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod

from fencepost.session.pipe import Pipe


class OpenMachine(ABC):
    """A fresh machine for one page.

    Attributes:
        isolation: what keeps its page apart from everything else: a `cell` of a warm container, a `container`, or a
            `vm` in one.
        accelerator: for a virtual machine, `kvm` or `tcg`.
        closes_at_once: whether closing it takes less time than to have another thread do it.
    """

    isolation = ""
    accelerator: str | None = None
    closes_at_once = False

    @abstractmethod
    def start(self) -> Pipe:
        """Starts it, without waiting: the pipe leads to the supervisor of the page's shell."""

    @abstractmethod
    def open_python(self) -> Pipe:
        """A second way in, to the supervisor of a Python. The machine must have answered before."""

    @abstractmethod
    def kill_processes(self) -> None:
        """Ends everything that the page runs on it but the supervisor of the shell; the machine where that fails."""

    @abstractmethod
    def terminal_command(self, bash_options: str) -> list[str]:
        """The command line that opens another bash on it, at this process's own terminal."""

    def last_words(self) -> str:
        """What a machine that is gone said last, for the author; empty where it has no console."""
        return ""

    @abstractmethod
    def abort(self) -> None:
        """Removes it at once, from whatever thread. Whoever is reading from it finds its connection at an end."""

    @abstractmethod
    def close(self) -> None:
        """Removes it, whatever state it is in. Calling it again does nothing."""
