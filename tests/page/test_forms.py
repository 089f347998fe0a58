"""Every form of a fence: a sample page each, with the expected steps in the comment at its end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from fencepost.errors import ManyErrors
from tests.helpers.code_blocks import captured_blocks, shown_blocks
from tests.helpers.site_builder import MARKDOWN, SiteBuilder


@dataclass
class Form:
    """A sample page, and its comment.

    Attributes:
        text: the page without the comment.
        steps: the steps that it has.
        errors: or the errors: `at`, and a pattern of what they say.
        prose: or that it isn't run at all.
        note: what its author is told beside that.
        saved: `crlf`, `bom` or `latin-1`.
        shown: whether the site can show it at all.
        markdown: options of the site's Markdown that differ from the usual ones.
    """

    text: str
    steps: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)
    prose: bool = False
    note: str = ""
    saved: str = ""
    shown: bool = True
    markdown: dict[str, dict[str, Any]] = field(default_factory=dict)


def read_form(path: Path) -> Form:
    text, _, comment = path.read_text("utf-8").rpartition("\n<!-- expect\n")
    return Form(text, **yaml.safe_load(comment.removesuffix("-->\n")))


def write_form(build: SiteBuilder, form: Form) -> Path:
    build.configure(MARKDOWN | form.markdown)
    build.includes()
    text = form.text.replace("\n", "\r\n") if form.saved == "crlf" else form.text
    encoding = {"bom": "utf-8-sig", "latin-1": "latin-1"}.get(form.saved, "utf-8")
    return build.write("docs/page.md", text, encoding)


FORMS = {path.stem: read_form(path) for path in sorted((Path(__file__).parent / "forms").glob("*.md"))}
SHOWN = [name for name, form in FORMS.items() if form.shown]


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_read_as_its_comment_says(name: str, build: SiteBuilder) -> None:
    form = FORMS[name]
    path = write_form(build, form)
    site = build.read()
    if form.errors:
        with pytest.raises(ManyErrors) as raised:
            site.read_page(path)
        assert_errors(raised.value, form.errors)
    elif form.prose:
        assert site.read_page(path) is None
    else:
        page = site.read_page(path)
        assert page is not None
        assert_steps(page.snippets, form.steps)
        assert page.note == form.note


@pytest.mark.parametrize("name", SHOWN)
def test_the_steps_are_the_code_that_the_site_shows(name: str, build: SiteBuilder) -> None:
    form = FORMS[name]
    path = write_form(build, form)
    site = build.read()
    body, _ = site.markdown.split(path.read_text("utf-8-sig"))
    assert captured_blocks(site, body) == shown_blocks(site, body)


def assert_steps(snippets: Any, expected: list[dict[str, Any]]) -> None:
    told = []
    for snippet, wanted in zip(snippets, expected, strict=False):
        step = {"id": snippet.id, "line": snippet.opening.line, "runs": snippet.runner, "source": snippet.source}
        if snippet.title:
            step["title"] = snippet.title
        if "from" in wanted:
            step["from"] = [f"{origin.file}:{origin.line}" for origin in snippet.origins]
        if snippet.opening.file != "docs/page.md":
            step["file"] = snippet.opening.file
        told.append(step)
    assert told == expected
    assert len(snippets) == len(expected)
    assert all(len(snippet.origins) == snippet.source.count("\n") + bool(snippet.source) for snippet in snippets)


def assert_errors(raised: ManyErrors, expected: list[dict[str, str]]) -> None:
    told = [str(error) for error in raised.errors]
    assert [text.split(": ")[0] for text in told] == [wanted["at"] for wanted in expected]
    for text, wanted in zip(told, expected, strict=True):
        assert re.search(wanted["says"], text, re.DOTALL)
