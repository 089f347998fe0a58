"""What the tests of mutation share: the sample site, and its mutants."""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import SimpleNamespace

from fencepost.machine.image import NO_IMAGE, Image
from fencepost.mutate.mutant import Mutant, edited
from fencepost.mutate.plan import PagePlan, plan_of
from fencepost.site.mkdocs import read_site
from tests.helpers.host_machine import HostMachine, host_machine

SITE = Path(__file__).parent / "mutation_site"
PAGE = "docs/page.md"


def sample() -> PagePlan:
    """The plan of the sample page."""
    site = read_site(SITE)
    return plan_of(site, site.read_pages()[0])[0]


def mutant(ending: str) -> Mutant:
    """The sample's only mutant whose name ends so."""
    (found,) = [each for each in sample().mutants if each.name.endswith(ending)]
    return found


def broken(each: Mutant) -> str:
    """The text of the file that a mutant changes."""
    return edited(sample().files, each.broken.edit)


class HostFleet:
    """Opens sessions in new folders of this computer."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self.settings = read_site(SITE).settings
        self.engine = SimpleNamespace(name="none", version="0")
        self._folder = folder
        self._stack = stack
        self._count = 0

    def open(self, *_: object, **__: object) -> HostMachine:
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        return self._stack.enter_context(host_machine(folder))

    def lacking(self, *_: object) -> str:
        return ""

    def image(self, _: object) -> Image:
        return NO_IMAGE

    def make_ready(self, *_: object) -> None:
        """There is nothing to do."""

    def close(self) -> None:
        """The stack closes the machines."""

    def turn(self, _: object) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()
