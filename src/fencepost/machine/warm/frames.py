"""The frames that Fencepost exchanges with the program `cell`, process 1 of a warm container, over a pair of streams.

A frame is its kind, a channel, two zero bytes, the length of its data as 32 bits in big-endian order, and the data.
`cell/cell.c` describes the kinds.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

OPEN, START, DATA, KILL, CLOSE = b"O", b"S", b"D", b"K", b"C"
OUTPUT, REMARKS, GONE, REFUSED, NOT_KILLED = b"1", b"2", b"G", b"X", b"N"
CHANNELS = 8
_HEAD = struct.Struct(">cBHI")


@dataclass(frozen=True)
class Frame:
    """One frame.

    Attributes:
        kind: one byte.
        channel: the number of its command in the cell, from 0.
        data: its data.
    """

    kind: bytes
    channel: int = 0
    data: bytes = b""

    def encoded(self) -> bytes:
        """Return its bytes."""
        return _HEAD.pack(self.kind, self.channel, 0, len(self.data)) + self.data


def words(command: list[str]) -> bytes:
    """Return a command's words as the data of a frame."""
    return b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in command)


class Decoder:
    """Decodes frames from a stream of bytes, which may be cut anywhere."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Take some bytes, and yield the frames that they complete."""
        self._buffer += data
        while len(self._buffer) >= _HEAD.size:
            kind, channel, _, length = _HEAD.unpack_from(self._buffer)
            end = _HEAD.size + length
            if len(self._buffer) < end:
                return
            frame = Frame(kind, channel, bytes(self._buffer[_HEAD.size : end]))
            del self._buffer[:end]
            yield frame
