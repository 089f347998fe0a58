"""The interface through which a check reports its progress."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from fencepost.check.job import Job
from fencepost.kinds.result import StepResult
from fencepost.machine.progress import Progress
from fencepost.record.model import Record


class Observer(Progress, Protocol):
    """Receives the progress of a check. Called from several threads, one call at a time."""

    def page_begins(self, job: Job, why: str) -> None:
        """Called before a page runs on a machine, with the reason."""

    def page_holds(self, job: Job, record: Record) -> None:
        """Called for a page that needn't run, because its record still holds."""

    def step_begins(self, job: Job, number: int) -> None:
        """Called before a step of a page, counted from 0, runs."""

    def step_ends(self, job: Job, result: StepResult) -> None:
        """Called when a step has its verdict."""

    def page_ends(self, job: Job, record: Record) -> None:
        """Called when all steps of a page have their verdicts."""


class LockedObserver:
    """Passes each call on to an observer, under a lock."""

    def __init__(self, observer: Observer) -> None:
        lock = threading.Lock()

        def locked(method: Callable[..., None]) -> Callable[..., None]:
            def call(*arguments: object) -> None:
                with lock:
                    method(*arguments)

            return call

        self.say = locked(observer.say)
        self.machine_does = locked(observer.machine_does)
        self.machine_prints = locked(observer.machine_prints)
        self.machine_is_ready = locked(observer.machine_is_ready)
        self.machine_fails = locked(observer.machine_fails)
        self.page_begins = locked(observer.page_begins)
        self.page_holds = locked(observer.page_holds)
        self.step_begins = locked(observer.step_begins)
        self.step_ends = locked(observer.step_ends)
        self.page_ends = locked(observer.page_ends)
