"""The base of machines that are one container of the engine, started for a page and removed with it.

The page's shell is reached through the container's first process, so that one call of the engine starts both.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Sequence

from fencepost.errors import EngineError
from fencepost.machine.cache import cache_folder
from fencepost.machine.engine import RESOLVER_OPTIONS, Engine
from fencepost.machine.open_machine import OpenMachine
from fencepost.machine.own_network import own_network
from fencepost.machine.ownership_labels import LABEL, fresh_name, owner, remove_containers
from fencepost.session.pipe import Pipe, ProcessPipe

# Without a TERM here, engines set one of their own, but there is no terminal.
FIXED_ENVIRONMENT = {
    "TZ": "UTC",
    "LANG": "C.UTF-8",
    "COLUMNS": "80",
    "TERM": "dumb",
    "DEBIAN_FRONTEND": "noninteractive",
}
NO_NETWORK = ("--network", "none")
_LEAVE_SECONDS = 3


class ContainerBase(OpenMachine):
    """A fresh container, and the connections into it.

    Args:
        engine: the engine that runs it.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.name = fresh_name()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._pipes: list[Pipe] = []
        self._closed = False
        self._network = contextlib.ExitStack()

    def abort(self) -> None:
        """See `OpenMachine`."""
        with contextlib.suppress(EngineError):
            remove_containers(self.engine, [self.name])

    def close(self) -> None:
        """See `OpenMachine`."""
        if self._closed:
            return
        self._closed = True
        for pipe in self._pipes:
            pipe.close()
        if self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._processes[0].wait(_LEAVE_SECONDS)
            # The engine removes a container that ends well; otherwise something may be left.
            if self._processes[0].returncode != 0:
                self.abort()
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        self._network.close()

    def _connect(self, argv: list[str]) -> Pipe:
        process = connected(self.engine, argv)
        pipe = ProcessPipe(process)
        self._processes.append(process)
        self._pipes.append(pipe)
        return pipe

    def _run_flags(self, *, memory: str, processes: int, network: bool) -> list[str]:
        """Return the flags of its container.

        Raises:
            EngineError: when the engine can't make a network.
        """
        flags: Sequence[str] = NO_NETWORK
        if network:
            own = self._network.enter_context(own_network(self.engine))
            flags = [*own, *(f"--dns-opt={option}" for option in RESOLVER_OPTIONS)]
        return run_flags(self.engine, self.name, memory=memory, processes=processes, network=flags)


def connected(engine: Engine, argv: list[str]) -> subprocess.Popen[bytes]:
    """Start a call of the engine that goes on, with pipes to all its streams.

    Raises:
        EngineError: when the engine can't be started.
    """
    try:
        return subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            # A container's monitor may leave a file `oom` in its current directory when a page's memory runs out.
            cwd=cache_folder(),
            # Keep a Ctrl-C at the terminal away from it: Fencepost closes its machines itself.
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError(f"{engine.name} can't be started: {error.strerror}") from error


def run_flags(
    engine: Engine, name: str, *, memory: str, processes: int, network: Sequence[str] = NO_NETWORK
) -> list[str]:
    """Return the flags of every container of pages: a name, limits, a network, no new privileges, no capabilities."""
    flags = ["run", "--interactive", "--rm", "--name", name, "--label", f"{LABEL}={owner()}"]
    flags += ["--log-driver", "none", "--memory", memory.lower(), "--memory-swap", memory.lower()]
    flags += ["--pids-limit", str(processes), "--security-opt", "no-new-privileges", "--cap-drop", "ALL"]
    return [*flags, *network, *engine.private_flags, "--pull", "never", *engine.run_options]
