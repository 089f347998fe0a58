"""`fencepost machines`: list, build and remove machines."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fencepost.errors import EngineError, FencepostError
from fencepost.faces.cli.common import EngineName, SiteFolder, engine_for, printed_progress, site_in
from fencepost.faces.safe_text import shown
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engine import Engine
from fencepost.machine.engines.registry import find_engine
from fencepost.machine.fleet import Fleet
from fencepost.machine.image import image_name, images_of
from fencepost.machine.vm.emulator import NAME as EMULATOR
from fencepost.machine.vm.emulator import emulator_definition
from fencepost.machine.vm.saved import remove_volume, volumes_of
from fencepost.site.site import Site

MachineNames = Annotated[
    list[str] | None, typer.Argument(help="Machines; all of the site's by default.", metavar="NAME")
]

machines = typer.Typer(help="The machines of this site: list, build, remove.", no_args_is_help=True)


@machines.command("list")
def list_machines(site_folder: SiteFolder = Path(), engine: EngineName = "") -> int:
    """List the site's machines, whether each is built and booted, and how much is left of older versions."""
    site = site_in(site_folder)
    chosen = engine_for(engine, site)
    fleet = Fleet(chosen, site.settings)
    for definition in site.machines.values():
        current = fleet.current_names(definition)
        built = "built" if current else "not built"
        if definition.settings.kind == "vm" and current:
            built = "built and booted" if len(current) > 1 else "built, not booted"
        old = len(_others(chosen, definition, current))
        left = f"  ({old} older: fencepost machines remove --old)" if old else ""
        name = f"{definition.name}  {definition.settings.kind}  {built}  {definition.file}{left}"
        sys.stdout.write(f"{name}\n")
    return 0


@machines.command("build")
def build_machines(
    names: MachineNames = None,
    site_folder: SiteFolder = Path(),
    engine: EngineName = "",
    again: Annotated[
        bool, typer.Option("--again", help="Build again what is built already, with fresh packages.")
    ] = False,
) -> int:
    """Build machines before the first check, and boot the virtual ones."""
    site = site_in(site_folder)
    console = Console(highlight=False)
    fleet = Fleet(engine_for(engine, site), site.settings, printed_progress(console))
    possible = []
    for definition in _chosen(site, names):
        if lacking := fleet.lacking(definition):
            console.print(f"{definition.name}: {lacking}", markup=False)
        else:
            possible.append(definition)
    status = 0
    for definition, image in fleet.make_all(possible, again=again):
        if isinstance(image, FencepostError):
            sys.stderr.write(f"{shown(str(image))}\n")
            status = max(status, image.exit_status)
        else:
            console.print(f"{definition.name}: {image.name}")
    return status


@machines.command("remove")
def remove_machines(
    names: MachineNames = None,
    site_folder: SiteFolder = Path(),
    engine: EngineName = "",
    old: Annotated[bool, typer.Option("--old", help="Only what is left of older versions.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Everything that Fencepost built, of any site.")] = False,
) -> int:
    """Remove images of machines and saved virtual machines, older versions too."""
    if every:
        chosen = find_engine(engine or "auto")
        _remove(chosen, [*volumes_of(chosen, None), *images_of(chosen, None)])
        return 0
    site = site_in(site_folder)
    chosen = engine_for(engine, site)
    fleet = Fleet(chosen, site.settings)
    for definition in _chosen(site, names):
        _remove(
            chosen,
            _others(chosen, definition, fleet.current_names(definition)) if old else _all(chosen, definition.name),
        )
    if old:
        current = image_name(emulator_definition())
        _remove(chosen, [name for name in images_of(chosen, EMULATOR) if name != current])
    return 0


def _all(engine: Engine, machine: str) -> list[str]:
    """Return the names of a machine's volumes and images. Volumes come first, because they depend on the images."""
    return [*volumes_of(engine, machine), *images_of(engine, machine)]


def _others(engine: Engine, definition: MachineDefinition, current: list[str]) -> list[str]:
    """Return the names of a machine's volumes and images of older versions."""
    return [name for name in _all(engine, definition.name) if name not in current]


def _remove(engine: Engine, names: list[str]) -> None:
    for name in names:
        try:
            if "/" in name:
                engine.call("rmi", "--force", name)
            else:
                remove_volume(engine, name)
        except EngineError as error:
            sys.stdout.write(f"kept {name}: {error.message}\n")
        else:
            sys.stdout.write(f"removed {name}\n")


def _chosen(site: Site, names: list[str] | None) -> list[MachineDefinition]:
    return [site.machine(name) for name in names] if names else list(site.machines.values())
