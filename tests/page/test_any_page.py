"""Random pages: the code that runs is the code that the site shows, and no fence vanishes silently."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fencepost.errors import FencepostError
from fencepost.site.site import Site
from tests.helpers.code_blocks import captured_blocks, shown_blocks
from tests.helpers.site_builder import SiteBuilder

LINES = (
    "",
    "prose",
    "```bash",
    "```bash { .notest }",
    "```python notest",
    "```",
    "````markdown",
    "````",
    "~~~bash",
    "~~~",
    "- item",
    "1. item",
    "> ```bash",
    "> quoted",
    "> ```",
    '=== "Tab"',
    "!!! note",
    "??? note",
    "<!--",
    "-->",
    "<div markdown>",
    "</div>",
    "<pre>",
    "</pre>",
    "# Heading",
    "[^1]: A footnote",
    "{--",
    "--}",
)
pages = some.lists(
    some.tuples(some.sampled_from(["", "", "", "  ", "    ", "        "]), some.sampled_from(LINES)), max_size=25
).map(lambda lines: "\n".join(indentation + line for indentation, line in lines))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return SiteBuilder(tmp_path_factory.mktemp("any") / "site").read()


@given(pages)
def test_the_steps_are_the_code_that_the_site_shows(site: Site, body: str) -> None:
    assert captured_blocks(site, body) == shown_blocks(site, body)


@given(pages)
def test_no_step_vanishes_silently(site: Site, body: str) -> None:
    capture = site.pipeline.capture.convert(body)
    if capture.lost:
        return  # the author is told of one, fixes it, and is told of the next
    inside = {index for fence in capture.fences for index in range(fence.start, fence.end)}
    for index, line in enumerate(capture.lines):
        if re.match(r" *(```|~~~)(bash|python)", line) and index not in inside:
            assert is_verbatim(site, capture.lines, index)


@given(some.text(max_size=300))
def test_reading_succeeds_or_names_the_error(site: Site, text: str) -> None:
    path = site.docs / "any.md"
    path.write_text(f"---\nmachine: debian-12\n---\n{text}", "utf-8", errors="replace")
    try:
        site.read_page(path)
    except FencepostError as error:
        assert "any.md" in str(error)


def is_verbatim(site: Site, lines: list[str], index: int) -> bool:
    """Whether a line lands inside `<pre>` or a comment of the finished page: its mark does."""
    marked = [*lines]
    marked[index] += " XYZZY"
    html = site.pipeline.capture.md.reset().convert("\n".join(marked))
    return not re.search("XYZZY", re.sub(r"<!--.*?(-->|$)|<(pre|code).*?(</\2>|$)", "", html, flags=re.DOTALL))
