"""Gives containers networks of their own, where those on a common network would disturb each other."""

from __future__ import annotations

import contextlib
import errno
import itertools
import socket
from collections.abc import Iterator, Sequence

from fencepost.errors import EngineError
from fencepost.machine.engine import Engine


@contextlib.contextmanager
def own_network(engine: Engine) -> Iterator[Sequence[str]]:
    """Keep a network for a build, or for a container that is removed by the end.

    The networks have fixed names and stay, as an unused one costs nothing. Each is used by one container at a time, by
    all checks of this computer.

    Yields:
        The flags for the container; none where the engine's own network will do.

    Raises:
        EngineError: when the engine can't make a network.
    """
    if not engine.shares_a_bridge():
        yield ()
        return
    with contextlib.ExitStack() as stack:
        name = _free_network(engine, stack)
        made = engine.call("network", "create", "--disable-dns", name, check=False)
        if made.returncode and "already exists" not in made.stderr:
            raise EngineError(f"{engine.name} can't make a network: {made.stderr.strip()}", engine.fix_for(made.stderr))
        yield ("--network", name)


def _free_network(engine: Engine, stack: contextlib.ExitStack) -> str:
    """Return the name of a network that is free until the end of the stack."""
    for number in itertools.count(1):
        name = f"fencepost-{number}"
        # A lock of the kernel's, so that it holds for all users and cache folders, and ends with this process.
        lock = stack.enter_context(socket.socket(socket.AF_UNIX))
        try:
            lock.bind(f"\0{engine.name}-{name}")
            break
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise EngineError(f"no network can be reserved: {error.strerror}") from error
    return name
