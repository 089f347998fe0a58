"""Names on a page become no file names, and no commands in a file that readers run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers.site_builder import MARKDOWN, SiteBuilder
from tests.site.recorded_site import RecordedSite, mkdocs_build

PAGE = """
    ---
    machine: [debian-12, "{machine}"]
    ---
    # A page

    ```bash
    true
    ```
    """
OURS = ("built/", ".fencepost/published/")


@pytest.fixture
def site(build: SiteBuilder) -> RecordedSite:
    """A site with the plugin."""
    made = RecordedSite(build)
    build.configure({**MARKDOWN, "fencepost": {}}, theme={"name": "mkdocs"}, plugins=["fencepost"])
    made.page("# Front\n", "index.md")
    return made


def files_beside(site: RecordedSite) -> dict[str, str]:
    """What lies around the site, but for what a build is to write."""
    top = site.build.folder.parent
    found = {path.relative_to(top).as_posix(): path for path in top.rglob("*") if path.is_file()}
    ours = tuple(f"{site.build.folder.name}/{folder}" for folder in OURS)
    return {name: path.read_text("utf-8") for name, path in found.items() if not name.startswith(ours)}


def scripts(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "built/assets/fencepost/scripts").rglob("*") if path.is_file())


def test_a_page_from_outside_is_shown_without_results(site: RecordedSite) -> None:
    site.build.write("../elsewhere.md", "---\nmachine: debian-12\n---\n# A page\n\n```bash\ntrue\n```\n")
    (site.build.folder / "docs/link.md").symlink_to(site.build.folder.parent / "elsewhere.md")
    before = files_beside(site)
    mkdocs_build(site.build.folder)
    assert files_beside(site) == before
    assert "true" in (site.build.folder / "built/link/index.html").read_text("utf-8")
    assert scripts(site.build.folder) == []


@pytest.mark.parametrize(
    "machine", ["../../../../../ci/run", "../../../../../../ci/run", "/ci/run", "a\\0b", "debian-12\\ntouch pwned #"]
)
def test_a_wrong_machine_name_names_no_file(site: RecordedSite, machine: str) -> None:
    site.page(PAGE.format(machine=machine))
    site.build.write("ci/run.sh", "mine\n")
    before = files_beside(site)
    mkdocs_build(site.build.folder)
    assert files_beside(site) == before
    assert scripts(site.build.folder) == ["page@debian-12.sh"]
    result = json.loads((site.build.folder / "built/assets/fencepost/what-still-works.json").read_text("utf-8"))
    assert [item["machine"] for item in result["pages"][0]["machines"]] == ["debian-12"]
