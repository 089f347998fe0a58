"""The Markdown extension: which page it converts, and that it changes nothing on other pages."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import markdown
import pytest
from markdown.preprocessors import Preprocessor

from fencepost import __version__
from fencepost.faces.generator import markdown_extension
from fencepost.faces.generator.markdown_extension import FencepostExtension, makeExtension
from fencepost.page.html_scan import MARKER
from tests.helpers.html import element_after, texts, the
from tests.helpers.site_builder import MARKDOWN
from tests.site.recorded_site import RecordedSite, mkdocs_build, record

PAGE = """\
---
machine: debian-13
---
# A title

```bash { #first }
echo one
```

```bash { .hidden }
echo set-up
```
"""
BODY = PAGE.split("---\n", 2)[2]
FORMS = sorted((Path(__file__).parents[1] / "page" / "forms").glob("*.md"))


def converter(site: RecordedSite | None = None, *, ours: bool = True) -> markdown.Markdown:
    """A Markdown outside any site generator."""
    options = {"site": str(site.build.folder)} if site else {}
    own = [FencepostExtension(**options)] if ours else []
    # Ahead of superfences, as somebody may well write them.
    return markdown.Markdown(extensions=[*own, *MARKDOWN], extension_configs=MARKDOWN)


def in_context(site: RecordedSite, path: str) -> markdown.Markdown:
    """A Markdown as Zensical prepares it for a page."""

    class Context(Preprocessor):
        def run(self, lines: list[str]) -> list[str]:
            return lines

    md = converter(site)
    context = Context(md)
    context.page = SimpleNamespace(path=path)
    context.config = {"root_dir": str(site.build.folder), "docs_dir": "docs"}
    md.preprocessors.register(context, "rendering_context", 0)
    return md


def plain(site: RecordedSite, name: str = "page.md") -> str:
    """A page as it would be without the extension."""
    site.build.configure(MARKDOWN)
    return site.html(name)


def test_the_extension_is_found_by_its_name() -> None:
    md = markdown.Markdown(extensions=["fencepost"])
    assert "fencepost" in md.postprocessors
    assert isinstance(makeExtension(site="."), FencepostExtension)


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_a_page_without_a_machine_is_the_same_to_the_byte(site: RecordedSite, form: Path) -> None:
    site.build.includes()
    text = form.read_bytes().replace(b"\nmachine:", b"\nmaschine:")
    (site.build.folder / "docs/page.md").write_bytes(text)
    with_ours = site.html()
    assert with_ours == plain(site)


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_nothing_of_the_marking_is_left(site: RecordedSite, form: Path) -> None:
    site.build.includes()
    (site.build.folder / "docs/page.md").write_bytes(form.read_bytes())
    html = site.html()
    assert MARKER not in html
    assert not re.search("[\ue0f0\ue0f1]", html)


def test_an_ordinary_page_keeps_attributes_that_look_like_ours(site: RecordedSite) -> None:
    site.page('# A title\n\n```bash { .hidden .always timeout="3" }\necho\n```\n')
    html = site.html()
    assert "hidden always" in html
    assert html == plain(site)


def test_text_that_looks_like_our_marking_is_shown(site: RecordedSite) -> None:
    lookalike = '<div data-fencepost-fence="0"></div>'
    site.build.write("docs/page.md", f"{PAGE}\n{lookalike}\n")
    site.ran()
    html = site.html()
    assert html.count(lookalike) == 1
    assert html.count('class="fencepost-step"') == 1


def test_headings_keep_their_anchors(site: RecordedSite) -> None:
    # The table of contents sends each of them through all postprocessors.
    site.build.write("docs/page.md", PAGE + "\n## Some heading\n")
    assert '<h2 id="some-heading">' in site.html()


def test_other_generators_pages_are_matched_by_fences(site: RecordedSite) -> None:
    site.build.write("docs/page.md", PAGE)
    site.ran()
    html = converter(site).convert(BODY)
    assert "Verified" in html
    assert "set-up" not in html


def test_other_generators_pages_without_a_match_are_unchanged(site: RecordedSite) -> None:
    site.build.write("docs/page.md", PAGE)
    site.ran()
    other = BODY.replace("one", "two").replace("{ .hidden }", "")
    assert converter(site).convert(other) == converter(ours=False).convert(other)


def test_hidden_fences_of_unmatched_pages_are_shown(site: RecordedSite) -> None:
    assert "set-up" in converter(site).convert(BODY)


def test_two_pages_with_the_same_fences_match_neither(site: RecordedSite) -> None:
    for name in ("page.md", "other.md"):
        site.build.write(f"docs/{name}", PAGE)
        site.ran(name=name)
    assert "Verified" not in converter(site).convert(BODY)
    assert "Verified" in site.html()


def test_a_page_without_fences_matches_no_source(site: RecordedSite) -> None:
    site.build.write("docs/page.md", "---\nmachine: debian-13\n---\nProse.\n")
    site.ran()
    assert converter(site).convert("Prose.\n") == "<p>Prose.</p>"


def test_a_site_generator_that_tells_its_pages_in_a_context(site: RecordedSite) -> None:
    site.build.write("docs/posts/page.md", PAGE)
    site.ran(name="posts/page.md")
    html = in_context(site, "posts/page.md").convert(BODY)
    following = element_after(the(html, "h1"))
    assert following
    assert following.tag == "aside"
    assert "set-up" not in html


@pytest.mark.parametrize(
    ("here", "url"),
    [("works.md", "posts/page.md"), ("index.md", "posts/page.md"), ("posts/works.md", "../posts/page.md")],
)
def test_other_generators_overview_links_to_sources(site: RecordedSite, here: str, url: str) -> None:
    # Zensical makes a way between pages of it.
    site.build.write("docs/posts/page.md", PAGE)
    site.ran(name="posts/page.md")
    html = in_context(site, here).convert("<!-- fencepost: what still works -->")
    assert "A title" in texts(html, f"a[href='{url}']")
    assert "2 of 2 steps" in html


def test_one_markdown_object_converts_several_pages(site: RecordedSite) -> None:
    site.build.write("docs/page.md", PAGE)
    site.ran()
    md = converter(site)
    first = md.convert(BODY)
    assert md.reset().convert("") == ""
    assert "<em>" in md.reset().convert("*other*")
    # The anchors of lines count on through all pages of a Markdown.
    assert re.sub(r"__\w+-\d+-\d+", "", md.reset().convert(BODY)) == re.sub(r"__\w+-\d+-\d+", "", first)


def test_notes_to_authors_are_not_shown_to_readers(site: RecordedSite) -> None:
    # A line that looks like a fence and isn't one gets a flag, for a check. Here the second page would have it.
    md = converter(site)
    lost = "```bash notest\necho\n```\n"
    assert md.convert(lost) == md.reset().convert(lost) == converter(ours=False).convert(lost)


def test_the_extension_works_without_superfences() -> None:
    md = markdown.Markdown(extensions=["fenced_code", "fencepost"])
    assert "<code" in md.convert(BODY)


def test_an_internal_error_leaves_the_page_whole(
    site: RecordedSite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site.build.write("docs/page.md", PAGE)
    site.ran()

    def broken(*_: Any, **__: Any) -> str:
        raise RuntimeError("no")

    monkeypatch.setattr(markdown_extension, "render_step", broken)
    html = site.html()
    assert "data-fencepost" not in html
    assert "set-up" not in html
    assert "echo" in html
    assert "the results of `docs/page.md` can't be shown" in caplog.text


def test_a_step_with_a_current_record_is_not_parsed_again(site: RecordedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site.build.write("docs/page.md", PAGE)
    site.ran(fencepost=__version__)
    site.build.write("docs/page.md", PAGE.replace("set-up", "another"))
    parsed: list[str] = []
    monkeypatch.setattr("fencepost.kinds.shell.open_at_the_end", parsed.append)
    assert "Changed since" in site.html()
    assert parsed == ["echo another"]
    parsed.clear()
    site.ran(fencepost="0.1.0")
    parsed.clear()
    site.html()
    assert parsed == ["echo one", "echo another"]


def test_wrong_settings_are_told(site: RecordedSite, caplog: pytest.LogCaptureFixture) -> None:
    site.build.write("docs/page.md", PAGE)
    site.build.write("fencepost.toml", "max-aeg = 3\n")
    assert MARKER not in site.html()
    assert "fencepost.toml:1: unknown setting `max-aeg`" in caplog.text


def test_a_record_that_cannot_be_read_is_no_record(site: RecordedSite) -> None:
    site.build.write("docs/page.md", PAGE)
    site.build.write(".fencepost/records/docs/page.md@debian-13.json", "{")
    assert "Not verified yet" in site.html()


def test_a_record_of_another_page_is_not_shown(site: RecordedSite) -> None:
    for name in ("page.md", "other.md"):
        site.build.write(f"docs/{name}", PAGE)
    site.store(record(site.read("other.md"), "debian-13"))
    assert "Not verified yet" in site.html("page.md")
    assert "Verified" in site.html("other.md")


def test_links_to_steps_are_known_to_mkdocs(site: RecordedSite) -> None:
    site.build.configure({**MARKDOWN, "fencepost": {}}, theme={"name": "mkdocs"}, validation={"anchors": "warn"})
    site.build.write("docs/index.md", "# Home\n\n[A step](page.md#first)\n")
    site.build.write("docs/page.md", PAGE.replace(" .hidden", "") + "\n[A step](#first), [another](#a-title-step-1)\n")
    assert "WARNING" not in mkdocs_build(site.build.folder, strict=False)
    site.build.write("docs/index.md", "# Home\n\n[A step](page.md#frist)\n")
    assert "does not contain an anchor '#frist'" in mkdocs_build(site.build.folder, strict=False)
