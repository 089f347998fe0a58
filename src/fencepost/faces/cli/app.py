"""The entry point of the command line: signals, errors and exit statuses, and which commands there are."""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from fencepost import __version__
from fencepost.errors import FencepostError
from fencepost.faces.cli.statuses import ENGINE_TROUBLE, INTERRUPTED
from fencepost.faces.safe_text import shown

# Each command: the module in this folder that defines it, and its line in the list of commands.
_COMMANDS = {
    "check": ("check", "Run the steps of pages on their machines."),
    "mutate": ("mutate", "Break steps, and list the breaks that nothing notices."),
    "shell": ("shell", "Open a shell in a page's machine, after its steps."),
    "plan": ("records", "Divide the pages among the jobs of a CI matrix."),
    "merge": ("records", "Merge the records of several computers."),
    "fetch": ("records", "Fetch the records that a site published."),
    "publish": ("publish", "Add recordings, scripts and badges to a built site."),
    "doctor": ("doctor", "Show what is missing on this computer."),
    "schema": ("schema", "Print the JSON Schema of a record."),
    "machines": ("machines", "List, build and remove the site's machines."),
}


def main() -> NoReturn:
    """Run the command line, and exit with the status that its errors or verdicts give."""
    _reopen_closed_streams()
    console = Console(stderr=True, highlight=False)
    # For names with letters that the encoding lacks. Python does this for stderr by itself.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    # Handle SIGTERM too, with which CI ends a job, so that machines are removed; and SIGINT even if it is ignored, as
    # in a job that a shell runs in the background.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    # During shell completion the words typed so far are in another variable, so all commands are needed.
    words = None if "_FENCEPOST_COMPLETE" in os.environ else sys.argv[1:]
    try:
        # typer turns Ctrl-C into this status.
        status = _import_application(words)(standalone_mode=False) or 0
        if status == INTERRUPTED:
            console.print("interrupted; every machine is removed, finished pages keep their records")
        # Output that can't be written is an error too, which shows only now.
        sys.stdout.flush()
    except FencepostError as error:
        status = error.exit_status
        _complain(console, str(error))
    except OSError as error:
        status = ENGINE_TROUBLE
        _complain(console, f"{error.filename or 'the output'}: can't be read or written: {error.strerror}")
    except SystemExit as error:
        # rich and typer exit with 1 on a closed pipe, which would mean that a step failed.
        if not isinstance(error.__context__, BrokenPipeError):
            raise
        status = ENGINE_TROUBLE
    except Exception as error:
        # typer's errors about wrong usage; anything else is a bug of ours, and says nothing about the steps.
        show, status = getattr(error, "show", None), getattr(error, "exit_code", ENGINE_TROUBLE)
        if show:
            show()
        elif not hasattr(error, "exit_code"):
            traceback.print_exc()
    _end(status)


def _reopen_closed_streams() -> None:
    """Reopen closed standard streams (`>&-`) on /dev/null, so that no other file gets descriptors 0 to 2."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _complain(console: Console, text: str) -> None:
    with contextlib.suppress(OSError):
        console.print(Text(shown(text)), soft_wrap=True)


def _end(status: int) -> NoReturn:
    """Exit with a status. Python would change it if its last flush of stdout failed: then discard the output."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)


def _import_application(words: Sequence[str] | None) -> typer.Typer:
    """Return the application. Its modules stay for good, so keep the garbage collector from looking at them."""
    gc.disable()
    try:
        return application(words)
    finally:
        gc.freeze()
        gc.enable()


def application(words: Sequence[str] | None = None) -> typer.Typer:
    """Return the application.

    Args:
        words: the command line's arguments. If they begin with a command, only that one is imported, because most
            import much that others don't need. Otherwise none is imported, and `--help` lists only their names and
            lines. `None` imports them all.
    """
    app = typer.Typer(
        help="Runs the code fences in your posts on real machines, and tells your readers which steps still work.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_about)
    named = [words[0]] if words and words[0] in _COMMANDS else list(_COMMANDS)
    for name in named:
        module, short_help = _COMMANDS[name]
        if words is not None and name not in words[:1]:
            app.command(name, short_help=short_help)(_not_imported)
            continue
        command = getattr(importlib.import_module(f"fencepost.faces.cli.{module}"), name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, short_help=short_help)
        else:
            app.command(name, short_help=short_help)(command)
    return app


def _not_imported() -> None:
    """Stand for a command in the list of commands."""


def _version(given: bool) -> None:
    if given:
        sys.stdout.write(f"fencepost {__version__}\n")
        raise typer.Exit


def _about(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Runs the code fences in your posts on real machines, and tells your readers which steps still work."""
