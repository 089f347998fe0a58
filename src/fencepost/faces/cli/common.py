"""What the commands share: their common options, and how they find the site and the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fencepost.errors import SiteError, near
from fencepost.machine.base import Say
from fencepost.machine.engine import Engine, find_engine
from fencepost.site.mkdocs import read_site
from fencepost.site.site import Site

SiteFolder = Annotated[Path, typer.Option("--site", help="The folder of mkdocs.yml.", metavar="DIR")]
EngineName = Annotated[str, typer.Option("--engine", help="podman or docker; the first that works by default.")]


def site_in(folder: Path) -> Site:
    """The site of a folder."""
    return read_site(folder.resolve())


def engine_for(wanted: str, site: Site) -> Engine:
    """The engine that was asked for on the command line, or in the site's settings."""
    if wanted not in {"", "auto", "podman", "docker"}:
        raise SiteError(f"unknown engine `{wanted}`", near(wanted, ["podman", "docker"]) or "podman or docker")
    return find_engine(wanted or site.settings.engine)


def teller(console: Console) -> Say:
    """Tells, in grey, that something takes long."""
    return lambda text: console.print(f"{text} ...", style="dim", soft_wrap=True, markup=False)
