"""Bytes on their way to a descriptor that doesn't block."""

from __future__ import annotations

import os
import selectors

_CHUNK = 1 << 16


class Outbox:
    """Writes bytes as far as they go, and the rest once there is room again.

    Args:
        descriptor: where they go; must not block.
        selector: is asked to tell when there is room, for as long as something is left.
    """

    def __init__(self, descriptor: int, selector: selectors.BaseSelector) -> None:
        self._descriptor = descriptor
        self._selector = selector
        self._unsent = bytearray()

    def send(self, data: bytes) -> None:
        """Queues bytes, and writes what goes.

        Raises:
            OSError: when it was closed.
        """
        self._unsent += data
        self.write()

    def write(self) -> None:
        """Writes what goes."""
        try:
            while self._unsent:
                del self._unsent[: os.write(self._descriptor, self._unsent[:_CHUNK])]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            # Nobody reads there any more: whoever reads the answers finds that out and says so.
            self._unsent.clear()
        registered = self._descriptor in self._selector.get_map()
        if self._unsent and not registered:
            self._selector.register(self._descriptor, selectors.EVENT_WRITE)
        elif not self._unsent and registered:
            self._selector.unregister(self._descriptor)

    def close(self) -> None:
        """Takes no more: the number of a closed descriptor is soon another file's."""
        self._unsent.clear()
        self._descriptor = -1
