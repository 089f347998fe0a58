"""The attributes in a fence's braces, and which of them change a page's digest."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fencepost.fence.attributes import AttributeProblem, Attributes, read_attributes
from fencepost.page.page import Page
from tests.helpers.site_builder import SiteBuilder

MEANINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "nothing": ("", {}),
    "an exit status": ("exit=100", {"exit": 100}),
    "success, said aloud": ("exit=0", {"exit": 0}),
    "known to be broken": (
        '.known-broken reason="xend is gone" match="xend"',
        {"known_broken": True, "reason": "xend is gone", "match": "xend"},
    ),
    "hidden": (".hidden", {"hidden": True}),
    "always": (".always", {"always": True}),
    "one machine": ('only="debian-12"', {"only": ("debian-12",)}),
    "several machines": ('only="debian-12, debian-13"', {"only": ("debian-12", "debian-13")}),
    "a time": ("timeout=0.5", {"timeout": 0.5}),
    "tries": ("retry=3", {"retry": 3}),
    "tries, as pytest-markdown-docs says it": ("retry:3", {"retry": 3}),
    "a port": ('wait-for="port:80"', {"wait_for": "port:80"}),
    "a file to come": ('wait-for="file:/run/ready"', {"wait_for": "file:/run/ready"}),
    "a file to write": ('file="etc/a b.cfg"', {"file": "etc/a b.cfg"}),
    "fixtures": ("fixture:port fixture:host", {"fixtures": ("port", "host")}),
    "continuation": ("continuation", {}),
    "the theme's words": ('.annotate .copy data-x="1" aria-label="y" hl_lines="1" style="color: red"', {}),
}


def page_with(build: SiteBuilder, words: str, source: str = "true") -> Page:
    build.page(f"---\nmachine: [debian-12, debian-13]\n---\n\n```python {{ {words} }}\n{source}\n```\n")
    (page,) = build.read().read_pages()
    return page


@pytest.mark.parametrize(("words", "meaning"), MEANINGS.values(), ids=MEANINGS)
def test_attributes_have_their_meaning(build: SiteBuilder, words: str, meaning: dict[str, Any]) -> None:
    (snippet,) = page_with(build, words).snippets
    assert snippet.attributes == Attributes(**meaning)


def test_only_leaves_a_step_out_elsewhere(build: SiteBuilder) -> None:
    page = page_with(build, 'only="debian-13"')
    assert len(page.snippets_on("debian-13")) == 1
    assert page.snippets_on("debian-12") == []


@pytest.mark.parametrize("words", ["exit=1", "timeout=3", ".always", "#another-name", "retry=1"])
def test_a_changed_meaning_changes_the_digest(build: SiteBuilder, words: str) -> None:
    assert page_with(build, words).digest_on("debian-13") != page_with(build, "").digest_on("debian-13")


def test_source_changes_the_digest_and_appearance_does_not(build: SiteBuilder) -> None:
    plain = page_with(build, "")
    assert page_with(build, "", "false").digest_on("debian-13") != plain.digest_on("debian-13")
    assert page_with(build, 'title="Now with a title" .annotate').digest_on("debian-13") == plain.digest_on("debian-13")


words = some.dictionaries(some.text(min_size=1, max_size=12), some.text(max_size=12), max_size=4)


@given(some.lists(some.text(min_size=1, max_size=12), max_size=3), words, some.booleans())
def test_any_attributes_are_understood_or_refused(classes: list[str], words: dict[str, str], runs: bool) -> None:
    try:
        read = read_attributes(classes, words, runs=runs)
    except AttributeProblem as problem:
        assert problem.message
    else:
        assert read.exit is None or 0 <= read.exit <= 255
        assert not read.known_broken or read.reason


def test_a_number_of_thousands_of_digits_is_too_large() -> None:
    with pytest.raises(AttributeProblem, match="`exit=` takes a whole number from 0 to 255, not `9999"):
        read_attributes([], {"exit": "9" * 5000}, runs=True)
