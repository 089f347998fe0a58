"""A page's title where no generator converts it: its title, its first heading, or its file name."""

from __future__ import annotations

import pytest

from fencepost.faces.generator.build import Build
from fencepost.faces.generator.site_pages import pages_of_site
from tests.helpers.site_builder import SiteBuilder


def title(build: SiteBuilder, body: str) -> str:
    build.page(f"---\nmachine: debian-12\n---\n{body}\n", "a-page.md")
    (page,) = pages_of_site(Build(build.folder), build.folder)
    return page.page.title


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("# A title", "A title"),
        ("# A title \t ", "A title"),
        ("# A `title` ##  ", "A title"),
        ("# A title {#id}", "A title"),
        ("# A title ## { #id .class } ", "A title"),
        ("# {a} title", "{a} title"),
        ("# A {title}}", "A {title}}"),
        ("# {{ title }}", "{{ title }}"),
        ("# A # title", "A # title"),
        ("#\t", "A page"),
        ("# #\n\n# Another", "Another"),
        ("## A section", "A page"),
        ("Prose.", "A page"),
        ("```\n# no title\n```\n\n# A title", "A title"),
    ],
)
def test_a_title(build: SiteBuilder, body: str, expected: str) -> None:
    assert title(build, body) == expected


@pytest.mark.parametrize("blanks", [" ", "\t", " #", "# ", " {", "{} "])
def test_a_title_with_many_blanks_is_read_at_once(build: SiteBuilder, blanks: str) -> None:
    assert title(build, f"# a{blanks * 5_000}x") == f"a{blanks * 5_000}x"
