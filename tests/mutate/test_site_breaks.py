"""Pages that are broken on a site, in sessions on this computer: the sample and these pages are harmless."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from fencepost.machine.progress import ProgressLines
from fencepost.mutate import site_breaks
from fencepost.mutate.crew import Done
from fencepost.mutate.site_breaks import SiteBreaks
from fencepost.site.mkdocs import read_site
from tests.helpers.site_builder import SiteBuilder
from tests.mutate.mutating import SITE, HostFleet


class Tried:
    """What was tried, and what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.done: list[Done] = []

    def breaks(self, folder: Path, *machines: str) -> SiteBreaks:
        site = read_site(folder)
        head_start = SimpleNamespace(engine=None, images={}, wait_until_swept=lambda _: None)
        breaks = SiteBreaks(site, head_start, ProgressLines(self.said.append), self.done.append)  # type: ignore[arg-type]
        breaks.try_all([(page, machines or page.front_matter.machines) for page in site.read_pages()])
        return breaks


@pytest.fixture
def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tried]:
    with contextlib.ExitStack() as stack:
        fleet = HostFleet(tmp_path, stack)
        monkeypatch.setattr(site_breaks, "Fleet", lambda *_, **__: fleet)
        yield Tried()


def test_virtual_machines_come_last_and_their_time_is_announced(tried: Tried, tmp_path: Path) -> None:
    folder = shutil.copytree(SITE, tmp_path / "site")
    (folder / "machines" / "second" / "machine.toml").write_text('kind = "vm"\n')
    (page,) = tried.breaks(folder).pages
    assert tried.said == ["8 breaks on virtual machines, one of each step; each may take minutes"]
    machines = [done.task.machine for done in tried.done]
    assert machines == sorted(machines)
    assert len({done.task.name for done in tried.done if done.task.machine == "second"}) == 1 + 8
    assert len(page.outcomes) == page.total
    assert page.problems == []


def test_a_page_whose_clean_runs_differ_is_not_broken(tried: Tried, build: SiteBuilder, tmp_path: Path) -> None:
    text = f"---\nmachine: debian-13\n---\n\n```bash {{ #once }}\nmkdir {tmp_path}/once\n```\n"
    build.page(text)
    (page,) = tried.breaks(build.folder).pages
    assert str(page.problems[0]) == (
        "docs/page.md:6: step `once` fails (exit status 1) on debian-13 in some runs of the unchanged page, and passes "
        "in others\n  find out why first:  fencepost check docs/page.md --machine debian-13 --fresh"
    )
    assert [done.task.edit for done in tried.done] == [None, None]


def test_what_was_found_is_not_tried_again(tried: Tried, build: SiteBuilder) -> None:
    build.page("---\nmachine: debian-13\n---\n\n```bash\nmkdir work\n```\n\n```bash\ntest -d work\n```\n")
    (first,) = tried.breaks(build.folder).pages
    assert (len(tried.done), first.survivors) == (3, [])
    (again,) = tried.breaks(build.folder).pages
    assert len(tried.done) == 3
    assert again.outcomes == first.outcomes


def test_a_file_that_several_steps_include_is_broken_in_the_file(tried: Tried, build: SiteBuilder) -> None:
    build.write("part.sh", "mkdir work\nmkdir other\n")
    build.page('---\nmachine: debian-13\n---\n\n```bash\n--8<-- "part.sh"\n```\n\n```bash\ntest -d work\n```\n')
    (page,) = tried.breaks(build.folder).pages
    assert [(survivor.file, survivor.line) for survivor in page.survivors] == [("part.sh", 2)]
    assert (build.folder / "part.sh").read_text() == "mkdir work\nmkdir other\n"


def test_one_machines_breaks_leave_anothers_results(tried: Tried, build: SiteBuilder) -> None:
    build.page("---\nmachine: [debian-12, debian-13]\n---\n\n```bash\ntrue; mkdir work\n```\n")
    tried.breaks(build.folder, "debian-12")
    tried.breaks(build.folder, "debian-13")
    assert len(tried.done) == 2 * (2 + 1)
    tried.breaks(build.folder)
    assert len(tried.done) == 2 * (2 + 1)


def test_a_change_of_the_machines_settings_starts_again(tried: Tried, build: SiteBuilder) -> None:
    build.page("---\nmachine: debian-13\n---\n\n```bash\nmkdir work\n```\n")
    tried.breaks(build.folder)
    build.write("machines/debian-13/machine.toml", 'env = { A = "1" }\n')
    tried.breaks(build.folder)
    assert len(tried.done) == 2 * (2 + 1)
