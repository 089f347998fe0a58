"""`fencepost mutate`: breaks the steps of pages, and lists the breaks that a check wouldn't notice."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from fencepost.check.head_start import HeadStart
from fencepost.check.unrunnable import judge_transcripts
from fencepost.errors import ManyErrors, SiteError
from fencepost.faces.cli.common import EngineName, SiteFolder, engine_for, printed_progress, selection, site_in
from fencepost.faces.cli.completion import complete_machine, complete_page
from fencepost.faces.cli.statuses import ENGINE_TROUBLE, NOT_AS_DOCUMENTED
from fencepost.faces.safe_text import shown, shown_on_one_line
from fencepost.mutate.crew import Done
from fencepost.mutate.site_breaks import SiteBreaks
from fencepost.page.page import Page
from fencepost.site.site import Site


def mutate(
    paths: Annotated[
        list[str],
        typer.Argument(help="Pages, folders, or PAGE@MACHINE.", metavar="PAGE", autocompletion=complete_page),
    ],
    site_folder: SiteFolder = Path(),
    machine: Annotated[
        list[str] | None,
        typer.Option("--machine", "-m", help="Only on this machine.", metavar="NAME", autocompletion=complete_machine),
    ] = None,
    engine: EngineName = "",
) -> int:
    """Break each step of pages, one way at a time, and list the breaks that a check wouldn't notice.

    Commands, statements and lines of files are left out, and packages and patterns are changed. Your files stay as they
    are: a broken page runs only on a fresh machine. An interrupted call goes on where it was when you repeat it.

    \b
    fencepost mutate docs/posts/part-3.md              all of its steps
    fencepost mutate docs/posts/part-3.md@debian-13    on one of its machines

    Exit status: 0 all breaks were noticed, 1 some were not, 2 the call is wrong, a page doesn't always pass or there is
    nothing to break, 3 an engine failed or is missing, 130 interrupted.
    """  # noqa: D301  # \b tells click not to rewrap a paragraph
    console = Console(highlight=False)
    site = site_in(site_folder)
    pages = _pages(site, paths, machine or [])
    progress = _Progress(console)
    breaks = SiteBreaks(site, HeadStart(site, engine_for(engine, site)), printed_progress(console), progress.report)
    try:
        with progress:
            breaks.try_all(pages)
    except KeyboardInterrupt:
        tried = sum(len(each.outcomes) for each in breaks.pages)
        total = sum(each.total for each in breaks.pages)
        console.print(f"{tried} of {total} breaks are done; the same command goes on with the others", style="bold")
        raise
    return _tell(console, breaks)


def _pages(site: Site, paths: list[str], machines: list[str]) -> list[tuple[Page, tuple[str, ...]]]:
    """Return the pages that were named, each with the machines to use.

    Raises:
        SiteError: when there are none.
        ManyErrors: when a page can't be read.
    """
    for name in machines:
        site.machine(name)
    selected = selection(site, paths)
    if selected.unchecked:
        raise ManyErrors("", errors=selected.unchecked)
    judge_transcripts(selected.pages)
    chosen = []
    for page in selected.pages:
        own = page.front_matter.machines
        names = tuple(name for name in own if name in selected.only.get(page.name, own) and name in (machines or own))
        if names:
            chosen.append((page, names))
    if not chosen:
        on = f" on {' or '.join(machines)}" if machines else ", because it has no `machine:`"
        raise SiteError(f"nothing to break: {' '.join(paths)} doesn't run{on}", "see the page's front matter")
    return chosen


def _tell(console: Console, breaks: SiteBreaks) -> int:
    """Print the results, and return the exit status."""
    noticed = tried = 0
    problems = False
    for page in breaks.pages:
        for note in page.notes:
            console.print(Text(shown_on_one_line(note), "yellow"), soft_wrap=True)
        for problem in page.problems:
            problems = True
            console.print(Text(shown(str(problem)), "red"), soft_wrap=True)
        if page.problems:
            continue
        if not page.total:
            why = "its steps only check" if page.page.snippets else "it has no step that runs"
            console.print(Text(shown_on_one_line(f"{page.page.name}: nothing to break: {why}")), soft_wrap=True)
        survivors = page.survivors
        for survivor in survivors:
            console.print(Text(shown(str(survivor))), soft_wrap=True)
        tried += len(page.outcomes)
        noticed += len(page.outcomes) - len(survivors)
    for trouble in breaks.troubles:
        console.print(Text(shown(f"not judged: {trouble}"), "red"), soft_wrap=True)
    if tried:
        style = "bold green" if noticed == tried else "bold red"
        console.print(f"{noticed} of {tried} breaks were noticed", style=style)
    if breaks.troubles:
        return ENGINE_TROUBLE
    if problems or not tried:
        return SiteError.exit_status
    return 0 if noticed == tried else NOT_AS_DOCUMENTED


class _Progress:
    """A line on a terminal that says what was tried last, and how much is waiting.

    Args:
        console: where to print.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._text = Text("  starting the first machines", "dim")
        self._started = time.monotonic()
        self._live = Live(console=console, transient=True, refresh_per_second=4, get_renderable=self._now)

    def __enter__(self) -> None:
        if self._console.is_terminal:
            self._live.start()

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def report(self, done: Done) -> None:
        """Show a run that is done."""
        seconds = time.monotonic() - self._started
        text = Text(f"  {done.left} runs waiting", "bold").append(f" after {seconds:.0f} s; ", "dim")
        text.append(shown_on_one_line(f"{done.task.name}: {done.meaning}"), "dim")
        with self._lock:
            self._text = text

    def _now(self) -> Text:
        with self._lock:
            text = self._text.copy()
        # A name may be longer than the line.
        text.no_wrap, text.overflow = True, "ellipsis"
        return text
