"""How many virtual machines run at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from fencepost.errors import EngineError
from fencepost.machine.making import Making
from fencepost.machine.vm.turns import Turns


def number_at_a_time(turns: Turns, processors: int, memory: int) -> int:
    """Return how many machines, each in its own thread, get their turn before one has to wait; at most 9."""
    cancelled = Making()
    cancelled.cancelled.set()
    with ExitStack() as stack:
        for number in range(9):
            thread = stack.enter_context(ThreadPoolExecutor(1))
            turn = turns.take(processors, memory, cancelled)
            try:
                thread.submit(turn.__enter__).result()
            except EngineError:
                return number
            stack.callback(lambda thread=thread, turn=turn: thread.submit(turn.__exit__, None, None, None).result())
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


def test_a_thread_makes_a_machine_in_its_own_turn() -> None:
    turns = Turns(1, lambda: 0)
    with turns.take(1, 0, Making()):
        with turns.take(1, 0, Making()):
            pass
        assert number_at_a_time(turns, 1, 0) == 0
    assert number_at_a_time(turns, 1, 0) == 1


def test_a_machine_that_boots_goes_before_pages_that_wait() -> None:
    turns, order, ends = Turns(1, lambda: 0), [], threading.Event()

    def run(what: str) -> None:
        with turns.take(1, 0, Making(), boots=what == "boot"):
            order.append(what)

    with ThreadPoolExecutor(2) as threads, turns.take(1, 0, Making()):
        threads.submit(run, "page")
        # The page waits already, and is asked first whether there is enough for it.
        ends.wait(0.3)
        threads.submit(run, "boot")
        ends.wait(0.3)
    assert order == ["boot", "page"]
