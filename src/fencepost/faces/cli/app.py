"""The command line."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from fencepost import __version__
from fencepost.errors import FencepostError
from fencepost.faces.cli.check import ENGINE_TROUBLE, check
from fencepost.faces.cli.machines import machines
from fencepost.faces.cli.publish import publish
from fencepost.faces.cli.records import fetch, merge, plan
from fencepost.faces.cli.shell import shell
from fencepost.machine.doctor import examine

INTERRUPTED = 130

app = typer.Typer(
    help="Runs the code fences in your posts on real machines, and tells your readers which steps still work.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main() -> NoReturn:
    """Runs the command line, and ends with the status that the errors and verdicts mean."""
    console = Console(stderr=True, highlight=False)
    # CI ends a job with SIGTERM: machines are to be removed then too. And a shell starts what it runs in the background
    # with SIGINT ignored.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    try:
        # A Ctrl-C comes back from typer as this status.
        status = app(standalone_mode=False) or 0
        if status == INTERRUPTED:
            console.print("interrupted; every machine is removed, finished pages keep their records")
        # What is told and doesn't arrive is an error too, and seen only now.
        sys.stdout.flush()
    except FencepostError as error:
        status = error.exit_status
        _complain(console, str(error))
    except OSError as error:
        status = ENGINE_TROUBLE
        _complain(console, f"{error.filename or 'the output'}: can't be read or written: {error.strerror}")
    except Exception as error:
        # typer's own complaints about the call; anything else is a fault of ours, and says nothing about the steps.
        show, status = getattr(error, "show", None), getattr(error, "exit_code", ENGINE_TROUBLE)
        if show:
            show()
        elif not hasattr(error, "exit_code"):
            traceback.print_exc()
    _end(status)


def _complain(console: Console, text: str) -> None:
    with contextlib.suppress(OSError):
        console.print(Text(text), soft_wrap=True)


def _end(status: int) -> NoReturn:
    """Ends with a status that Python, which flushes once more, doesn't change."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)


app.command("check")(check)
app.command("shell")(shell)
app.command("plan")(plan)
app.command("merge")(merge)
app.command("fetch")(fetch)
app.command("publish")(publish)
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
def schema(
    status: Annotated[bool, typer.Option("--status", help="Of the published what-still-works.json instead.")] = False,
) -> int:
    """Print the JSON Schema of a record."""
    import json  # noqa: PLC0415  # only here

    from fencepost.publish.status import status_schema  # noqa: PLC0415
    from fencepost.record.model import json_schema  # noqa: PLC0415

    sys.stdout.write(json.dumps(status_schema() if status else json_schema(), indent=1) + "\n")
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
