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

# Each command, and the module beside this one that has it, under its own name.
_MODULES = {
    "check": "check",
    "shell": "shell",
    "plan": "records",
    "merge": "records",
    "fetch": "records",
    "publish": "publish",
    "doctor": "doctor",
    "schema": "schema",
    "machines": "machines",
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
    try:
        # A Ctrl-C comes back from typer as this status.
        status = _imported(sys.argv[1:])(standalone_mode=False) or 0
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


def _imported(words: Sequence[str]) -> typer.Typer:
    """The command line, of whose modules nothing is garbage: nobody needs to look for any, now or later."""
    gc.disable()
    try:
        return application(words)
    finally:
        gc.freeze()
        gc.enable()


def application(words: Sequence[str] = ()) -> typer.Typer:
    """The command line, with the command that `words` begin with; with all of them, where they begin with none.

    A command is imported with all that it knows, and most know much that a check of an unchanged site needs not.
    """
    app = typer.Typer(
        help="Runs the code fences in your posts on real machines, and tells your readers which steps still work.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_about)
    for name in [words[0]] if words and words[0] in _MODULES else _MODULES:
        command = getattr(importlib.import_module(f"fencepost.faces.cli.{_MODULES[name]}"), name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


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
