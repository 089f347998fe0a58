"""The command line."""

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

# Each command: the module beside this one that defines it, and its line in the list of commands.
_COMMANDS = {
    "check": ("check", "Run the steps of pages on their machines."),
    "mutate": ("mutate", "Break steps, and list the breaks that nothing notices."),
    "shell": ("shell", "Open a shell on a page's machine, steps replayed."),
    "plan": ("records", "Divide the pages among the jobs of a CI matrix."),
    "merge": ("records", "Merge the records of several computers."),
    "fetch": ("records", "Fetch the records that a site published."),
    "publish": ("publish", "Add scripts, recordings and badges to a site."),
    "doctor": ("doctor", "Say what is missing on this computer."),
    "schema": ("schema", "Print the JSON Schema of a record."),
    "machines": ("machines", "List, build and remove the site's machines."),
}


def main() -> NoReturn:
    """Runs the command line, and ends with the status that the errors and verdicts mean."""
    _open_what_is_closed()
    console = Console(stderr=True, highlight=False)
    # A page may be called what an encoding has no letters for; the other stream does this by itself.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    # CI ends a job with SIGTERM: machines are to be removed then too. And a shell starts what it runs in the background
    # with SIGINT ignored.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    # A shell that completes a command line says what was typed elsewhere.
    words = None if "_FENCEPOST_COMPLETE" in os.environ else sys.argv[1:]
    try:
        # A Ctrl-C comes back from typer as this status.
        status = _imported(words)(standalone_mode=False) or 0
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
    except SystemExit as error:
        # rich and typer leave like this where nobody reads on, with a status that would be a step's.
        if not isinstance(error.__context__, BrokenPipeError):
            raise
        status = ENGINE_TROUBLE
    except Exception as error:
        # typer's own complaints about the call; anything else is a fault of ours, and says nothing about the steps.
        show, status = getattr(error, "show", None), getattr(error, "exit_code", ENGINE_TROUBLE)
        if show:
            show()
        elif not hasattr(error, "exit_code"):
            traceback.print_exc()
    _end(status)


def _open_what_is_closed() -> None:
    """Who closes a stream (`>&-`) wants to read nothing. Opened, its number becomes no other file's."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _complain(console: Console, text: str) -> None:
    with contextlib.suppress(OSError):
        console.print(Text(shown(text)), soft_wrap=True)


def _end(status: int) -> NoReturn:
    """Ends with a status that Python, which flushes once more, doesn't change."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)


def _imported(words: Sequence[str] | None) -> typer.Typer:
    """The command line, of whose modules nothing is garbage: nobody needs to look for any, now or later."""
    gc.disable()
    try:
        return application(words)
    finally:
        gc.freeze()
        gc.enable()


def application(words: Sequence[str] | None = None) -> typer.Typer:
    """The command line.

    Args:
        words: the call's arguments. If they begin with a command, only that one is imported; else none is, and the
            commands are mere names for `--help`. `None` imports them all.
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
    """Stands for a command in the list of commands."""


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"fencepost {__version__}\n")
        raise typer.Exit


def _about(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Runs the code fences in your posts on real machines, and tells your readers which steps still work."""
