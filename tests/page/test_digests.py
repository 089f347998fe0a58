"""The digests of version 0.2, in `digests/`, stay valid: no published page turns "changed since" with an upgrade."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from fencepost.fence.attributes import Attributes
from fencepost.fence.snippet import digest_of_steps
from fencepost.page.page import Page
from tests.helpers.site_builder import SiteBuilder

SAMPLES = Path(__file__).parent / "digests"
DIGESTS = json.loads((SAMPLES / "of-0.2.json").read_text())


@dataclass(frozen=True)
class LaterAttributes(Attributes):
    """The attributes of some later version."""

    made_up: str = ""
    also_made_up: tuple[str, ...] = ()


def read(build: SiteBuilder, name: str) -> Page:
    build.page((SAMPLES / name).read_text(), name)
    (page,) = build.read().read_pages()
    return page


@pytest.mark.parametrize("name", DIGESTS)
def test_the_digests_of_0_2_stay_valid(build: SiteBuilder, name: str) -> None:
    page = read(build, name)
    steps = {step.id: {"source": step.source_sha256, "step": step.step_sha256} for step in page.snippets}
    assert steps == DIGESTS[name]["steps"]
    assert {name: page.digest_on(name) for name in page.front_matter.machines} == DIGESTS[name]["machines"]


@pytest.mark.parametrize("name", DIGESTS)
def test_a_later_attribute_counts_only_where_a_page_uses_it(build: SiteBuilder, name: str) -> None:
    page = read(build, name)
    later = [replace(step, attributes=LaterAttributes(**vars(step.attributes))) for step in page.snippets]
    assert [step.step_sha256 for step in later] == [step.step_sha256 for step in page.snippets]
    assert digest_of_steps(later, "debian-13") == page.digest_on("debian-13")
    used = replace(later[0], attributes=replace(later[0].attributes, made_up="yes"))
    assert used.step_sha256 != page.snippets[0].step_sha256
    assert digest_of_steps([used, *later[1:]], "debian-13") != page.digest_on("debian-13")
    other = replace(later[0], attributes=replace(later[0].attributes, also_made_up=("yes",)))
    assert len({step.step_sha256 for step in (page.snippets[0], used, other)}) == 3
