"""Results that wait until their page is written, and the placeholders that stand in the page meanwhile.

A blog reckons reading times from a page's text, where captured output would count for many minutes; a search takes
pages apart, for which a large site's results are far too much. Both see placeholders.
"""

from __future__ import annotations

import re
import secrets

from fencepost.render.html import text


class Placeholders:
    """The results of a build's pages.

    A placeholder is a comment with a random number of this build in it, so that no author can write one. It holds
    anywhere in the site, also where a page shows the content of another one.
    """

    def __init__(self) -> None:
        self._name = f"fencepost-{secrets.token_hex(16)}"
        # Two lists of texts: to Python's garbage collector, pairs would be one more object each to look at.
        self._results: list[str] = []
        self._words: list[str] = []
        # With words for a search in it, or without.
        self._place = re.compile(rf"<!--{self._name}:(\d+)(?:-->|:-->.*?<!--{self._name}-->)", re.DOTALL)

    def add(self, result: str, words: str = "") -> str:
        """Takes in a result; its placeholder.

        Args:
            result: HTML.
            words: the text in it that a search should find.
        """
        self._results.append(result)
        self._words.append(words)
        return f"<!--{self._name}:{len(self._results) - 1}-->"

    def with_words(self, html: str) -> str:
        """A page in which a search finds the words of its results."""

        def words_at(match: re.Match[str]) -> str:
            words = self._words[int(match[1])]
            return f"<!--{self._name}:{match[1]}:-->{text(words)}<!--{self._name}-->" if words else match[0]

        return self._place.sub(words_at, html) if self._name in html else html

    def filled_in(self, html: str) -> str:
        """A page with its results in the places of their placeholders."""
        return self._place.sub(lambda match: self._results[int(match[1])], html) if self._name in html else html
