"""Frames: how Fencepost and the program `cell`, process 1 of a warm container, talk over one pair of streams.

A frame is its kind, a channel, two zero bytes, the length of its data as 32 bits, the highest first, and the data.
What each kind means is told in `cell/cell.c`.
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
        channel: which command of the cell it is about, from 0.
        data: what it carries.
    """

    kind: bytes
    channel: int = 0
    data: bytes = b""

    def encoded(self) -> bytes:
        """Its bytes."""
        return _HEAD.pack(self.kind, self.channel, 0, len(self.data)) + self.data


def words(command: list[str]) -> bytes:
    """A command's words, as a frame carries them."""
    return b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in command)


class Decoder:
    """Takes frames out of bytes, however they are cut."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Takes in some bytes; the frames that they complete."""
        self._buffer += data
        while len(self._buffer) >= _HEAD.size:
            kind, channel, _, length = _HEAD.unpack_from(self._buffer)
            end = _HEAD.size + length
            if len(self._buffer) < end:
                return
            frame = Frame(kind, channel, bytes(self._buffer[_HEAD.size : end]))
            del self._buffer[:end]
            yield frame
