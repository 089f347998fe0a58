"""What the tests of the mutation trial share: the sample site, and its mutants."""

from __future__ import annotations

from pathlib import Path

from fencepost.site.mkdocs import read_site
from trials.mutation.mutant import Mutant
from trials.mutation.plan import PagePlan, plan_of
from trials.mutation.site_copy import SiteCopy

SITE = Path(__file__).parent / "mutation_site"
PAGE = "docs/page.md"


def sample() -> PagePlan:
    """The plan of the sample page."""
    site = read_site(SITE)
    return plan_of(site, site.read_pages()[0])[0]


def mutant(told: str) -> Mutant:
    """The sample's only mutant whose name ends so."""
    (found,) = [one for one in sample().mutants if one.name.endswith(told)]
    return found


def broken(copy: SiteCopy, one: Mutant) -> str:
    """The text of the file that a mutant changes."""
    with copy.broken(one.broken.edit):
        return (copy.site.folder / one.broken.edit.file).read_text("utf-8")
