"""A connection whose bytes arrive in pieces that a test chooses: each packet of a socket is one."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import cast

from fencepost.session.pipe import Pipe, ProcessPipe


@contextmanager
def connection(output: Sequence[bytes], remarks: Sequence[bytes] = ()) -> Iterator[Pipe]:
    """A process that writes these pieces to its two streams, and hangs up."""
    pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(3)]
    for (_, there), pieces in zip(pairs[1:], (output, remarks), strict=True):
        there.setblocking(False)  # more than the kernel keeps is a mistake of the test's
        for piece in pieces:
            there.send(piece)
        there.close()
    ours = [here.makefile("rwb", buffering=0) for here, _ in pairs]
    process = SimpleNamespace(stdin=ours[0], stdout=ours[1], stderr=ours[2], poll=lambda: None)
    pipe = ProcessPipe(cast("subprocess.Popen[bytes]", process))
    try:
        yield pipe
    finally:
        pipe.close()
        for here, _ in pairs:
            here.close()
        pairs[0][1].close()


def cut(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    """Bytes in pieces of these sizes, over and over; at most a hundred of them, the last one with the rest."""
    pieces = []
    while data and len(pieces) < 99:
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(data[:size])
        data = data[size:]
    return [*pieces, data] if data else pieces
