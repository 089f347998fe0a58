"""What the tests of mutation share: the sample site, and its mutants."""

from __future__ import annotations

from pathlib import Path

from fencepost.mutate.mutant import Mutant, edited
from fencepost.mutate.plan import PagePlan, plan_of
from fencepost.site.mkdocs import read_site

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
