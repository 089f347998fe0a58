"""Placeholders that stand in a page for its results until the page is written.

Other plugins see only the placeholders: a blog would count output as reading time, and the search would parse all the
results of a large site.
"""

from __future__ import annotations

import re
import secrets

from fencepost.render.html import text


class Placeholders:
    """The results of a build's pages.

    A placeholder is a comment with a random number of this build in it, so that no author can write one. It works
    anywhere in the site, also where a page shows the content of another one.
    """

    def __init__(self) -> None:
        self._name = f"fencepost-{secrets.token_hex(16)}"
        # Two lists, not one of pairs: each pair would be one more object for Python's garbage collector.
        self._results: list[str] = []
        self._words: list[str] = []
        # Alone, or with words for the search.
        self._pattern = re.compile(rf"<!--{self._name}:(\d+)(?:-->|:-->.*?<!--{self._name}-->)", re.DOTALL)

    def add(self, result: str, words: str = "") -> str:
        """Keep a result, and return its placeholder.

        Args:
            result: HTML.
            words: the text in it that a search should find.
        """
        self._results.append(result)
        self._words.append(words)
        return f"<!--{self._name}:{len(self._results) - 1}-->"

    def with_words(self, html: str) -> str:
        """Add the words of the results to a page, for the search to find."""

        def words_at(match: re.Match[str]) -> str:
            words = self._words[int(match[1])]
            return f"<!--{self._name}:{match[1]}:-->{text(words)}<!--{self._name}-->" if words else match[0]

        return self._pattern.sub(words_at, html) if self._name in html else html

    def fill_in(self, html: str) -> str:
        """Replace the placeholders of a page with its results."""
        return self._pattern.sub(lambda match: self._results[int(match[1])], html) if self._name in html else html
