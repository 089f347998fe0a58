"""Run tools side by side: first check that each does what it claims, then time them in turns."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contestants import Tool
from steps import Fault

SNIPPETS = 20
# A tool that takes longer than this for all pages is measured in one round.
_SLOW_SECONDS = 60
_LONGEST_SECONDS = 600


@dataclass
class Entry:
    """A tool in the contest.

    Attributes:
        tool: the tool.
        folder: a folder for its pages.
        pages: how many pages it is measured on.
        slow: True if it is measured only once.
        trouble: why it isn't measured; empty if it is.
        notices_status, notices_output: True if it failed on a page with that fault.
        times: the seconds of each round, by the number of steps per page.
    """

    tool: Tool
    folder: Path
    pages: int
    slow: bool = False
    trouble: str = ""
    notices_status: bool = False
    notices_output: bool = False
    times: dict[int, list[float]] = field(default_factory=dict)

    @property
    def measured(self) -> bool:
        """True if there are valid times."""
        return SNIPPETS in self.times and not self.trouble

    @property
    def seconds(self) -> float:
        """The median time for all pages of `SNIPPETS` steps."""
        return statistics.median(self.times[SNIPPETS])

    @property
    def shortest(self) -> float:
        """The shortest time for them."""
        return min(self.times[SNIPPETS])

    @property
    def longest(self) -> float:
        """The longest time for them."""
        return max(self.times[SNIPPETS])

    @property
    def marginal(self) -> float | None:
        """The milliseconds that one more snippet takes; `None` if pages with twice as many weren't measured."""
        if SNIPPETS * 2 not in self.times:
            return None
        more = statistics.median(self.times[SNIPPETS * 2]) - statistics.median(self.times[SNIPPETS])
        return more / (self.pages * SNIPPETS) * 1000


@dataclass(frozen=True)
class Contest:
    """A contest.

    Attributes:
        programs: the folder of programs of the peers' environment.
        rounds: how often each tool is measured.
        say: called with a message about what runs now.
    """

    programs: Path
    rounds: int
    say: Callable[[str], None]

    def judge(self, entry: Entry) -> None:
        """Find out if a tool runs every step, and which faults it notices.

        Each step adds a line to a file. On a separate machine it can't: there the tool's own count is trusted.
        """
        tool = entry.tool
        self.say(f"{tool.name}, {tool.language}: does it run every step, and what does it notice")
        trace, sound = entry.folder / "trace", entry.folder / "sound"
        tool.lay_out(sound, 1, SNIPPETS, traced=None if tool.isolates else trace)
        seconds, entry.trouble = self.run(tool, sound, 1, SNIPPETS)
        ran = SNIPPETS if tool.isolates else _lines_in(trace)
        if ran != SNIPPETS and not entry.trouble:
            entry.trouble = f"ran {ran} steps of {SNIPPETS}"
        entry.notices_status = self._is_red(entry, "status")
        entry.notices_output = self._is_red(entry, "output")
        if tool.package and seconds * entry.pages > _SLOW_SECONDS:
            seconds, _ = self.run(tool, sound, 1, SNIPPETS)
            entry.slow = seconds * entry.pages > _SLOW_SECONDS

    def race(self, entries: Sequence[Entry], marginal: Callable[[Tool], bool]) -> None:
        """Measure all tools in turns; each round starts with another one.

        Args:
            entries: the tools.
            marginal: returns True for tools that are also measured on pages with twice as many steps.
        """
        measurable = [entry for entry in entries if not entry.trouble]
        lanes = [(entry, SNIPPETS) for entry in measurable]
        lanes += [(entry, SNIPPETS * 2) for entry in measurable if marginal(entry.tool) and not entry.slow]
        for entry, snippets in lanes:
            entry.tool.lay_out(entry.folder / str(snippets), entry.pages, snippets)
            if entry.tool.warm:
                self._call(entry.tool, entry.folder / str(snippets))
        for number in range(self.rounds):
            first = number * len(lanes) // self.rounds
            for entry, snippets in [*lanes[first:], *lanes[:first]]:
                if entry.slow and number:
                    continue
                self.say(
                    f"round {number + 1} of {self.rounds}: {entry.tool.name}, {entry.tool.language},"
                    f" {entry.pages} pages of {snippets} steps"
                )
                seconds, trouble = self.run(entry.tool, entry.folder / str(snippets), entry.pages, snippets)
                entry.trouble = entry.trouble or trouble
                entry.times.setdefault(snippets, []).append(seconds)

    def run(self, tool: Tool, folder: Path, pages: int, snippets: int) -> tuple[float, str]:
        """Return the seconds that a tool takes for its pages, and an error message or an empty string."""
        began = time.perf_counter()
        done = self._call(tool, folder)
        seconds = time.perf_counter() - began
        counted = tool.counts.format(pages=pages, steps=pages * snippets, last_page=pages - 1, last_step=snippets - 1)
        printed = done.stdout + done.stderr
        if done.returncode:
            return seconds, f"ended with status {done.returncode}"
        return seconds, "" if counted in printed else f"didn't print: {counted}"

    def _is_red(self, entry: Entry, fault: Fault) -> bool:
        folder = entry.folder / fault
        entry.tool.lay_out(folder, 1, SNIPPETS, fault=fault)
        return self._call(entry.tool, folder).returncode != 0

    def _call(self, tool: Tool, folder: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            tool.argv(folder, self.programs),
            cwd=folder,
            env=environment(tool.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_LONGEST_SECONDS,
            check=False,
        )


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a measured tool, in which Python keeps bytecode as it does for installed programs."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "NO_COLOR": "1", "NO_MKDOCS_2_WARNING": "1", **extra}


def _lines_in(path: Path) -> int:
    return path.read_text("utf-8").count("\n") if path.exists() else 0
