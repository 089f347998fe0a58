"""Common options of the commands, and how they find the site, the engine and the pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from fencepost.errors import FencepostError, SiteError
from fencepost.faces.safe_text import shown_on_one_line
from fencepost.machine.engine import Engine
from fencepost.machine.engines.registry import OWN_NAMES, find_engine
from fencepost.machine.progress import ProgressLines
from fencepost.page.page import Page
from fencepost.site.mkdocs import read_site
from fencepost.site.site import Site

SiteFolder = Annotated[Path, typer.Option("--site", help="The folder of mkdocs.yml.", metavar="DIR")]
_ENGINE_HELP = f"{' or '.join(OWN_NAMES)}; the first that works by default."
EngineName = Annotated[str, typer.Option("--engine", help=_ENGINE_HELP, metavar="NAME")]


def site_in(folder: Path) -> Site:
    """Return the site in a folder."""
    return read_site(folder.resolve())


@dataclass(frozen=True)
class Selection:
    """The pages that a command line names.

    Attributes:
        pages: the pages that have a machine.
        only: the machines of pages that were given as PAGE@MACHINE, by the page's name.
        unchecked: the errors of pages that can't be checked, and don't stop the others.
    """

    pages: list[Page]
    only: dict[str, set[str]]
    unchecked: tuple[FencepostError, ...] = ()


def selection(site: Site, arguments: list[str]) -> Selection:
    """Return the pages that arguments name: files, folders or PAGE@MACHINE; all pages without arguments.

    Raises:
        SiteError: when an argument doesn't belong to this site.
        ManyErrors: with every error of every page.
    """
    start = Path.cwd()
    machines: dict[str, set[str]] = {}
    whole: list[str] = []
    for argument in arguments:
        path, at, machine = argument.rpartition("@")
        if not at or (start / argument).exists():
            whole.append(argument)
        else:
            site.machine(machine)
            machines.setdefault(path, set()).add(machine)
    pages, unchecked = site.read_checkable(site.find([*whole, *machines], start))
    everywhere = set(site.find(whole, start) or ()) if whole else set()
    only: dict[str, set[str]] = {}
    for path, names in machines.items():
        for file in site.find([path], start) or ():
            page = next((page for page in pages if page.path == file), None)
            if page and file not in everywhere:
                _require_machines(page, names)
                only.setdefault(page.name, set()).update(names)
    return Selection(pages, only, unchecked)


def _require_machines(page: Page, machines: set[str]) -> None:
    for name in sorted(machines - set(page.front_matter.machines)):
        raise SiteError(f"{page.name} doesn't run on `{name}`", "it has: " + ", ".join(page.front_matter.machines))


def engine_for(name: str, site: Site) -> Engine:
    """Return the engine named on the command line, or else in the site's settings."""
    return find_engine(name or site.settings.engine)


def printed_progress(console: Console) -> ProgressLines:
    """Return a receiver that prints, in grey, that something slow has begun."""
    return ProgressLines(lambda text: console.print(progress_line(text), soft_wrap=True))


def progress_line(text: str) -> Text:
    """Return the line, in grey, that something slow has begun."""
    return Text(f"{shown_on_one_line(text)} ...", style="dim")
