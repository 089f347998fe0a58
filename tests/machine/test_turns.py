"""How many virtual machines run at a time."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest

from fencepost.errors import EngineError
from fencepost.machine.making import Making
from fencepost.machine.vm.turns import Turns


def number_at_a_time(turns: Turns, processors: int, memory: int) -> int:
    """Return how many machines get their turn before one has to wait; 9 if none has to."""
    cancelled = Making()
    cancelled.cancelled.set()
    with ExitStack() as stack:
        for number in range(9):
            try:
                stack.enter_context(turns.take(processors, memory, cancelled))
            except EngineError:
                return number
    return 9


@pytest.mark.parametrize(
    ("processors", "memory", "number"),
    [(1, 1000, 2), (0, 1000, 5), (0, 2000, 2), (1, 4000, 1), (1, 99_000, 1)],
    ids=["processors", "one that gives way", "memory", "half of the memory", "more than there is"],
)
def test_machines_run_while_there_is_enough(processors: int, memory: int, number: int) -> None:
    assert number_at_a_time(Turns(2, lambda: 5000), processors, memory) == number


def test_memory_that_is_unknown_limits_nothing() -> None:
    assert number_at_a_time(Turns(4, lambda: 0), 1, 99_000) == 4


def test_the_next_machine_starts_when_one_ends() -> None:
    turns, waits, runs = Turns(1, lambda: 0), threading.Event(), threading.Event()

    def run() -> None:
        waits.set()
        with turns.take(1, 0, Making()):
            runs.set()

    with turns.take(1, 0, Making()):
        thread = threading.Thread(target=run)
        thread.start()
        assert waits.wait(20)
        assert not runs.wait(0.3)
    thread.join(20)
    assert runs.is_set()


def test_memory_is_looked_at_again_when_nothing_runs() -> None:
    amounts = iter((1000, 4000))
    turns = Turns(9, lambda: next(amounts))
    assert number_at_a_time(turns, 0, 1000) == 1
    assert number_at_a_time(turns, 0, 1000) == 4
