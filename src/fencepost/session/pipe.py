"""A live connection to a process on a machine: bytes in, two streams of bytes out, and a deadline on everything."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import IO

from fencepost.session.outbox import Outbox

_CHUNK = 1 << 16
# Of the protocol's own remarks, which are short, more than this is a snippet's flood on the wrong descriptor.
_KEPT_REMARKS = 1 << 20
# And of all that ever came there, the end.
_KEPT_ASIDE = 1 << 16
_ASIDE_SECONDS = 5.0
# An engine may wait five seconds for the last word of a container's monitor that was killed.
_ENDS_SECONDS = 10.0
_SIGNALS, _TROUBLE = 128, 255


@dataclass
class Reading:
    """What was read up to a mark.

    Attributes:
        output: everything on standard output ahead of the mark.
        tail: the rest of the line that follows the mark.
        closed: the connection ended before the mark came.
        late: the deadline passed before the mark came.
        flooded: more than the limit came before the mark.
    """

    output: bytes = b""
    tail: bytes = b""
    closed: bool = False
    late: bool = False
    flooded: bool = False


class Pipe(ABC):
    """Talks to a process, however it is reached.

    Standard output carries what readers would see, with marks in it; standard error carries remarks of the
    protocol itself, where nothing that a snippet prints ever arrives.
    """

    def __init__(self) -> None:
        self._output = bytearray()
        self._remarks = bytearray()
        self._aside = bytearray()
        self._most = 1 << 24
        self._output_ended = False
        self._remarks_ended = False

    @property
    @abstractmethod
    def reachable(self) -> bool:
        """Whether the other end is still there."""

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Queues bytes for the process. They are written now as far as they go, the rest while reading."""

    def ended_by_itself(self) -> bool:
        """Once it is closed: whether the process over there has ended, and not what leads to it."""
        return True

    @abstractmethod
    def close(self) -> None:
        """Hangs up. The process, finding its input at an end, ends by itself."""

    @abstractmethod
    def _receive(self, seconds: float) -> bool:
        """Waits until something has come, and takes it in; whether that was within so many seconds, 0 or more."""

    def _wait(self, deadline: float) -> bool:
        left = deadline - time.monotonic()
        return left > 0 and self._receive(left)

    def read_until(self, marks: tuple[bytes, ...], deadline: float, limit: int) -> tuple[Reading, bytes]:
        """Reads until a line on standard output holds one of the marks.

        Args:
            marks: any of these ends the reading.
            deadline: on the clock of `time.monotonic`.
            limit: bytes of output after which to give up.

        Returns:
            What was read, and the mark that was met first; empty bytes if none was. Neither depends on the pieces in
            which the bytes came.
        """
        searched = 0
        longest = max(len(mark) for mark in marks)
        self._most = limit + longest + _CHUNK
        while True:
            start = max(0, searched - longest)
            found = [(at, mark) for mark in marks if (at := self._output.find(mark, start)) >= 0]
            if found:
                # The first in the stream, whichever of them is whole first: what comes behind it is another matter.
                at, mark = min(found)
                behind = at + len(mark)
                end = self._output.find(b"\n", behind)
                tail = (end if end >= 0 else len(self._output)) - behind
                flooded = at > limit or tail > limit
                if end >= 0 and not flooded:
                    reading = Reading(bytes(self._output[:at]), bytes(self._output[behind:end]))
                    del self._output[: end + 1]
                    return reading, mark
                searched = behind
            else:
                # A mark that begins within the limit would be whole by now.
                searched = len(self._output)
                flooded = searched > limit + longest
            if flooded:
                return Reading(self._take_output()[:limit], flooded=True), b""
            if self._output_ended:
                return Reading(self._take_output(), closed=True), b""
            if not self._wait(deadline):
                return Reading(self._take_output(), late=True), b""

    def remarks_until(self, mark: bytes, deadline: float) -> bytes | None:
        """What came on standard error up to a mark; `None` when it doesn't come."""
        while (at := self._remarks.find(mark)) < 0:
            if self._remarks_ended or not self._wait(deadline):
                return None
        found = bytes(self._remarks[:at])
        del self._remarks[: at + len(mark)]
        return found

    @property
    def remarks_ended(self) -> bool:
        """Whether nothing can come on standard error any more."""
        return self._remarks_ended

    def remarks(self) -> bytes:
        """What has come on standard error so far and wasn't asked for."""
        self._receive(0)
        found = bytes(self._remarks)
        self._remarks.clear()
        return found

    def everything_aside(self) -> bytes:
        """The end of all that ever came on standard error, whether asked for or not. Waits for its end."""
        deadline = time.monotonic() + _ASIDE_SECONDS
        while not self._remarks_ended and self._wait(deadline):
            pass
        return bytes(self._aside)

    def _take_output(self) -> bytes:
        taken = bytes(self._output)
        self._output.clear()
        return taken

    def _take_in_output(self, data: bytes) -> None:
        self._output += data
        # While remarks are awaited nobody counts what a background job prints: beyond this it is a flood anyway.
        del self._output[self._most :]

    def _take_in_remarks(self, data: bytes) -> None:
        self._remarks += data
        self._aside += data
        del self._remarks[:-_KEPT_REMARKS], self._aside[:-_KEPT_ASIDE]


class ProcessPipe(Pipe):
    """Talks to a process of this computer over its standard streams.

    Args:
        process: has pipes for all three.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        super().__init__()
        self._process = process
        self._in = _stream(process.stdin)
        self._out = _stream(process.stdout)
        self._err = _stream(process.stderr)
        for stream in (self._in, self._out, self._err):
            os.set_blocking(stream.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ)
        self._selector.register(self._err, selectors.EVENT_READ)
        self._outbox = Outbox(self._in.fileno(), self._selector)

    @property
    def reachable(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def ended_by_itself(self) -> bool:
        """See `Pipe`. An engine's program passes on how a process has ended; its own troubles are other numbers."""
        try:
            status = self._process.wait(_ENDS_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return status == 0 or _SIGNALS < status < _TROUBLE

    def send(self, data: bytes) -> None:
        """See `Pipe`."""
        self._outbox.send(data)

    def close(self) -> None:
        """See `Pipe`."""
        self._selector.close()
        self._outbox.close()
        for stream in (self._in, self._out, self._err):
            stream.close()

    def _receive(self, seconds: float) -> bool:
        events = self._selector.select(seconds)
        for key, _ in events:
            if key.fileobj is self._out:
                chunk = self._read(self._out)
                self._take_in_output(chunk)
                self._output_ended = not chunk
            elif key.fileobj is self._err:
                chunk = self._read(self._err)
                self._take_in_remarks(chunk)
                self._remarks_ended = not chunk
            else:
                self._outbox.write()
        return bool(events)

    def _read(self, stream: IO[bytes]) -> bytes:
        chunk = os.read(stream.fileno(), _CHUNK)
        if not chunk:
            self._selector.unregister(stream)
        return chunk


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("the process needs pipes for all three standard streams")
    return stream
