"""The scripts of green pages succeed on a fresh machine: of the posts and of sample pages. See `tests/found`, too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fencepost.page.page import Page
from fencepost.publish.script import script_of_steps
from fencepost.record.model import Record
from fencepost.site.mkdocs import read_site
from fencepost.verdicts import Verdict
from tests.helpers.checking import check, engine_or_skip
from tests.helpers.site_builder import SiteBuilder

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "check" / "pages"
GREEN = {Verdict.PASSED, Verdict.KNOWN_BROKEN}

pytestmark = pytest.mark.engine


@dataclass
class Script:
    """A script, and the page that runs it."""

    name: str
    machine: str
    text: str
    network: bool


@pytest.fixture
def scripts(tmp_path: Path) -> SiteBuilder:
    """A site whose pages run scripts."""
    return SiteBuilder(tmp_path / "scripts")


def script_of(page: Page, machine: str) -> Script:
    steps = page.snippets_on(machine)
    text = script_of_steps(steps, page=page.name, title=page.name, machine=machine, called=machine, env={})
    return Script(page.path.stem, machine, text, page.front_matter.network)


def run(site: SiteBuilder, scripts: Iterator[Script]) -> list[Record]:
    """The records of pages that run these scripts."""
    for script in scripts:
        site.page(
            f"---\nmachine: {script.machine}\nnetwork: {str(script.network).lower()}\ntimeout: 300\n---\n"
            f'~~~~~~~~~~~~ {{ #script file="/tmp/steps.sh" }}\n{script.text}~~~~~~~~~~~~\n\n'
            "```bash { #run }\nbash /tmp/steps.sh\n```\n",
            f"{script.name}@{script.machine}.md",
        )
    return check(site, engine_or_skip("podman"))


def assert_green(records: list[Record], at_least: int) -> None:
    assert len(records) >= at_least
    red = {
        record.page: record.snippets[-1].output[-2000:] for record in records if record.verdict is not Verdict.PASSED
    }
    assert red == {}


def green_pages(site: SiteBuilder, among: list[Path]) -> Iterator[Script]:
    """The scripts of those pages that are green."""
    docs = site.folder / "docs"
    for path in among:
        shutil.copy(path, docs)
    read = site.read()
    for record in check(site, engine_or_skip("podman")):
        if record.verdict in GREEN:
            page = read.read_page(site.folder / record.page)
            assert page
            yield script_of(page, record.machine)


def test_scripts_of_samples(build: SiteBuilder, scripts: SiteBuilder) -> None:
    build.write("fencepost.toml", "timeout = 10\noutput-limit = 1\n")
    for site in (build, scripts):
        # The samples name this machine, and say nothing that only a Debian would do.
        shutil.copytree(
            ROOT / "tests" / "machines" / "python", site.folder / "machines" / "debian-12", dirs_exist_ok=True
        )
    pages = [path for path in sorted(SAMPLES.glob("*.md")) if _is_meant_to_be_green(path)]
    assert_green(run(scripts, green_pages(build, pages)), at_least=15)


def _is_meant_to_be_green(path: Path) -> bool:
    return path.read_text("utf-8").rpartition("\npage: ")[2].split()[0] in GREEN


def test_scripts_of_the_posts(scripts: SiteBuilder) -> None:
    site = read_site(ROOT)
    pages = [page for page in site.read_pages() if "debian-13" in page.front_matter.machines]
    shutil.copytree(ROOT / "machines" / "debian-13", scripts.folder / "machines" / "debian-13", dirs_exist_ok=True)
    assert_green(run(scripts, (script_of(page, "debian-13") for page in pages)), at_least=3)
