"""A live connection to a process on a machine: bytes in, two streams of bytes out, with deadlines."""

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
# The protocol's own remarks are short. More than this is a snippet's flood on the wrong descriptor.
_KEPT_REMARKS = 1 << 20
# How much is kept of all remarks, from the end.
_KEPT_HISTORY = 1 << 16
_HISTORY_SECONDS = 5.0
# An engine may wait five seconds for a container's monitor that was killed.
_ENDS_SECONDS = 10.0
_SIGNALS, _ENGINE_FAILED = 128, 255


@dataclass
class Reading:
    """What was read up to a mark.

    Attributes:
        output: the standard output before the mark.
        tail: the rest of the mark's line.
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
    """A connection to a process.

    Standard output carries what readers would see, with marks in it. Standard error carries only the protocol's own
    remarks, and nothing that a snippet prints.
    """

    def __init__(self) -> None:
        self._output = bytearray()
        self._remarks = bytearray()
        self._history = bytearray()
        self._most = 1 << 24
        self._output_ended = False
        self._remarks_ended = False

    @property
    @abstractmethod
    def reachable(self) -> bool:
        """True if the other end is still there."""

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Queue bytes for the process. As many as possible are written now, the rest while reading."""

    def ended_by_itself(self) -> bool:
        """Return whether the process has ended too, after its connection has."""
        return True

    @abstractmethod
    def close(self) -> None:
        """Hang up. The process ends when it finds its input closed."""

    @abstractmethod
    def _receive(self, seconds: float) -> bool:
        """Wait for bytes, 0 seconds or longer, and take them in. Return whether any came."""

    def _wait(self, deadline: float) -> bool:
        left = deadline - time.monotonic()
        return left > 0 and self._receive(left)

    def read_until(self, marks: tuple[bytes, ...], deadline: float, limit: int) -> tuple[Reading, bytes]:
        """Read until a line on standard output holds one of the marks.

        Args:
            marks: any of these ends the reading.
            deadline: in the time of `time.monotonic`.
            limit: bytes of output after which to give up.

        Returns:
            What was read, and the first mark in it; empty bytes if there was none. Neither depends on how the bytes
            were split into pieces.
        """
        searched = 0
        longest = max(len(mark) for mark in marks)
        self._most = limit + longest + _CHUNK
        while True:
            start = max(0, searched - longest)
            matches = [(at, mark) for mark in marks if (at := self._output.find(mark, start)) >= 0]
            if matches:
                # Take the first mark in the stream, even if another one was complete earlier.
                at, mark = min(matches)
                tail_start = at + len(mark)
                end = self._output.find(b"\n", tail_start)
                tail = (end if end >= 0 else len(self._output)) - tail_start
                flooded = at > limit or tail > limit
                if end >= 0 and not flooded:
                    reading = Reading(bytes(self._output[:at]), bytes(self._output[tail_start:end]))
                    del self._output[: end + 1]
                    return reading, mark
                searched = tail_start
            else:
                # A mark that begins within the limit would be complete by now.
                searched = len(self._output)
                flooded = searched > limit + longest
            if flooded:
                return Reading(self._take_output()[:limit], flooded=True), b""
            if self._output_ended:
                return Reading(self._take_output(), closed=True), b""
            if not self._wait(deadline):
                return Reading(self._take_output(), late=True), b""

    def remarks_until(self, mark: bytes, deadline: float) -> bytes | None:
        """Return the standard error up to a mark; `None` if the mark doesn't come."""
        while (at := self._remarks.find(mark)) < 0:
            if self._remarks_ended or not self._wait(deadline):
                return None
        taken = bytes(self._remarks[:at])
        del self._remarks[: at + len(mark)]
        return taken

    @property
    def remarks_ended(self) -> bool:
        """True if standard error is closed."""
        return self._remarks_ended

    def remarks(self) -> bytes:
        """Return the standard error that has come and wasn't taken yet."""
        self._receive(0)
        taken = bytes(self._remarks)
        self._remarks.clear()
        return taken

    def remark_history(self) -> bytes:
        """Wait until standard error is closed, and return the last part of all that came there, taken or not."""
        deadline = time.monotonic() + _HISTORY_SECONDS
        while not self._remarks_ended and self._wait(deadline):
            pass
        return bytes(self._history)

    def _take_output(self) -> bytes:
        taken = bytes(self._output)
        self._output.clear()
        return taken

    def _take_in_output(self, data: bytes) -> None:
        self._output += data
        # While waiting for remarks, a background job may print any amount. Beyond this it counts as a flood anyway.
        del self._output[self._most :]

    def _take_in_remarks(self, data: bytes) -> None:
        self._remarks += data
        self._history += data
        del self._remarks[:-_KEPT_REMARKS], self._history[:-_KEPT_HISTORY]


class ProcessPipe(Pipe):
    """A connection to a process of this computer over its standard streams.

    Args:
        process: a process with pipes for all three streams.
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
        """True if the process is still there."""
        return self._process.poll() is None

    def ended_by_itself(self) -> bool:
        """See `Pipe`. An engine's program passes on the exit status of a process; for its own errors it uses others."""
        try:
            status = self._process.wait(_ENDS_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return status == 0 or _SIGNALS < status < _ENGINE_FAILED

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
