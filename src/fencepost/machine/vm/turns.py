"""How many virtual machines may run at a time."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from fencepost.machine.making import Making

_POLL_SECONDS = 0.2


class Turns:
    """Lets machines run while there are processors and memory for them; one machine always may.

    A machine that boots goes before the pages that wait, because further pages wait for it.

    Args:
        processors: the processors that they share.
        available: returns the memory that is free for them, in MiB; 0 if unknown. Called while none of them runs.
    """

    def __init__(self, processors: int, available: Callable[[], int]) -> None:
        self._changed = threading.Condition()
        self._processors = processors
        self._available = available
        self._memory = 0
        self._waiting_boots = 0
        self._running: list[tuple[int, int]] = []
        self._thread = threading.local()

    @contextlib.contextmanager
    def take(self, processors: int, memory: int, making: Making, *, boots: bool = False) -> Iterator[None]:
        """Wait until there is enough for a machine, and keep that for it.

        A thread that has a turn already doesn't wait for a second one: it makes the machine that it is about to run.

        Args:
            processors: how many it keeps busy; 0 if it gives way to others.
            memory: its memory, in MiB.
            making: ends the wait when it is cancelled.
            boots: it boots, and doesn't run a page.

        Raises:
            EngineError: when cancelled.
        """
        mine = (processors, memory)
        if getattr(self._thread, "has_a_turn", False):
            yield
            return
        with self._changed:
            self._waiting_boots += boots
            try:
                self._wait(mine, making, boots)
            finally:
                self._waiting_boots -= boots
            self._running.append(mine)
        self._thread.has_a_turn = True
        try:
            yield
        finally:
            self._thread.has_a_turn = False
            with self._changed:
                self._running.remove(mine)
                self._changed.notify_all()

    def _wait(self, mine: tuple[int, int], making: Making, boots: bool) -> None:
        has_said = False
        while (self._waiting_boots and not boots) or not self._is_enough_for(*mine):
            if making.machine and not has_said:
                making.does("waiting until another virtual machine ends")
                has_said = True
            self._changed.wait(_POLL_SECONDS)
            making.check()

    def _is_enough_for(self, processors: int, memory: int) -> bool:
        if not self._running:
            self._memory = self._available()
            return True
        busy = sum(each for each, _ in self._running)
        taken = sum(each for _, each in self._running)
        fits = not self._memory or taken + memory <= self._memory
        return fits and (not processors or busy + processors <= self._processors)
