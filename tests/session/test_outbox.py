"""Bytes that wait to be written: none is lost for lack of room, and none goes to another file."""

from __future__ import annotations

import os
import selectors
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from fencepost.session.outbox import Outbox

MANY = bytes(range(256)) * 4096


@dataclass
class Way:
    """A pipe, and the box in front of it."""

    reads: int
    writes: int
    selector: selectors.BaseSelector
    outbox: Outbox


@pytest.fixture
def way() -> Iterator[Way]:
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    with selectors.DefaultSelector() as selector:
        yield Way(reads, writes, selector, Outbox(writes, selector))
    for descriptor in (reads, writes):
        os.close(descriptor)


def test_more_than_a_pipe_holds_arrives_piece_by_piece(way: Way) -> None:
    way.outbox.send(MANY)
    way.outbox.send(b"and more")
    taken = b""
    while len(taken) < len(MANY) + 8:
        taken += os.read(way.reads, 1 << 16)
        for _ in way.selector.select(0) if way.selector.get_map() else ():
            way.outbox.write()
    assert taken == MANY + b"and more"
    # Nothing is left, so nobody asks for room.
    assert not way.selector.get_map()


def test_data_without_a_reader_is_dropped(way: Way) -> None:
    way.outbox.send(MANY)
    assert way.selector.get_map()
    os.close(way.reads)
    way.outbox.write()
    assert not way.selector.get_map()
    way.reads = os.open(os.devnull, os.O_RDONLY)


def test_a_closed_outbox_writes_to_no_other_file(way: Way) -> None:
    way.outbox.close()
    with pytest.raises(OSError):
        way.outbox.send(b"for nobody")
