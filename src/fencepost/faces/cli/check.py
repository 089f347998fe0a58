"""`fencepost check`: runs pages, tells what became of them, and rewrites their outputs where it is asked to."""

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
from fencepost.faces.safe_text import on_github, shown, shown_on_one_line
from fencepost.kinds.registry import broken_packages
from fencepost.record.change import Changes, changes_of
from fencepost.record.model import Record
from fencepost.record.store import RecordStore
from fencepost.site.site import Site
from fencepost.verdicts import Verdict, worst

# Nothing for lines that stay: a terminal may be light or dark.
_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}
_MOST_DAYS = 36_500


def check(  # noqa: PLR0917  # typer's way: a parameter is an option
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Pages, folders, or PAGE@MACHINE; the whole site by default.",
            metavar="[PATH]...",
            autocompletion=complete_page,
        ),
    ] = None,
    site: SiteFolder = Path(),
    machine: Annotated[
        list[str] | None,
        typer.Option("--machine", "-m", help="Only on this machine.", autocompletion=complete_machine),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Rewrite the outputs of console fences in the pages, and check again.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --update would rewrite, and write nothing.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run every page, changed or not.")] = False,
    max_age: Annotated[
        float | None,
        typer.Option("--max-age", help="Run pages again whose record is older.", metavar="DAYS", callback=_days),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="Pages at a time; 0 for one a processor.", min=0)] = 0,
    engine: EngineName = "",
    code_quality: Annotated[
        Path | None, typer.Option("--code-quality", help="Write GitLab's code quality report.", metavar="FILE")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell every step, and why each page runs.")] = False,
) -> int:
    """Run the steps of pages on their machines, and keep what became of them.

    A page runs again when its steps, its machine or Fencepost changed, or when it failed the last time.

    \b
    fencepost check                                  every page that has to run
    fencepost check docs/posts/part-3.md -v          one page, step by step
    fencepost check docs/posts/part-3.md@debian-13   on one of its machines
    fencepost check --diff                           where outputs differ from the page
    fencepost check --update                         rewrite them in the page
    fencepost check --max-age 7                      and what last ran a week ago

    Exit status: 0 all as documented, 1 some step is not, 2 the call or the site is wrong, or nothing in it runs, 3 an
    engine failed or is missing, 130 interrupted.
    """  # noqa: D301  # the mark by which click leaves a paragraph alone
    console = Console(highlight=False)
    found = site_in(site)
    # An engine takes its time to answer: it does so while the pages are read.
    answer = _begin(lambda: HeadStart(found, engine_for(engine, found)))
    selected = selection(found, paths or [])
    pages = selected.pages
    unchecked = [*selected.unchecked, *broken_packages(selected.unchecked)]
    for plugin in found.rewriters:
        told = f"warning: the plugin {plugin} rewrites pages before they are rendered; what it adds is not checked"
        console.print(Text(shown(told), style="yellow"), soft_wrap=True)
    for problem in unchecked:
        Console(stderr=True, highlight=False).print(Text(shown(str(problem))), soft_wrap=True)
    if not pages and unchecked:
        return unchecked[0].exit_status
    if not pages:
        raise SiteError("nothing to check: no page here has a machine", "add `machine: NAME` to a page's front matter")
    options = CheckOptions(fresh, max_age, tuple(machine or ()), selected.only, jobs, goes_on=update or diff)
    begun = answer.result()
    with Report(console, verbose=verbose, keeps_all=update or diff) as report:
        records = check_site(found, pages, begun, report, options)
    rewriting = rewriting_of(report.results, found.folder) if update or diff else Rewriting()
    for problem in rewriting.problems:
        console.print(Text(shown(str(problem)), style="yellow"), soft_wrap=True)
    if diff and rewriting.files:
        for line in rewriting.diff().splitlines():
            console.print(Text(shown(line), _DIFF_STYLES.get(line[:1], "")), soft_wrap=True)
    if update and not diff and rewriting.files:
        rewriting.write(found.folder)
        told = f"rewrote {_counted(rewriting.outputs, 'output')} in {', '.join(rewriting.files)}; checking again"
        console.print(Text(shown_on_one_line(told), style="bold"), soft_wrap=True)
        # What a step prints may change from one run to the next: only a second run tells.
        found = site_in(site)
        pages = found.read_pages(page.path for page in pages)
        with Report(console, verbose=verbose) as report:
            records = check_site(found, pages, begun, report, replace(options, fresh=False, goes_on=False))
    # A diff tells the differences better than their failures do.
    changes = changes_of(records, RecordStore(found.records, read_only=True))
    report.end(records, _sources(found, records), changes, but_differences=diff)
    _tell_ci(found, records, changes, code_quality)
    if not records:
        wanted = " or ".join(f"`{name}`" for name in options.machines)
        names = sorted({name for page in pages for name in page.front_matter.machines})
        raise SiteError(f"nothing to check: no page here runs on {wanted}", f"they have: {', '.join(names)}")
    # An engine that failed is worth a second try before all else.
    status = _exit_status(records)
    return unchecked[0].exit_status if unchecked and status != ENGINE_TROUBLE else status


def _days(value: float | None) -> float | None:
    # In one comparison, for what is no number is neither below a bound nor above it.
    if value is None or 0 <= value <= _MOST_DAYS:
        return value
    raise typer.BadParameter(f"{value:g} is no number of days from 0 to {_MOST_DAYS}")


def _begin(work: Callable[[], HeadStart]) -> Future[HeadStart]:
    """Begins it beside all else, in a thread for whose end nobody waits whose call is wrong; an executor's would."""
    begun: Future[HeadStart] = Future()

    def run() -> None:
        try:
            begun.set_result(work())
        except Exception as error:
            begun.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return begun


def _tell_ci(site: Site, records: list[Record], changes: Changes, code_quality: Path | None) -> None:
    """Tells a CI service what it can show; GitHub is known by its environment."""
    repository = next((folder for folder in (site.folder, *site.folder.parents) if (folder / ".git").exists()), None)
    below = site.folder.relative_to(repository).as_posix() if repository else "."
    prefix = "" if below == "." else f"{below}/"
    if on_github():
        sys.stdout.write(github_annotations(records, changes, prefix))
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        write_report(Path(summary), markdown_summary(records, changes), append=True)
    if code_quality:
        write_report(code_quality, gitlab_code_quality(records, prefix))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _sources(site: Site, records: list[Record]) -> dict[str, list[str]]:
    files = {snippet.failure.file for record in records for snippet in record.snippets if snippet.failure}
    sources = {}
    for file in files:
        path = site.folder / file
        if path.is_file():
            sources[file] = path.read_text("utf-8-sig", errors="replace").split("\n")
    return sources


def _exit_status(records: list[Record]) -> int:
    """The status to end with.

    Raises:
        SiteError: when nothing was checked, and another computer would check nothing either.
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
            "write commands into a `bash`, `console` or `python` block; of an empty one, or of comments, nothing runs",
        )
    if not any(record.ran or record.lacks_something for record in with_steps):
        raise SiteError("nothing was checked: every step here needs a fixture", "run pytest, which has them")
    return 0
