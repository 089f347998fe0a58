"""A lock that one process holds at a time."""

from __future__ import annotations

import threading

import pytest

from fencepost.errors import EngineError
from fencepost.machine.cache import locked
from fencepost.machine.making import Making
from fencepost.machine.progress import ProgressLines


def test_a_waiting_process_says_so_once_and_may_give_up() -> None:
    result: list[str] = []
    making = Making(ProgressLines(result.append))
    with locked("a-thing-of-the-tests"):
        threading.Timer(0.3, making.cancelled.set).start()
        waiting = locked("a-thing-of-the-tests", making, waits_for="somebody has it")
        with pytest.raises(EngineError, match="stopped"), waiting:
            raise AssertionError("two at a time")
        with locked("another-thing-of-the-tests", making, waits_for="somebody has it"):
            pass
    assert result == ["somebody has it"]


def test_a_process_that_does_not_wait_is_refused() -> None:
    with locked("a-thing-of-the-tests"), pytest.raises(EngineError), locked("a-thing-of-the-tests"):
        raise AssertionError("two at a time")


def test_a_waiting_process_gets_its_turn() -> None:
    waits = threading.Event()
    got = []

    def wait() -> None:
        with locked("a-thing-of-the-tests", Making(ProgressLines(lambda _: waits.set())), waits_for="somebody has it"):
            got.append(1)

    with locked("a-thing-of-the-tests"):
        thread = threading.Thread(target=wait)
        thread.start()
        assert waits.wait(20)
        assert got == []
    thread.join(20)
    assert got == [1]
