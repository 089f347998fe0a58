"""The code blocks that readers see on a page, rendered by the site alone."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from markdown import Markdown

from fencepost.kinds.registry import registry
from fencepost.site.site import Site

_COMMENT = re.compile(r"<!--(?:-?>|(.*?)(?:--!?>|\Z))", re.DOTALL)


def shown_blocks(site: Site, body: str) -> list[str]:
    """Return the runnable code blocks of a page as the site renders it without Fencepost.

    Empty lines at the start and end of a block are left out, as the highlighter does.
    """
    snippets = {**site.markdown.configs.get("pymdownx.snippets", {}), "base_path": [str(site.folder)]}
    configs = {**site.markdown.configs, "pymdownx.snippets": snippets}
    md = Markdown(extensions=list(site.markdown.extensions), extension_configs=configs)
    return blocks_in(md.convert(body))


def captured_blocks(site: Site, body: str) -> list[str]:
    """Return the runnable code blocks as Fencepost captures them."""
    captured = site.pipeline.capture.convert(body)
    return [fence.source.strip("\n") for fence in captured.fences if fence.language.lower() in registry().languages]


def blocks_in(html: str) -> list[str]:
    """Return the runnable code blocks in a page's HTML."""
    blocks = _HighlightedBlocks()
    # Browsers end a comment at once here, and there; not every Python does.
    blocks.feed(_COMMENT.sub(lambda comment: "" if comment[1] is None else f"<!--{comment[1]}-->", html))
    blocks.close()
    return [text.strip("\n") for text in blocks.found]


class _HighlightedBlocks(HTMLParser):
    """Reads `<div class="language-bash highlight">` and its like, also where a quote ends the classes early."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        languages = {name.removeprefix("language-").lower() for name in classes if name.startswith("language-")}
        if tag == "div" and languages:
            self._inside = bool(languages & registry().languages.keys())
            if self._inside:
                self.found.append("")
        elif tag == "code" and self._inside:
            self.found[-1] = ""  # what came before is a title, or line numbers

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "code":
            self._inside = False
