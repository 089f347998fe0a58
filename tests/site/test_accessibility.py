"""An accessibility checker finds nothing that it doesn't find in the unmodified theme."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, Page

from tests.site.browsing import ADDRESS, Reading, open_everything, reader_of
from tests.site.recorded_site import mkdocs_build
from tests.site.saga import built_saga, copied_saga

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "axe-core" / "axe.min.js").read_text("utf-8")
PAGES = ("", "part-1/", "part-3/", "kvm-in-two-hours/", "what-still-works/", "times/", "tags/")

OURS = (".fencepost-header", ".fencepost-step", ".fencepost-overview", ".saga-summary", ".saga-series")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built saga."""
    return built_saga(tmp_path_factory.mktemp("saga") / "site")


@pytest.fixture(scope="module")
def unmodified(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What is wrong with the same pages in the theme as it comes, by the rules' names."""
    folder = tmp_path_factory.mktemp("plain") / "site"
    copied_saga(folder)
    config = yaml.load((folder / "mkdocs.yml").read_text("utf-8"), Loader=yaml.BaseLoader)
    config["site_url"] = ADDRESS
    del config["extra_css"], config["theme"]["custom_dir"], config["theme"]["palette"]
    config["theme"]["font"] = False
    config["plugins"] = [{"blog": {"blog_dir": ".", "post_url_format": "{slug}"}}, "search", "tags"]
    config["markdown_extensions"].remove("fencepost")
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(config), "utf-8")
    for page in (folder / "docs").rglob("*.md"):
        text = page.read_text("utf-8")
        page.write_text(text.replace("template: saga-post.html\n", "").replace("template: saga-index.html\n", ""))
    mkdocs_build(folder, strict=False)
    found: set[str] = set()
    with reader_of(browser, folder / "built")() as page:
        for name in PAGES:
            page.goto(ADDRESS + name)
            open_everything(page)
            found |= set(complaints(page))
    return found


def complaints(page: Page) -> dict[str, list[Any]]:
    """What axe-core finds, by rule: the elements."""
    page.evaluate(AXE)
    result = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return {item["id"]: [node["html"][:200] for node in item["nodes"]][:3] for item in result["violations"]}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_beyond_the_theme(reading: Reading, unmodified: set[str], scheme: Any) -> None:
    with reading(color_scheme=scheme) as page:
        for name in PAGES:
            page.goto(ADDRESS + name)
            open_everything(page)
            found = complaints(page)
            assert {rule: nodes for rule, nodes in found.items() if rule not in unmodified} == {}, name


def test_nothing_in_what_is_ours(reading: Reading) -> None:
    with reading() as page:
        for name in PAGES:
            page.goto(ADDRESS + name)
            open_everything(page)
            page.evaluate(AXE)
            for ours in OURS:
                if page.locator(ours).count():
                    result = page.evaluate("ours => axe.run(ours)", ours)
                    assert [(item["id"], item["nodes"][0]["html"]) for item in result["violations"]] == [], name


def test_nothing_in_a_run_to_read(reading: Reading) -> None:
    with reading() as page:
        page.goto(f"{ADDRESS}assets/fencepost/runs/docs/posts/part-1@debian-12.html")
        assert complaints(page) == {}
