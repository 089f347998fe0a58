"""The report of a check: live on a terminal, plain and stable lines elsewhere."""

from __future__ import annotations

import threading
import time

from rich.console import Console, Group
from rich.live import Live
from rich.padding import Padding
from rich.text import Text

from fencepost.check.job import Job
from fencepost.errors import FencepostError
from fencepost.faces.cli.activity import Activity
from fencepost.faces.cli.common import progress_line
from fencepost.faces.failure_text import failure_text
from fencepost.faces.safe_text import shown, shown_on_one_line
from fencepost.kinds.result import StepResult
from fencepost.page.page import Page
from fencepost.record.change import Changes
from fencepost.record.model import Record
from fencepost.verdicts import Verdict

_STYLES = {
    Verdict.PASSED: "green",
    Verdict.KNOWN_BROKEN: "yellow",
    Verdict.SKIPPED: "cyan",
    Verdict.BLOCKED: "dim",
    Verdict.UNEXPECTEDLY_WORKS: "bold magenta",
    Verdict.TIMED_OUT: "bold red",
    Verdict.FAILED: "bold red",
    Verdict.ERROR: "bold red reverse",
}


# Without a terminal, a line with what goes on is printed after this time in which nothing else was.
_SILENT_SECONDS = 15.0


class Report:
    """Prints the progress of a check, and its result.

    Args:
        console: where to print.
        verbose: print every step, and why each page is run.
        keeps_all: keep the results of all steps in `results`, and not only failures. The outputs of a large site may
            not fit into memory.

    Attributes:
        results: the results that were kept, with their pages and machines.
    """

    def __init__(self, console: Console, *, verbose: bool = False, keeps_all: bool = False) -> None:
        self._console = console
        self._verbose = verbose
        self._keeps_all = keeps_all
        self._activity = Activity()
        self._silence_ends = threading.Event()
        self._printed = time.monotonic()
        self.results: list[tuple[Job, StepResult]] = []
        self._noted: set[str] = set()
        self._held = 0
        self._ran = 0
        self._started = time.monotonic()
        self._live = Live(console=console, transient=True, refresh_per_second=8, get_renderable=self._shown_activity)

    def __enter__(self) -> Report:
        if self._console.is_terminal:
            self._live.start()
        else:
            threading.Thread(target=self._break_silences, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._silence_ends.set()
        if self._console.is_terminal:
            self._live.stop()

    def say(self, text: str) -> None:
        """Print a message."""
        self._print(Text(shown_on_one_line(text), "dim"))

    def machine_does(self, machine: str, what: str) -> None:
        """Note that something begins that a machine needs."""
        self._activity.begins(machine, what)
        if not self._console.is_terminal:
            self._print(progress_line(f"{machine}: {what}"))

    def machine_prints(self, machine: str, line: str) -> None:
        """Note the line that this printed last."""
        self._activity.prints(machine, line)

    def machine_is_ready(self, machine: str) -> None:
        """Print how long a machine was made."""
        if (seconds := self._activity.ends(machine)) is not None:
            self._print(Text(f"{shown_on_one_line(machine)} is ready after {seconds:.0f} s", "dim"))

    def machine_fails(self, machine: str, error: FencepostError) -> None:
        """Print the reason why a machine can't be made."""
        self._activity.ends(machine)
        self._print(Text(shown(str(error)), "bold red"))

    def page_begins(self, job: Job, why: str) -> None:
        """Note that a page starts on a machine, and why."""
        self._activity.begins(job.name, "starts its machine")
        if self._verbose:
            text = shown_on_one_line(f"{job.name}: runs because: {why}")
            self._print(Text(text, style="dim"))

    def page_holds(self, job: Job, record: Record) -> None:
        """Note that a page isn't run, because its record still holds."""
        self._held += 1
        # Repeat warnings: readers would miss one that came only with the first check.
        if self._verbose or any(snippet.notes for snippet in record.snippets):
            self._print_page(record, f"unchanged since {record.started:%Y-%m-%d %H:%M} UTC")
        self._print_note(job.page)

    def step_begins(self, job: Job, number: int) -> None:
        """Note that a step starts."""
        self._activity.begins(job.name, f"runs step {number + 1} of {len(job.snippets)}: {job.snippets[number].id}")

    def step_ends(self, job: Job, result: StepResult) -> None:
        """Note that a step has ended."""
        if self._keeps_all or result.verdict.stops_the_page:
            self.results.append((job, result))
        if self._verbose:
            line = Text("  ").append(str(result.verdict), _STYLES[result.verdict])
            name = shown_on_one_line(f"{job.page.path.stem}@{job.definition.name}")
            line.append(f" {name}: {result.snippet.id} ({result.seconds:.2f} s)")
            if result.reason:
                line.append(f": {shown(result.reason.splitlines()[0])}", "dim")
            self._print(line)

    def page_ends(self, job: Job, record: Record) -> None:
        """Print a page's result: all its steps have ended."""
        self._activity.ends(job.name)
        self._ran += 1
        self._print_page(record, f"{record.seconds:.1f} s")
        self._print_note(job.page)

    def end(
        self,
        records: list[Record],
        excerpt_lines: dict[str, list[str]],
        changes: Changes,
        *,
        but_differences: bool = False,
    ) -> None:
        """Print each failure, and a summary.

        Args:
            records: every page's record.
            excerpt_lines: the lines of the files that failures name, by file.
            changes: the changes since each page was last green.
            but_differences: leave out failures in which only an output differs.
        """
        for job, result in self.results:
            if result.verdict.stops_the_page and not (but_differences and result.differs):
                self._console.print()
                change = changes.get(job.key)
                self._console.print(Text(failure_text(job, result, excerpt_lines, change)), soft_wrap=True)
        counts = dict.fromkeys(Verdict, 0)
        for record in records:
            for snippet in record.snippets:
                counts[snippet.verdict] += 1
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count) or "no steps"
        pages = len({record.page for record in records})
        seconds = time.monotonic() - self._started
        red = any(record.verdict.is_red for record in records)
        style = "bold red" if red else "bold green" if any(record.ran for record in records) else "bold yellow"
        self._console.print()
        self._console.print(
            Text(f"{pages} page{'s' if pages != 1 else ''}: {verdicts}", style=style),
            soft_wrap=True,
        )
        for by_the_world, cause in ((True, "by the world"), (False, "since a commit")):
            broken = [key for key, change in changes.items() if change.by_the_world is by_the_world]
            if broken:
                names = shown_on_one_line(", ".join(f"{key.page} on {key.machine}" for key in broken))
                self._console.print(Text(f"broken {cause}: {names}", style="bold"), soft_wrap=True)
        self._console.print(
            Text(f"{self._ran} run, {self._held} unchanged, in {seconds:.1f} s", style="dim"), soft_wrap=True
        )

    def _print_page(self, record: Record, remark: str) -> None:
        passed, total, broken = record.counted
        line = Text(f"{record.verdict:<12} ", _STYLES[record.verdict])
        name = shown_on_one_line(f"{record.page} on {record.machine}")
        done = f"{passed} of {total} steps" if record.ran else f"nothing was checked: {record.reason or 'no step'}"
        line.append(f"{name}: {shown_on_one_line(done)}", "default")
        if broken:
            line.append(f", {broken} known to be broken")
        if record.empty and not record.nothing_to_run:
            line.append(f", {record.empty} in which nothing runs")
        line.append(f", {remark}", "dim")
        self._print(line)
        for snippet in record.snippets:
            for note in snippet.notes:
                warning = shown_on_one_line(f"{note.file}:{note.line}: warning: {note.text}")
                self._print(Text(f"  {warning}", "yellow"))

    def _print_note(self, page: Page) -> None:
        """Print a page's warning once, even if the page runs on several machines."""
        if page.note and page.name not in self._noted:
            self._noted.add(page.name)
            warning = shown_on_one_line(f"  {page.name}: warning: {page.note}")
            self._print(Text(warning, "yellow"))

    def _print(self, text: Text) -> None:
        """Print text without wrapping it: part of a name could start a line."""
        self._printed = time.monotonic()
        self._console.print(text, soft_wrap=True)

    def _shown_activity(self) -> Padding:
        return Padding(Group(*self._activity.lines()), (0, 0, 0, 2))

    def _break_silences(self) -> None:
        while not self._silence_ends.wait(max(0.1, self._printed + _SILENT_SECONDS - time.monotonic())):
            if time.monotonic() - self._printed >= _SILENT_SECONDS and (lines := self._activity.lines()):
                self._print(Text("; ").join(lines))
