"""One at a time, in however many processes."""

from __future__ import annotations

import threading

import pytest

from fencepost.errors import EngineError
from fencepost.machine.cache import only_one


def test_who_waits_is_asked_meanwhile_and_may_give_up() -> None:
    asked = []

    def meanwhile() -> None:
        asked.append(1)
        if len(asked) == 3:
            raise EngineError("stopped")

    with only_one("a-thing-of-the-tests"):
        with pytest.raises(EngineError, match="stopped"), only_one("a-thing-of-the-tests", meanwhile=meanwhile):
            raise AssertionError("two at a time")
        with only_one("another-thing-of-the-tests", meanwhile=meanwhile):
            pass
    assert len(asked) == 3


def test_who_waits_gets_its_turn() -> None:
    waits = threading.Event()
    got = []

    def wait() -> None:
        with only_one("a-thing-of-the-tests", meanwhile=waits.set):
            got.append(1)

    with only_one("a-thing-of-the-tests"):
        thread = threading.Thread(target=wait)
        thread.start()
        assert waits.wait(20)
        assert got == []
    thread.join(20)
    assert got == [1]
