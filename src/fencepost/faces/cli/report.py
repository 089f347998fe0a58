"""The report of a check: live on a terminal, plain and stable lines elsewhere."""

from __future__ import annotations

import time

from rich.console import Console
from rich.live import Live
from rich.text import Text

from fencepost.check.job import Job
from fencepost.faces.cli.common import progress_printer
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
        self._running: dict[str, tuple[Job, str, float]] = {}
        self.results: list[tuple[Job, StepResult]] = []
        self._noted: set[str] = set()
        self._held = 0
        self._ran = 0
        self._started = time.monotonic()
        self._live = Live(console=console, transient=True, refresh_per_second=8, get_renderable=self._running_pages)

    def __enter__(self) -> Report:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def say(self, text: str) -> None:
        """Print that something slow has begun."""
        progress_printer(self._console)(text)

    def page_begins(self, job: Job, why: str) -> None:
        """Note that a page starts on a machine, and why."""
        self._running[job.name] = (job, "starting its machine", time.monotonic())
        if self._verbose:
            text = shown_on_one_line(f"{job.name}: runs because: {why}")
            # Never wrapped: part of a name could start a line.
            self._console.print(Text(text, style="dim"), soft_wrap=True)

    def page_holds(self, job: Job, record: Record) -> None:
        """Note that a page isn't run, because its record still holds."""
        self._running.pop(job.name, None)
        self._held += 1
        # Repeat warnings: readers would miss one that came only with the first check.
        if self._verbose or any(snippet.notes for snippet in record.snippets):
            self._print_page(record, f"unchanged since {record.started:%Y-%m-%d %H:%M} UTC")
        self._print_note(job.page)

    def step_begins(self, job: Job, number: int) -> None:
        """Note that a step starts."""
        name = f"step {number + 1} of {len(job.snippets)}: {job.snippets[number].id}"
        self._running[job.name] = (job, name, self._running[job.name][2])

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
            self._console.print(line, soft_wrap=True)

    def page_ends(self, job: Job, record: Record) -> None:
        """Print a page's result: all its steps have ended."""
        self._running.pop(job.name, None)
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
        self._console.print(line, soft_wrap=True)
        for snippet in record.snippets:
            for note in snippet.notes:
                warning = shown_on_one_line(f"{note.file}:{note.line}: warning: {note.text}")
                self._console.print(Text(f"  {warning}", "yellow"), soft_wrap=True)

    def _print_note(self, page: Page) -> None:
        """Print a page's warning once, even if the page runs on several machines."""
        if page.note and page.name not in self._noted:
            self._noted.add(page.name)
            warning = shown_on_one_line(f"  {page.name}: warning: {page.note}")
            self._console.print(Text(warning, "yellow"), soft_wrap=True)

    def _running_pages(self) -> Text:
        text = Text()
        for job, doing, since in list(self._running.values()):
            text.append(f"  {shown_on_one_line(job.name)} ", "bold").append(f"{doing} ", "dim")
            text.append(f"{time.monotonic() - since:.0f} s\n", "dim")
        return text
