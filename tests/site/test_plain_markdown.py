"""The posts where only plain Markdown is shown, as on GitHub: nothing turns into something else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from mkdocs.utils.meta import get_data

from tests.site.saga import PARTS, ROOT

POSTS = [ROOT / "docs/posts" / f"{part}.md" for part in PARTS]


def tokens(post: Path) -> list[tuple[str, str, str]]:
    """What a CommonMark parser with tables makes of a post: kind, info and text of each token."""
    body, _ = get_data(post.read_text("utf-8"))
    return [(token.type, token.info, token.content) for token in MarkdownIt("gfm-like", {"linkify": False}).parse(body)]


@pytest.mark.parametrize("post", POSTS, ids=PARTS)
def test_every_code_block_is_one_with_its_language(post: Path) -> None:
    result = tokens(post)
    assert [content for kind, _, content in result if kind == "code_block"] == []
    languages = {info.split()[0] for kind, info, _ in result if kind == "fence"}
    assert languages <= {"bash", "console", "python", "ini", "text", "dockerfile"}


@pytest.mark.parametrize("post", POSTS, ids=PARTS)
def test_no_markup_of_the_theme_is_left_as_text(post: Path) -> None:
    texts = [content for kind, _, content in tokens(post) if kind == "inline"]
    assert [text for text in texts if re.match(r"!!!|\?\?\?|===", text)] == []
    assert [text for text in texts if "{ " in text and " }" in text and "`" not in text] == []


@pytest.mark.parametrize("post", POSTS, ids=PARTS)
def test_the_two_voices_are_quotes_with_a_heading_of_their_own(post: Path) -> None:
    headings = [content for kind, _, content in tokens(post) if kind == "inline" and content.startswith("[!")]
    assert headings
    assert [text for text in headings if not re.fullmatch(r"\[!(NOW|THEN)\] [^\n]+", text)] == []
