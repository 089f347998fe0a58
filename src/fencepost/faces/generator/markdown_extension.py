"""The Python-Markdown extension: puts the results from the records into the pages.

It works with any generator that uses Python-Markdown. MkDocs, ProperDocs and Zensical reveal which page they convert;
elsewhere the extension recognises the page by its fences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Extension, Markdown
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from pymdownx.superfences import SuperFencesCodeExtension

from fencepost.errors import FencepostError
from fencepost.faces.generator.build import Build, build_of, log
from fencepost.faces.generator.converted_page import ConvertedPage, converted_page
from fencepost.faces.generator.found_steps import FoundSteps, steps_in
from fencepost.faces.generator.other_pages import MARK, fill_in, mentions_other_pages
from fencepost.faces.generator.site_pages import pages_around
from fencepost.kinds.kind import StepKind
from fencepost.kinds.registry import kind_for, kind_of
from fencepost.page.capture import Capture, CapturedFence, FenceCapture
from fencepost.page.html_scan import MARKER
from fencepost.page.steps import NumberedSnippet
from fencepost.record.model import Record
from fencepost.render.header import render_header, render_summary
from fencepost.render.html import verbatim_attribute
from fencepost.render.inline_values import render_last_line, render_time
from fencepost.render.links import Links
from fencepost.render.page_status import PageStatus, standing_of
from fencepost.render.step import printed_by, render_step

# Priorities: before all other extensions, and after all others.
_FIRST, _LAST = 1000, -1000

_STEP = re.compile(f'<div {MARKER}="(\\d+)"></div>')
_TIME = re.compile(r"<!--\s*fencepost:\s*time of\s(?!\s*page\s)([^>]*)-->")
_LAST_LINE = re.compile(r"<!--\s*fencepost:\s*output of\s+([^\s>]+)\s*-->")
_END_OF_TITLE = re.compile(r"<!--.*?-->|</h[12]>", re.DOTALL)


class FencepostExtension(Extension):
    """`fencepost` in a site's `markdown_extensions`."""

    def __init__(self, **options: Any) -> None:
        self.config = {"site": ["", "The site's folder; by default that of its configuration, or the current one."]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        """Register processors at the beginning and at the end of each conversion."""
        results = _Results(md, str(self.getConfig("site")))
        md.preprocessors.register(_Begin(md, results), "fencepost_begin", _FIRST)
        md.treeprocessors.register(_TreeDone(md, results), "fencepost_tree_done", _LAST)
        md.postprocessors.register(_Finish(md, results), "fencepost", _LAST)


def makeExtension(**options: Any) -> FencepostExtension:
    """Return the extension. Python-Markdown calls this when a site names the module."""
    return FencepostExtension(**options)


class _Begin(Preprocessor):
    def __init__(self, md: Markdown, results: _Results) -> None:
        super().__init__(md)
        self.results = results

    def run(self, lines: list[str]) -> list[str]:
        self.results.begin()
        return lines


class _TreeDone(Treeprocessor):
    """Marks the tree as done. Postprocessors before that only see headings, for the table of contents."""

    def __init__(self, md: Markdown, results: _Results) -> None:
        super().__init__(md)
        self.results = results

    def run(self, root: Element) -> None:  # noqa: ARG002
        self.results.tree_is_done = True


class _Finish(Postprocessor):
    def __init__(self, md: Markdown, results: _Results) -> None:
        super().__init__(md)
        self.results = results

    def run(self, text: str) -> str:
        return self.results.finish(text) if self.results.tree_is_done else text


class _Results:
    """Adds the results to one page after another, for one Markdown instance."""

    def __init__(self, md: Markdown, site: str) -> None:
        self._md = md
        self._site = site
        self._page = ConvertedPage(Path())
        self._build: Build
        self._capture: FenceCapture | None = None
        self.tree_is_done = False

    def begin(self) -> None:
        """Start a conversion: find out which page it is, and whether to capture its fences."""
        self.tree_is_done = False
        self._page = converted_page(self._md, self._site)
        capture = self._capture = self._capture or self._new_capture()
        if capture:
            capture.begin()
            # A page without a machine is left alone. If the page is unknown, its fences have to be captured first.
            capture.active = bool(self._page.machines) or not self._page.known

    def finish(self, html: str) -> str:
        """Return the finished page with its results. Even after an error no markers are left in it."""
        capture = self._capture
        self.tree_is_done = False
        finished = html
        try:
            others = not self._page.excerpt and mentions_other_pages(finished)
            if others or (capture and capture.active):
                self._build = build_of(self._page.folder, self._page.config, self._page.files)
            if others and self._build.placeholders is None:
                finished = self._with_other_pages(finished)
            if capture and capture.active:
                excerpt = self._page.excerpt and self._page.path
                finished = self._excerpt(finished, capture) if excerpt else self._with_results(finished, capture)
        except FencepostError as error:
            log.warning("Fencepost: %s", error)
        except Exception as error:  # a page without results is better than no page
            log.warning("Fencepost: the results of `%s` can't be shown: %r", self._page.name, error)
        if capture and capture.active:
            # On a page without a machine `.hidden` isn't ours: show these fences.
            unshown = {} if self._page.machines else capture.unshown
            finished = _STEP.sub(lambda match: unshown.get(int(match[1]), ""), finished)
            # Free the memory now: Markdown instances are reference cycles, which Python collects late.
            capture.begin()
        return finished

    def _new_capture(self) -> FenceCapture | None:
        # Not in `extendMarkdown`: superfences may be registered after this extension.
        if not any(isinstance(item, SuperFencesCodeExtension) for item in self._md.registeredExtensions):
            return None
        return FenceCapture(self._md, shown=_shown)

    def _with_other_pages(self, html: str) -> str:
        pages = pages_around(self._page, self._build)
        return fill_in(html, self._page, pages, self._build.settings.max_age)

    def _with_results(self, html: str, capture: FenceCapture) -> str:
        settings = self._build.settings
        captured = capture.result(html)
        records, machines = self._own_records, self._page.machines
        steps, numbered = steps_in(captured, machines, settings.allow_attributes, records)
        if not machines:
            records, machines = self._matching_records(steps)
        if not machines:
            return html
        if self._page.path:
            self._build.remember(self._page.path, steps)
        titles = {snippet.id: snippet.title for snippet in steps.snippets}
        page = standing_of(machines, records, steps.digest_on, titles)
        up = self._page.up if self._page.published else None
        links = Links(self._page.name, up, machines, steps.complete) if self._page.name else None
        html = _with_inline_values(self._with_steps(html, captured, numbered, page, links), steps, page)
        return _insert_below_title(html, self._place(render_header(page, settings.max_age, links)))

    def _excerpt(self, html: str, capture: FenceCapture) -> str:
        """Return a page's excerpt for a list of posts, with its verdict and without results."""
        page, path = self._page, self._page.path
        assert path is not None
        # Of the whole page: the excerpt may lack steps.
        steps = self._build.steps(path)
        status = standing_of(page.machines, self._own_records, steps.digest_on)

        def without_result(number: int, before: str) -> str:
            fence = capture.seen(number)
            kind = _kind_that_runs(fence)
            return _with_copy(before, kind.copied(fence.source)) if kind else before

        summary = render_summary(status, self._build.settings.max_age)
        html = _with_inline_values(_at_each_step(html, without_result), steps, status)
        return _insert_below_title(html, summary, also="h2")

    @property
    def _own_records(self) -> list[Record]:
        """The page's records; empty if the page is unknown."""
        page = self._page
        return self._build.records(page.name, page.machines) if page.name else []

    def _matching_records(self, steps: FoundSteps) -> tuple[list[Record], tuple[str, ...]]:
        """Return the records and machines of the page with exactly these steps; nothing if two pages have them."""
        matching = [record for record in self._build.store.read_all() if steps.match(record)]
        if len({record.page for record in matching}) != 1:
            return [], ()
        return matching, tuple(record.machine for record in matching)

    def _with_steps(
        self,
        html: str,
        captured: Capture,
        numbered: Iterable[NumberedSnippet],
        page: PageStatus,
        links: Links | None,
    ) -> str:
        steps = {captured.fences[item.number].number: item for item in numbered}

        def with_result(number: int, before: str) -> str:
            step = steps.get(number)
            if step is None or step.snippet.attributes.hidden:
                return before
            code = _with_copy(before, kind_of(step.snippet).copied(step.snippet.source))
            return code + self._step(step, captured, page, links)

        return _at_each_step(html, with_result)

    def _step(self, step: NumberedSnippet, captured: Capture, page: PageStatus, links: Links | None) -> str:
        own = captured.fences[step.number].id
        name = step.snippet.id
        if "mkdocs_extract_anchors" in self._md.treeprocessors:
            # MkDocs has looked for anchors already: add ours, so that it doesn't report links to steps as broken.
            anchors: Any = self._md.treeprocessors["mkdocs_extract_anchors"]
            anchors.present_anchor_ids.add(name)
        result = render_step(step.snippet, page, links, anchor=not own and name not in captured.anchors)
        return self._place(result, partial(printed_by, step.snippet, page))

    def _place(self, result: str, words: Callable[[], str] = str) -> str:
        """Return the result, or a placeholder for it if the plugin fills it in later."""
        placeholders = self._build.placeholders
        return placeholders.add(result, words()) if placeholders else result


def _at_each_step(html: str, change: Callable[[int, str], str]) -> str:
    """Remove the markers. `change` gets the number of each and the HTML before it, and returns new HTML."""
    *parts, rest = _STEP.split(html)
    return "".join([change(int(number), before) for before, number in zip(parts[::2], parts[1::2], strict=True)]) + rest


def _shown(fence: CapturedFence) -> str | None:
    if "hidden" in fence.classes:
        return None
    kind = _kind_that_runs(fence)
    return kind.shown(fence.source) if kind else fence.source


def _kind_that_runs(fence: CapturedFence) -> StepKind | None:
    runs = "notest" not in fence.classes and "notest" not in fence.attributes
    return kind_for(fence.language) if runs else None


def _with_inline_values(html: str, steps: FoundSteps, page: PageStatus) -> str:
    """Return a page with the values of its own steps filled into its text."""
    if MARK not in html:
        return html
    by_id = {snippet.id: snippet for snippet in steps.snippets}
    html = _TIME.sub(lambda match: render_time(match[1].split(), by_id, page), html)
    return _LAST_LINE.sub(lambda match: render_last_line(match[1], by_id, page), html)


def _insert_below_title(html: str, header: str, also: str = "h1") -> str:
    """Insert a header under a page's title, or at its top if it has no title.

    Args:
        html: the page.
        header: the HTML to insert.
        also: another element that may be the title, as in lists of posts.
    """
    titles = {"</h1>", f"</{also}>"}
    end = next((match.end() for match in _END_OF_TITLE.finditer(html) if match[0] in titles), 0)
    return f"{html[:end]}\n{header}\n{html[end:]}" if end else f"{header}\n{html}"


def _with_copy(before: str, copied: str | None) -> str:
    """Have the theme's copy button copy a text that can be pasted into a shell."""
    start = before.rfind("<code")
    if copied is None or start < 0:
        return before
    return f"{before[:start]}<code{verbatim_attribute('data-copy', copied)}{before[start + len('<code') :]}"
