"""A machine that is a cell of a warm container: fresh for its page, and open within milliseconds."""

from __future__ import annotations

from collections.abc import Callable

from fencepost.errors import EngineError
from fencepost.machine.container_machine import first_process, further_process
from fencepost.machine.open_machine import OpenMachine
from fencepost.machine.warm.warm_container import CellPipe, WarmContainer
from fencepost.session import python, shell

Release = Callable[[WarmContainer], None]


class WarmMachine(OpenMachine):
    """A fresh cell.

    Args:
        container: the container to open it in, which has no other cell meanwhile.
        release: called with the container once the cell is closed or the container is gone.
    """

    isolation = "cell"
    closes_at_once = True

    def __init__(self, container: WarmContainer, release: Release) -> None:
        self._container = container
        self._release = release
        self._closed = False

    def start(self) -> CellPipe:
        """See `OpenMachine`."""
        return self._container.open_cell(first_process(*shell.COMMAND, name=self._container.host_name, network=False))

    def open_python(self) -> CellPipe:
        """See `OpenMachine`."""
        return self._container.start(further_process(*python.COMMAND))

    def kill_processes(self) -> None:
        """See `OpenMachine`."""
        if not self._container.kill_processes():
            self.abort()

    def terminal_command(self, bash_options: str) -> list[str]:
        """Not supported.

        Raises:
            EngineError: always.
        """
        del bash_options
        raise EngineError("no terminal in a warm machine")

    def abort(self) -> None:
        """See `OpenMachine`. The container goes with it."""
        self._container.abort()

    def close(self) -> None:
        """See `OpenMachine`."""
        if self._closed:
            return
        self._closed = True
        if not self._container.close_cell():
            self._container.abort()
        self._release(self._container)
