"""Writes bytes to a descriptor that doesn't block."""

from __future__ import annotations

import os
import selectors

_CHUNK = 1 << 16


class Outbox:
    """Writes as many bytes as the descriptor takes, and the rest when it takes more.

    Args:
        descriptor: where the bytes go; must not block.
        selector: has the descriptor registered for writing while bytes are left.
    """

    def __init__(self, descriptor: int, selector: selectors.BaseSelector) -> None:
        self._descriptor = descriptor
        self._selector = selector
        self._unsent = bytearray()

    def send(self, data: bytes) -> None:
        """Queue bytes, and write as many as possible.

        Raises:
            OSError: after `close`.
        """
        self._unsent += data
        self.write()

    def write(self) -> None:
        """Write as many queued bytes as possible."""
        try:
            while self._unsent:
                del self._unsent[: os.write(self._descriptor, self._unsent[:_CHUNK])]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            # The other end is closed. Reading the answers reports that.
            self._unsent.clear()
        registered = self._descriptor in self._selector.get_map()
        if self._unsent and not registered:
            self._selector.register(self._descriptor, selectors.EVENT_WRITE)
        elif not self._unsent and registered:
            self._selector.unregister(self._descriptor)

    def close(self) -> None:
        """Accept no more bytes. The number of a closed descriptor may soon be another file's."""
        self._unsent.clear()
        self._descriptor = -1
