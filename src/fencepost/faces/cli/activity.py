"""The machines that are being made and the pages that run at the moment, and the seconds since each step began."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.text import Text

from fencepost.faces.safe_text import shown_on_one_line
from fencepost.terminal import lines_of

# Of what a program prints, in characters. Terminals are rarely wider than twice that.
_SHOWN_WIDTH = 60


@dataclass
class Doing:
    """One of several things that go on at the same time.

    Attributes:
        what: the machine or page.
        begun: the time of its beginning, on the monotonic clock.
        step: what is done for it now.
        since: the time of this step's beginning.
        line: the line that it printed last.
    """

    what: str
    begun: float
    step: str
    since: float
    line: str = ""

    def text(self, now: float) -> Text:
        """Return it as one line."""
        text = Text(shown_on_one_line(self.what), "bold", no_wrap=True, overflow="ellipsis")
        text.append(f" {shown_on_one_line(self.step)}", "not bold dim")
        text.append(f", {now - self.since:.0f} s", "not bold dim")
        if self.line:
            text.append(f": {shown_on_one_line(self.line)[:_SHOWN_WIDTH]}", "not bold dim italic")
        return text


@dataclass
class Activity:
    """Everything that goes on at the moment.

    Attributes:
        clock: returns the time in seconds.
    """

    clock: Callable[[], float] = time.monotonic
    _now: dict[str, Doing] = field(default_factory=dict)

    def begins(self, what: str, step: str) -> None:
        """Note that something begins, or that its next step does."""
        now = self.clock()
        begun = self._now[what].begun if what in self._now else now
        self._now[what] = Doing(what, begun, step, now)

    def prints(self, what: str, line: str) -> None:
        """Note the line that something printed last."""
        if what in self._now and (lines := lines_of(line)):
            self._now[what].line = lines[-1]

    def ends(self, what: str) -> float | None:
        """Note that something has ended; return how many seconds it took, and `None` if it never began."""
        doing = self._now.pop(what, None)
        return self.clock() - doing.begun if doing else None

    def lines(self) -> list[Text]:
        """Return a line for each thing."""
        now = self.clock()
        # Copied, because other threads change it.
        return [doing.text(now) for doing in list(self._now.values())]
