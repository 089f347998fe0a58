"""A warm container: started once, it opens one cell after the other."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import time

from fencepost.errors import EngineError
from fencepost.machine.container_base import connected, run_flags
from fencepost.machine.container_machine import CAPABILITIES, page_flags
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engine import Engine
from fencepost.machine.image import Image
from fencepost.machine.ownership_labels import fresh_name, remove_containers
from fencepost.machine.warm.frames import (
    CHANNELS,
    CLOSE,
    DATA,
    GONE,
    KILL,
    NOT_KILLED,
    OPEN,
    OUTPUT,
    REFUSED,
    REMARKS,
    START,
    Decoder,
    Frame,
    words,
)
from fencepost.session.outbox import Outbox
from fencepost.session.pipe import Pipe
from fencepost.settings import Settings, mebibytes

# The program's own capabilities in its user namespace: to make namespaces and mounts, to bring up a loopback interface,
# and to drop capabilities.
_FOR_THE_PROGRAM = ("SYS_ADMIN", "NET_ADMIN", "SETPCAP")
_PROGRAM = "/run/fencepost-cell"
# The share of a container's memory that its file system may take. A page that fills it gets an error; with a larger
# share, the kernel would kill processes instead.
_DISK_SHARE = 0.75
_CHUNK = 1 << 16
_LONGEST = 1 << 20
_START_SECONDS = 120.0
_KILL_SECONDS = 30.0
_CLOSE_SECONDS = 30.0
_LEAVE_SECONDS = 3.0


class WarmContainer:
    """A container in which the program `cell` waits for frames. Not thread-safe, except `abort`.

    Args:
        engine: the engine that runs it, which must be able to give it a user namespace.
        image: the image, which is the file system of its cells.
        definition: the machine.
        settings: the site's limits.
        program: the program `cell`.

    Raises:
        EngineError: when the engine can't be started.
    """

    def __init__(
        self, engine: Engine, image: Image, definition: MachineDefinition, settings: Settings, program: bytes
    ) -> None:
        self.engine = engine
        self.name = fresh_name()
        self.host_name = definition.name
        self._process = connected(engine, self._arguments(image, definition, settings, len(program)))
        streams = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._in, self._out, self._err = (stream.fileno() for stream in streams if stream)
        for descriptor in (self._in, self._out, self._err):
            os.set_blocking(descriptor, False)
        self._decoder = Decoder()
        self._pipes: dict[int, CellPipe] = {}
        self._answer = Frame(b"")
        self._ended = False
        self._aborted = False
        self._words = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ)
        self._selector.register(self._err, selectors.EVENT_READ)
        self._outbox = Outbox(self._in, self._selector)
        self._outbox.send(program)

    @property
    def alive(self) -> bool:
        """True if it answers, and can be used for another page."""
        return not self._ended and not self._aborted and self._process.poll() is None

    @property
    def last_words(self) -> str:
        """The last line on its standard error, from the engine, the shell or the program."""
        lines = self._words.decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""

    def open_cell(self, command: list[str]) -> CellPipe:
        """Open a cell with a command as its first process, without waiting. No cell may be open."""
        return self._start(OPEN, command)

    def start(self, command: list[str]) -> CellPipe:
        """Start a further command in the cell, without waiting."""
        return self._start(START, command)

    def kill_processes(self) -> bool:
        """End all processes of the cell except its first; return whether that succeeded."""
        self.send(Frame(KILL))
        return self._wait_for((KILL, NOT_KILLED), _KILL_SECONDS) == KILL

    def close_cell(self) -> bool:
        """End the cell and all its processes; return whether that succeeded."""
        self.send(Frame(CLOSE))
        done = self._wait_for((CLOSE,), _CLOSE_SECONDS) == CLOSE
        self._pipes.clear()
        return done

    def abort(self) -> None:
        """Remove it at once, from any thread."""
        # Mark it first, because the engine's process may live on for a moment.
        self._aborted = True
        with contextlib.suppress(EngineError):
            remove_containers(self.engine, [self.name])

    def close(self) -> None:
        """End it, in any state."""
        self._selector.close()
        self._outbox.close()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream:
                # The program ends when its standard input does.
                stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_LEAVE_SECONDS)
        if self._process.returncode != 0:
            self.abort()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def send(self, frame: Frame) -> None:
        """Queue a frame; see `Pipe.send`."""
        self._outbox.send(frame.encoded())

    def receive(self, seconds: float) -> bool:
        """Wait for data and pass it to its pipe; return whether any came within some seconds."""
        events = self._selector.select(seconds)
        for key, _ in events:
            if key.fd == self._in:
                self._outbox.write()
            elif key.fd == self._err:
                self._words = (self._words + self._read(self._err))[-_CHUNK:]
            else:
                data = self._read(self._out)
                for frame in self._decoder.feed(data):
                    self._take(frame)
                if not data:
                    self._ended = True
                    for channel in list(self._pipes):
                        self._take(Frame(GONE, channel))
        return bool(events)

    def _start(self, kind: bytes, command: list[str]) -> CellPipe:
        channel = next((number for number in range(CHANNELS) if number not in self._pipes), CHANNELS)
        if channel == CHANNELS:
            raise EngineError(f"a page may have at most {CHANNELS} commands at a time on a warm machine")
        pipe = CellPipe(self, channel)
        self._pipes[channel] = pipe
        self.send(Frame(kind, channel, words(command)))
        return pipe

    def _take(self, frame: Frame) -> None:
        if frame.kind in {KILL, NOT_KILLED, CLOSE}:
            self._answer = frame
        elif frame.channel in self._pipes:
            self._pipes[frame.channel].take(frame)
            if frame.kind in {GONE, REFUSED}:
                del self._pipes[frame.channel]

    def _wait_for(self, kinds: tuple[bytes, ...], seconds: float) -> bytes:
        self._answer = Frame(b"")
        deadline = time.monotonic() + seconds
        while self._answer.kind not in kinds:
            left = deadline - time.monotonic()
            if self._ended or left <= 0 or not self.receive(left):
                return b""
        return self._answer.kind

    def _read(self, descriptor: int) -> bytes:
        data = os.read(descriptor, _CHUNK)
        if not data:
            self._selector.unregister(descriptor)
        return data

    def _arguments(self, image: Image, definition: MachineDefinition, settings: Settings, size: int) -> list[str]:
        memory = definition.settings.memory or settings.memory
        flags = run_flags(self.engine, self.name, memory=memory, processes=settings.processes)
        for capability in (*CAPABILITIES, *_FOR_THE_PROGRAM):
            flags += ["--cap-add", capability]
        # The kernel doesn't mount a new /proc while parts of the old one are hidden: the program hides them again.
        flags += ["--read-only", "--security-opt", "unmask=ALL", *page_flags(definition)]
        flags += self.engine.user_namespace_flags()
        kept = sum(1 << number for number in CAPABILITIES.values())
        disk = f"{int(mebibytes(memory) * _DISK_SHARE)}m"
        # Send the program through the stream that its frames use later, so that the engine needs no file of this
        # computer.
        script = f'head -c {size} >{_PROGRAM} && chmod 500 {_PROGRAM} && exec {_PROGRAM} "$@"'
        command = ["-c", script, "fencepost", f"{kept:x}", disk, definition.name]
        return self.engine.argv(*flags, "--entrypoint", "sh", image.id, *command)


class CellPipe(Pipe):
    """A connection to a command in a cell.

    Args:
        container: the container of the cell.
        channel: the command's number in it.
    """

    def __init__(self, container: WarmContainer, channel: int) -> None:
        super().__init__()
        self._container = container
        self._channel = channel

    @property
    def reachable(self) -> bool:
        """True if the command still runs."""
        return self._container.alive and not self._output_ended

    def send(self, data: bytes) -> None:
        """See `Pipe`."""
        for at in range(0, len(data), _LONGEST):
            self._container.send(Frame(DATA, self._channel, data[at : at + _LONGEST]))

    def close(self) -> None:
        """Do nothing: the command ends with its cell."""

    def take(self, frame: Frame) -> None:
        """Take a frame about the command."""
        if frame.kind == OUTPUT:
            self._take_in_output(frame.data)
        elif frame.kind == REMARKS:
            self._take_in_remarks(frame.data)
        elif frame.kind in {GONE, REFUSED}:
            self._take_in_remarks(frame.data)
            self._output_ended = self._remarks_ended = True

    def _receive(self, seconds: float) -> bool:
        return self._container.receive(seconds)
