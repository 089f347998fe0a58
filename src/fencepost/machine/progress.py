"""The interface through which the making of machines reports its progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fencepost.errors import FencepostError


class Progress(Protocol):
    """Receives the progress of machines that are made. Called from several threads."""

    def say(self, text: str) -> None:
        """Called with a message about something else than one machine's making."""

    def machine_does(self, machine: str, what: str) -> None:
        """Called when something begins that takes long and that a machine needs."""

    def machine_prints(self, machine: str, line: str) -> None:
        """Called with the line that this printed last."""

    def machine_is_ready(self, machine: str) -> None:
        """Called when a machine can be opened."""

    def machine_fails(self, machine: str, error: FencepostError) -> None:
        """Called when a machine can't be made."""


class ProgressLines:
    """Turns the progress into lines: one for each thing that begins.

    Args:
        say: receives the lines; by default they are dropped.
    """

    def __init__(self, say: Callable[[str], object] = lambda _: None) -> None:
        self._say = say

    def say(self, text: str) -> None:
        """Pass it on."""
        self._say(text)

    def machine_does(self, machine: str, what: str) -> None:
        """See `Progress`."""
        self._say(f"{machine}: {what}")

    def machine_prints(self, machine: str, line: str) -> None:
        """Drop it."""

    def machine_is_ready(self, machine: str) -> None:
        """Drop it."""

    def machine_fails(self, machine: str, error: FencepostError) -> None:
        """Drop it: the error is raised or returned, too."""
