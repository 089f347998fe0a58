"""Sites with made-up records, without any engine: pages rendered as MkDocs renders them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from mkdocs.__main__ import cli
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import get_files
from mkdocs.structure.pages import Page as MkDocsPage

from fencepost.fence.snippet import Snippet
from fencepost.page.page import Page
from fencepost.record.model import FailureRecord, Record, SnippetRecord
from fencepost.record.store import RecordStore
from fencepost.verdicts import Verdict, worst
from tests.helpers.site_builder import MARKDOWN, SiteBuilder

WITH_FENCEPOST: dict[str, dict[str, Any]] = {**MARKDOWN, "fencepost": {}}
AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def step(snippet: Snippet, **changes: Any) -> SnippetRecord:
    """Return the record of a step that passed, with these changes."""
    given: dict[str, Any] = {
        "id": snippet.id,
        "title": snippet.title,
        "source": snippet.source,
        "written_to": snippet.attributes.file,
        "language": snippet.language,
        "file": snippet.opening.file,
        "line": snippet.opening.line,
        "source_sha256": snippet.source_sha256,
        "step_sha256": snippet.step_sha256,
        "verdict": Verdict.PASSED,
        "exit": 0,
        "seconds": 0.5,
        "output": "",
        "truncated": False,
        "reason": None,
        "failure": None,
    }
    return SnippetRecord(**{**given, **changes})


def record(page: Page, machine: str, steps: Mapping[str, Mapping[str, Any]] | None = None, **changes: Any) -> Record:
    """Return a page's record on a machine: all steps passed, except for changes to steps, by id, and to the record."""
    snippets = tuple(step(item, **(steps or {}).get(item.id, {})) for item in page.snippets_on(machine))
    given: dict[str, Any] = {
        "schema": 1,
        "page": page.name,
        "machine": machine,
        "image": "sha256:1",
        "engine": "podman 5",
        "accelerator": None,
        "fencepost": "0.1.0",
        "started": AT,
        "seconds": 41.0,
        "verdict": worst(item.verdict for item in snippets),
        "steps_sha256": page.digest_on(machine),
        "snippets": snippets,
    }
    return Record(**{**given, **changes})


def failed(**changes: Any) -> dict[str, Any]:
    """Return the changes that make a step a failed one."""
    failure = FailureRecord(file="docs/page.md", line=9, command="false", expected="exit status 0", actual="")
    return {"verdict": Verdict.FAILED, "exit": 1, "reason": "exit status 1", "failure": failure, **changes}


class RecordedSite:
    """A site that shows its records."""

    def __init__(self, build: SiteBuilder) -> None:
        self.build = build
        self.build.configure(WITH_FENCEPOST)

    def page(self, text: str, name: str = "page.md") -> None:
        """Write a page."""
        self.build.page(text, name)

    def read(self, name: str = "page.md") -> Page:
        """Return a page as a check reads it."""
        page = self.build.read().read_page(self.build.folder / "docs" / name)
        assert page is not None
        return page

    def ran(
        self,
        machine: str = "debian-13",
        steps: Mapping[str, Mapping[str, Any]] | None = None,
        name: str = "page.md",
        **changes: Any,
    ) -> None:
        """Store the record of a run of the page in its current state."""
        self.store(record(self.read(name), machine, steps, **changes))

    def store(self, made: Record) -> None:
        """Store a record."""
        RecordStore(self.build.folder / ".fencepost/records").write(made)

    def html(self, name: str = "page.md") -> str:
        """Return the page's HTML as MkDocs renders it."""
        config = load_config(str(self.build.folder / "mkdocs.yml"))
        files = get_files(config)
        file = files.get_file_from_path(name)
        assert file is not None
        page = MkDocsPage(None, file, config)
        page.read_source(config)
        page.render(config, files)
        assert page.content is not None
        return page.content


def words_on(badge: Path) -> tuple[str, str]:
    """Return the text of a badge, and its colour."""
    svg = ElementTree.fromstring(badge.read_text("utf-8"))  # our own
    colours = [rect.get("fill") for rect in svg.findall(".//{*}rect")]
    return " | ".join(text.text or "" for text in svg.findall(".//{*}text")), str(colours[-1])


def mkdocs_build(folder: Path, *, strict: bool = True) -> str:
    """Build a site into `built/` as `mkdocs build` does, in this process, which takes a fifth of the time.

    Returns:
        what it printed. A warning is a failure, unless the build is not `strict`.
    """
    # MkDocs keeps plugins from one build of a process to the next.
    vars(MkDocsConfig)["plugins"].plugin_cache.clear()
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.chdir(folder)
        patch.setenv("NO_MKDOCS_2_WARNING", "1")
        done = CliRunner().invoke(cli, ["build", *["--strict"] * strict, "--site-dir", "built"])
    assert done.exit_code == 0, (done.output, done.exc_info)
    return done.output
