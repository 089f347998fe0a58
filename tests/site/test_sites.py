"""Whole sites, each in one file: a check reads the steps that MkDocs shows, or reports what is wrong."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from mkdocs.commands.build import build as build_site
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig

from fencepost.errors import FencepostError
from fencepost.faces.generator.mkdocs_plugin import FencepostPlugin
from fencepost.record.store import RecordStore
from tests.helpers.code_blocks import blocks_in
from tests.helpers.html import attributes
from tests.helpers.site_builder import SiteBuilder
from tests.site.recorded_site import record


@dataclass
class Sample:
    """A site, and what is expected of it.

    Attributes:
        files: its files, by name.
        steps: the texts of its steps; by default those that MkDocs shows.
        shown: the texts that MkDocs shows, where the check warns that it can't see them.
        error: what the check says instead, as a pattern.
        builds: whether MkDocs builds it.
        rewriters: who rewrites its pages.
        needs: a package that need not be installed.
    """

    files: dict[str, str]
    steps: list[str] | None = None
    shown: list[str] | None = None
    error: str = ""
    builds: bool = True
    rewriters: list[str] = field(default_factory=list)
    needs: str = ""


def read_sample(path: Path) -> Sample:
    expected, *files = re.split(r"^=== (.*)\n", path.read_text("utf-8"), flags=re.MULTILINE)
    return Sample(dict(zip(files[::2], files[1::2], strict=True)), **(yaml.safe_load(expected) or {}))


SAMPLES = {path.stem: read_sample(path) for path in sorted((Path(__file__).parent / "sites").glob("*.txt"))}


@pytest.fixture
def sample(request: pytest.FixtureRequest, build: SiteBuilder, monkeypatch: pytest.MonkeyPatch) -> Sample:
    found = SAMPLES[request.param]
    if found.needs:
        pytest.importorskip(found.needs)
    for name, text in found.files.items():
        build.write(name, text)
    # Where MkDocs looks for included files.
    monkeypatch.chdir(build.folder)
    return found


@pytest.mark.parametrize("sample", SAMPLES, indirect=True)
def test_a_check_reads_what_the_site_shows(sample: Sample, build: SiteBuilder) -> None:
    if sample.error:
        with pytest.raises(FencepostError) as raised:
            build.read().read_pages()
        assert re.search(sample.error, str(raised.value))
        assert raised.value.exit_status == 2
    else:
        site = build.read()
        steps = [snippet.source.strip("\n") for page in site.read_pages() for snippet in page.snippets]
        if sample.builds:
            assert sorted(shown_by_mkdocs(build.folder)) == sorted(steps if sample.shown is None else sample.shown)
        assert sample.steps in (None, sorted(steps))
        assert steps
        assert list(site.rewriters) == sample.rewriters


@pytest.mark.parametrize("sample", [name for name, sample in SAMPLES.items() if sample.error], indirect=True)
def test_samples_build_or_fail_as_they_say(sample: Sample, build: SiteBuilder) -> None:
    if sample.builds:
        shown_by_mkdocs(build.folder)
    else:
        with pytest.raises((Exception, SystemExit)):
            shown_by_mkdocs(build.folder)


CHECKED = [name for name, it in SAMPLES.items() if it.builds and not it.error and not it.shown]


@pytest.mark.parametrize("sample", CHECKED, indirect=True)
def test_checked_and_built_sites_agree_on_what_is_verified(sample: Sample, build: SiteBuilder) -> None:
    pages = build.read().read_pages()
    store = RecordStore(build.folder / ".fencepost/records")
    for page in pages:
        store.write(record(page, "debian-12"))
    standings = Counter(
        standing
        for html in built(build.folder, ours=True)
        for standing in attributes(html, ".fencepost-header", "data-fencepost-standing")
        if standing
    )
    assert standings == {"verified": len(pages)}


def shown_by_mkdocs(folder: Path) -> list[str]:
    """The runnable code blocks of a site as MkDocs builds it, without anything of ours."""
    return [block for html in built(folder) for block in blocks_in(html)]


def built(folder: Path, *, ours: bool = False) -> list[str]:
    """The pages that `mkdocs build` writes.

    Args:
        folder: the site's.
        ours: whether our extension and our plugin take part.
    """
    vars(MkDocsConfig)["plugins"].plugin_cache.clear()
    config = load_config(str(folder / "mkdocs.yml"))
    if ours:
        config.markdown_extensions.append("fencepost")
        config.plugins["fencepost"] = plugin = FencepostPlugin()
        plugin.load_config({})
    config.plugins.on_startup(command="build", dirty=False)
    try:
        build_site(config)
    finally:
        config.plugins.on_shutdown()
    return [page.read_text("utf-8") for page in Path(config.site_dir).rglob("*.html")]
