"""`fencepost shell`: open a shell in a page's machine, after its steps."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from fencepost.check.page_run import PageRun
from fencepost.check.site_check import jobs_of
from fencepost.errors import EngineError, SiteError, did_you_mean
from fencepost.faces.cli.common import EngineName, SiteFolder, engine_for, printed_progress, site_in
from fencepost.faces.cli.completion import complete_machine, complete_page, complete_step
from fencepost.faces.safe_text import shown
from fencepost.machine.fleet import Fleet
from fencepost.page.page import Page
from fencepost.site.site import Site
from fencepost.verdicts import Verdict


def shell(
    page: Annotated[str, typer.Argument(help="The page.", metavar="PAGE", autocompletion=complete_page)],
    site_folder: SiteFolder = Path(),
    machine: Annotated[
        str,
        typer.Option(
            "--machine",
            "-m",
            help="One of the page's machines; the first by default.",
            metavar="NAME",
            autocompletion=complete_machine,
        ),
    ] = "",
    after: Annotated[
        str,
        typer.Option("--after", help="Run only the steps up to this one.", metavar="ID", autocompletion=complete_step),
    ] = "",
    engine: EngineName = "",
) -> int:
    """Run a page's steps on its machine, up to the first that fails, and open a shell there.

    Your changes are lost when you leave.

    \b
    fencepost shell docs/posts/part-3.md                 after all its steps
    fencepost shell docs/posts/part-3.md -m debian-12    on another machine
    fencepost shell docs/posts/part-3.md --after unpack  after the step `unpack`
    """  # noqa: D301  # \b tells click not to rewrap a paragraph
    site = site_in(site_folder)
    chosen = _page_of(site, page)
    name = machine or chosen.front_matter.machines[0]
    site.machine(name)
    if name not in chosen.front_matter.machines:
        raise SiteError(f"{chosen.name} doesn't run on `{name}`", "it has: " + ", ".join(chosen.front_matter.machines))
    console = Console(highlight=False)
    fleet = Fleet(engine_for(engine, site), site.settings, printed_progress(console))
    (job,) = jobs_of(site, fleet, [(chosen, [name])])
    steps = [snippet.id for snippet in job.snippets]
    if after and after not in steps:
        raise SiteError(
            f"{job.name} has no step `{after}`", did_you_mean(after, steps) or "it has: " + ", ".join(steps)
        )
    if job.lacking:
        raise EngineError(f"{job.name} {job.lacking}")
    if not sys.stdin.isatty():
        raise SiteError("a shell needs a terminal, and this isn't one", "use `fencepost check` without one")
    with contextlib.closing(PageRun(job, fleet)) as run:
        _replay(run, after, console)
        # Start the machine even if the page has no step yet.
        run.prepare()
        command = run.terminal_command()
        console.print(f"you are on {job.definition.name}; leave with exit or Ctrl-D", style="dim")
        return subprocess.call(command)


def _replay(run: PageRun, after: str, console: Console) -> None:
    for snippet in run.job.snippets:
        result = run.step(snippet)
        line = Text(f"{result.verdict} ", "red" if result.verdict.stops_the_page else "green").append(
            snippet.id, "default"
        )
        console.print(line.append(f" ({result.seconds:.2f} s)", "dim"), soft_wrap=True)
        if result.verdict is Verdict.ERROR:
            raise EngineError(result.reason)
        if result.verdict.stops_the_page:
            console.print(Text(shown(result.reason)), soft_wrap=True)
            return
        if snippet.id == after:
            return


def _page_of(site: Site, argument: str) -> Page:
    pages = site.read_pages(site.find([argument], Path.cwd()))
    if len(pages) != 1:
        raise SiteError(f"{argument} names {len(pages)} pages with a machine", "name exactly one page")
    return pages[0]
