"""The command line."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from fencepost import __version__
from fencepost.check.run import CheckOptions, check_site
from fencepost.errors import FencepostError
from fencepost.faces.cli.common import EngineName, SiteFolder, engine_for, site_in
from fencepost.faces.cli.machines import machines
from fencepost.faces.cli.report import Report
from fencepost.faces.cli.shell import shell
from fencepost.machine.doctor import examine
from fencepost.record.model import Record
from fencepost.site.site import Site
from fencepost.verdicts import Verdict, worst

INTERRUPTED = 130
NOT_AS_DOCUMENTED = 1
ENGINE_TROUBLE = 3

app = typer.Typer(
    help="Runs the code fences in your posts on real machines, and tells your readers which steps still work.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main() -> NoReturn:
    """Runs the command line, and ends with the status that the errors and verdicts mean."""
    console = Console(stderr=True, highlight=False)
    # CI ends a job with SIGTERM: machines are to be removed then too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        # A Ctrl-C comes back from typer as this status.
        status = app(standalone_mode=False) or 0
        if status == INTERRUPTED:
            console.print("interrupted; every machine is removed, finished pages keep their records")
        sys.exit(status)
    except FencepostError as error:
        console.print(Text(str(error)), soft_wrap=True)
        sys.exit(error.exit_status)
    except Exception as error:
        # typer's own complaints about the call; anything else is a fault of ours and shows its traceback.
        show, status = getattr(error, "show", None), getattr(error, "exit_code", None)
        if status is None:
            raise
        if show:
            show()
        sys.exit(status)


@app.command()
def check(  # noqa: PLR0917  # typer's way: a parameter is an option
    paths: Annotated[
        list[str] | None, typer.Argument(help="Pages or folders; the whole site by default.", metavar="[PATH]...")
    ] = None,
    site: SiteFolder = Path(),
    machine: Annotated[list[str] | None, typer.Option("--machine", "-m", help="Only on this machine.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run every page, changed or not.")] = False,
    max_age: Annotated[
        float | None, typer.Option("--max-age", help="Run pages again whose record is older.", metavar="DAYS")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="Pages at a time; 0 for one a processor.", min=0)] = 0,
    engine: EngineName = "",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell every step, and why each page runs.")] = False,
) -> int:
    """Run the steps of pages on their machines, and keep what became of them.

    A page runs again when its steps, its machine or Fencepost changed. Exit status: 0 all as documented, 1 some step is
    not, 2 the call or the site is wrong, 3 an engine failed or is missing, 130 interrupted.
    """
    console = Console(highlight=False)
    found = site_in(site)
    pages = found.read_pages(found.find(paths or [], Path.cwd()))
    for plugin in found.rewriters:
        told = f"warning: the plugin {plugin} rewrites pages before they are rendered; what it adds is not checked"
        console.print(Text(told, style="yellow"), soft_wrap=True)
    if not pages:
        console.print("no page here has a machine: add `machine: NAME` to a page's front matter")
        return 0
    options = CheckOptions(fresh, max_age, tuple(machine or ()), jobs)
    with Report(console, verbose=verbose) as report:
        records = check_site(found, pages, engine_for(engine, found), report, options)
    report.end(records, _sources(found, records))
    return _exit_status(records)


app.command("shell")(shell)
app.add_typer(machines, name="machines")


@app.command()
def doctor() -> int:
    """Tell what is missing on this computer, and the command that mends it."""
    console = Console(highlight=False)
    findings = examine()
    for finding in findings:
        mark, style = {True: ("ok", "green"), False: ("missing", "bold red"), None: ("note", "yellow")}[finding.good]
        console.print(Text(f"{mark:<8}", style).append(f"{finding.what}: {finding.told}", "default"), soft_wrap=True)
        if finding.mend and finding.good is not True:
            console.print(Text(f"        {finding.mend}"), soft_wrap=True)
    works = any(finding.good for finding in findings if finding.what in {"podman", "docker"})
    return 0 if works else ENGINE_TROUBLE


@app.command()
def schema() -> int:
    """Print the JSON Schema of a record."""
    import json  # noqa: PLC0415  # only here

    from fencepost.record.model import json_schema  # noqa: PLC0415

    sys.stdout.write(json.dumps(json_schema(), indent=1) + "\n")
    return 0


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"fencepost {__version__}\n")
        raise typer.Exit


@app.callback()
def _about(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Runs the code fences in your posts on real machines, and tells your readers which steps still work."""


def _sources(site: Site, records: list[Record]) -> dict[str, list[str]]:
    files = {snippet.failure.file for record in records for snippet in record.snippets if snippet.failure}
    sources = {}
    for file in files:
        path = site.folder / file
        if path.is_file():
            sources[file] = path.read_text("utf-8-sig", errors="replace").split("\n")
    return sources


def _exit_status(records: list[Record]) -> int:
    verdict = worst(record.verdict for record in records)
    if verdict is Verdict.ERROR:
        return ENGINE_TROUBLE
    return NOT_AS_DOCUMENTED if verdict.is_red else 0
