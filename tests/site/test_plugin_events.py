"""A check starts a build and ends it, so that plugins and hooks get the events of a build."""

from __future__ import annotations

from pathlib import Path

import pytest

from fencepost.errors import SiteError
from fencepost.faces.generator.mkdocs_plugin import FencepostPlugin
from fencepost.live.saved_pages import SavedPages
from tests.helpers.programs import fencepost
from tests.helpers.site_builder import MARKDOWN, SiteBuilder

PAGE = "---\nmachine: debian-12\n---\n\n```bash\ntrue\n```\n"


@pytest.fixture
def noting(build: SiteBuilder) -> SiteBuilder:
    build.write("hook.py", (Path(__file__).parent / "hook_that_notes.py").read_text("utf-8"))
    build.configure(MARKDOWN, hooks=["hook.py"])
    build.page(PAGE)
    return build


def events(build: SiteBuilder) -> list[str]:
    return (build.folder / "events").read_text("utf-8").splitlines()


def test_a_build_begins_and_ends_and_writes_nothing(noting: SiteBuilder) -> None:
    assert len(noting.read().read_pages()) == 1
    assert events(noting) == ["startup build False", "config", "shutdown"]
    assert not (noting.folder / "site").exists()


def test_a_failing_build_is_ended_too(noting: SiteBuilder) -> None:
    noting.configure(MARKDOWN, hooks=["hook.py"], extra={"fails": True})
    with pytest.raises(SiteError, match=r"^hook.py:21: .* this hook fails in its `on_config`: ValueError: it can't$"):
        noting.read()
    assert events(noting)[-1] == "shutdown"


def test_a_build_with_wrong_settings_is_ended(noting: SiteBuilder) -> None:
    noting.write("fencepost.toml", "timeout = 0\n")
    with pytest.raises(SiteError, match=r"^fencepost.toml:1"):
        noting.read()
    assert events(noting)[-1] == "shutdown"


def test_our_own_plugin_takes_no_part(noting: SiteBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    noting.configure(MARKDOWN, plugins=["fencepost"])
    for name in ("on_startup", "on_config", "on_nav", "on_shutdown"):
        monkeypatch.setattr(FencepostPlugin, name, lambda *_, **__: pytest.fail("it takes part"))
    assert len(noting.read().read_pages()) == 1


@pytest.mark.slow
def test_output_of_hooks_stays_out_of_a_commands_output(noting: SiteBuilder) -> None:
    done = fencepost(noting.folder, "plan", "--shards", "1")
    assert done.stdout.startswith('{"include"')
    assert done.stdout.count("\n") == 1
    assert "a hook prints" in done.stderr


def test_a_machine_from_a_meta_file_is_read_and_validated(build: SiteBuilder) -> None:
    build.configure(MARKDOWN, theme={"name": "material", "font": False}, plugins=["meta"])
    build.write("docs/posts/.meta.yml", "machine: debian-12\ntimeout: 7\n")
    build.page("# One\n\n```bash\ntrue\n```\n", "posts/one.md")
    build.page("# Prose\n\n```bash\ntrue\n```\n", "prose.md")
    (page,) = build.read().read_pages()
    assert (page.name, page.front_matter.machines, page.front_matter.timeout) == (
        "docs/posts/one.md",
        ("debian-12",),
        7,
    )
    assert [step.opening.line for step in page.snippets] == [3]
    build.write("docs/posts/.meta.yml", "machine: debian-21\n")
    with pytest.raises(Exception, match=r"^docs/posts/one.md: unknown machine `debian-21`, which a plugin adds"):
        build.read().read_pages()


def test_a_saved_meta_file_is_seen_in_live_mode(build: SiteBuilder) -> None:
    build.configure(MARKDOWN, theme={"name": "material", "font": False}, plugins=["meta"])
    page = build.page("# One\n\n```bash\ntrue\n```\n", "posts/one.md")
    saved = SavedPages()
    saved.look(build.read())
    build.write("docs/posts/.meta.yml", "machine: debian-12\n")
    page.write_text("# One\n\n```bash\ntrue\ntrue\n```\n")
    assert [item.name for item in saved.look(build.read()).saved] == ["docs/posts/one.md"]
