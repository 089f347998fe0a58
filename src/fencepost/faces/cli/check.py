"""`fencepost check`: run pages, report their results, and rewrite their outputs on request."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from fencepost.check.head_start import HeadStart
from fencepost.check.rewriting import Rewriting, rewriting_of
from fencepost.check.site_check import CheckOptions, check_site
from fencepost.errors import SiteError
from fencepost.faces.cli.ci import github_annotations, gitlab_code_quality, markdown_summary, write_report
from fencepost.faces.cli.common import EngineName, SiteFolder, engine_for, selection, site_in
from fencepost.faces.cli.completion import complete_machine, complete_page
from fencepost.faces.cli.report import Report
from fencepost.faces.cli.statuses import ENGINE_TROUBLE, NOT_AS_DOCUMENTED
from fencepost.faces.failure_text import lines_to_quote
from fencepost.faces.safe_text import on_github, shown, shown_on_one_line
from fencepost.kinds.registry import broken_packages
from fencepost.record.change import Changes, changes_of
from fencepost.record.model import Record
from fencepost.record.store import RecordStore
from fencepost.site.site import Site
from fencepost.verdicts import Verdict, worst

# Unchanged lines have no style: a terminal may be light or dark.
_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}
_MOST_DAYS = 36_500


def check(  # noqa: PLR0917  # typer's way: a parameter is an option
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Pages, folders, or PAGE@MACHINE; the whole site by default.",
            metavar="PATH",
            autocompletion=complete_page,
        ),
    ] = None,
    site_folder: SiteFolder = Path(),
    machine: Annotated[
        list[str] | None,
        typer.Option("--machine", "-m", help="Only on this machine.", metavar="NAME", autocompletion=complete_machine),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Rewrite the outputs of console fences in the pages, and check again.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --update would rewrite, and write nothing.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run every page, changed or not.")] = False,
    max_age: Annotated[
        float | None,
        typer.Option("--max-age", help="Run pages again if their record is older.", metavar="DAYS", callback=_days),
    ] = None,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", "-j", help="How many pages to run at a time; 0 for one per processor.", metavar="N", min=0
        ),
    ] = 0,
    engine: EngineName = "",
    code_quality: Annotated[
        Path | None, typer.Option("--code-quality", help="Write GitLab's code quality report.", metavar="FILE")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print every step, and why each page runs.")] = False,
) -> int:
    """Run the steps of pages on their machines, and record the results.

    A page runs again if its steps, its machine or Fencepost changed, or if it failed the last time.

    \b
    fencepost check                                  all pages that have to run
    fencepost check docs/posts/part-3.md -v          one page, with every step
    fencepost check docs/posts/part-3.md@debian-13   on one of its machines
    fencepost check --diff                           show where outputs differ from the page
    fencepost check --update                         rewrite these outputs in the page
    fencepost check --max-age 7                      also pages that last ran over a week ago

    Exit status: 0 all as documented, 1 some step is not, 2 wrong usage, a mistake in the site, or nothing to run, 3 an
    engine failed or is missing, 130 interrupted.
    """  # noqa: D301  # \b tells click not to rewrap a paragraph
    console = Console(highlight=False)
    site = site_in(site_folder)
    # The engine is slow to answer: ask it while the pages are read.
    head_start = _run_in_background(lambda: HeadStart(site, engine_for(engine, site)))
    selected = selection(site, paths or [])
    pages = selected.pages
    unchecked = [*selected.unchecked, *broken_packages(selected.unchecked)]
    for plugin in site.rewriters:
        warning = f"warning: the plugin {plugin} rewrites pages before they are rendered; what it adds is not checked"
        console.print(Text(shown(warning), style="yellow"), soft_wrap=True)
    for problem in unchecked:
        Console(stderr=True, highlight=False).print(Text(shown(str(problem))), soft_wrap=True)
    if not pages and unchecked:
        return unchecked[0].exit_status
    if not pages:
        raise SiteError("nothing to check: no page here has a machine", "add `machine: NAME` to a page's front matter")
    options = CheckOptions(fresh, max_age, tuple(machine or ()), selected.only, jobs, goes_on=update or diff)
    prepared = head_start.result()
    with Report(console, verbose=verbose, keeps_all=update or diff) as report:
        records = check_site(site, pages, prepared, report, options)
    rewriting = rewriting_of(report.results, site.folder) if update or diff else Rewriting()
    for problem in rewriting.problems:
        console.print(Text(shown(str(problem)), style="yellow"), soft_wrap=True)
    if diff and rewriting.files:
        for line in rewriting.diff().splitlines():
            console.print(Text(shown(line), _DIFF_STYLES.get(line[:1], "")), soft_wrap=True)
    if update and not diff and rewriting.files:
        rewriting.write(site.folder)
        outputs = f"{rewriting.outputs} output{'s' if rewriting.outputs != 1 else ''}"
        message = f"rewrote {outputs} in {', '.join(rewriting.files)}; checking again"
        console.print(Text(shown_on_one_line(message), style="bold"), soft_wrap=True)
        # Outputs may change from run to run: only a second run shows that the new ones hold.
        site = site_in(site_folder)
        pages = site.read_pages(page.path for page in pages)
        with Report(console, verbose=verbose) as report:
            records = check_site(site, pages, prepared, report, replace(options, fresh=False, goes_on=False))
    changes = changes_of(records, RecordStore(site.records, read_only=True))
    # With --diff, leave out failures that the diff shows already.
    report.end(records, _lines_to_quote(site, records), changes, but_differences=diff)
    _report_to_ci(site, records, changes, code_quality)
    if not records:
        asked_for = " or ".join(f"`{name}`" for name in options.machines)
        names = sorted({name for page in pages for name in page.front_matter.machines})
        raise SiteError(f"nothing to check: no page here runs on {asked_for}", f"they have: {', '.join(names)}")
    # A failed engine takes precedence over unchecked pages: CI may try again.
    status = _exit_status(records)
    return unchecked[0].exit_status if unchecked and status != ENGINE_TROUBLE else status


def _days(value: float | None) -> float | None:
    # One comparison, which also refuses NaN: it is neither below a bound nor above it.
    if value is None or 0 <= value <= _MOST_DAYS:
        return value
    raise typer.BadParameter(f"{value:g} is not a number of days from 0 to {_MOST_DAYS}")


def _run_in_background(work: Callable[[], HeadStart]) -> Future[HeadStart]:
    """Run a function in a daemon thread. An executor's thread would delay the exit after an error."""
    future: Future[HeadStart] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def _report_to_ci(site: Site, records: list[Record], changes: Changes, code_quality: Path | None) -> None:
    """Write reports for CI services: GitHub's if the environment shows that it runs this, GitLab's on request."""
    repository = next((folder for folder in (site.folder, *site.folder.parents) if (folder / ".git").exists()), None)
    below = site.folder.relative_to(repository).as_posix() if repository else "."
    prefix = "" if below == "." else f"{below}/"
    if on_github():
        sys.stdout.write(github_annotations(records, changes, prefix))
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        write_report(Path(summary), markdown_summary(records, changes), append=True)
    if code_quality:
        write_report(code_quality, gitlab_code_quality(records, prefix))


def _lines_to_quote(site: Site, records: list[Record]) -> dict[str, list[str]]:
    snippets = (snippet for record in records for snippet in record.snippets)
    return lines_to_quote(site.folder, {snippet.failure.file for snippet in snippets if snippet.failure})


def _exit_status(records: list[Record]) -> int:
    """Return the exit status.

    Raises:
        SiteError: when nothing was checked, and another computer wouldn't check anything either.
    """
    verdict = worst(record.verdict for record in records)
    if verdict is Verdict.ERROR:
        return ENGINE_TROUBLE
    if verdict.is_red:
        return NOT_AS_DOCUMENTED
    with_steps = [record for record in records if not record.nothing_to_run]
    if not with_steps:
        raise SiteError(
            "nothing was checked: no page here has a step that runs",
            "write commands into a `bash`, `console` or `python` block; empty blocks and comments don't run",
        )
    if not any(record.ran or record.lacks_something for record in with_steps):
        raise SiteError("nothing was checked: every step here needs a fixture", "run pytest, which has them")
    return 0
