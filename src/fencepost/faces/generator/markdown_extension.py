"""The Python-Markdown extension: puts what the records say into the pages that they are about.

It works wherever Python-Markdown does: MkDocs, ProperDocs and Zensical tell which page they convert; elsewhere the
page is known by its fences.
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
from fencepost.faces.generator.other_pages import MARK, filled_in, tells_of_others
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

# Ahead of everything that reads the page, and behind everything that writes it.
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
        """Stands at both ends of each conversion."""
        results = _Results(md, str(self.getConfig("site")))
        md.preprocessors.register(_Begin(md, results), "fencepost_begin", _FIRST)
        md.treeprocessors.register(_TreeDone(md, results), "fencepost_tree_done", _LAST)
        md.postprocessors.register(_Finish(md, results), "fencepost", _LAST)


def makeExtension(**options: Any) -> FencepostExtension:
    """What Python-Markdown asks a module for."""
    return FencepostExtension(**options)


class _Begin(Preprocessor):
    def __init__(self, md: Markdown, results: _Results) -> None:
        super().__init__(md)
        self.results = results

    def run(self, lines: list[str]) -> list[str]:
        self.results.begin()
        return lines


class _TreeDone(Treeprocessor):
    """The table of contents sends each heading through all postprocessors: the page itself comes behind the tree."""

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
    """The results of one page after another, for one Markdown."""

    def __init__(self, md: Markdown, site: str) -> None:
        self._md = md
        self._site = site
        self._page = ConvertedPage(Path())
        self._build: Build
        self._capture: FenceCapture | None = None
        self.tree_is_done = False

    def begin(self) -> None:
        """A conversion starts: find out which page it is, and whether its fences matter."""
        self.tree_is_done = False
        self._page = converted_page(self._md, self._site)
        capture = self._capture = self._capture or self._new_capture()
        if capture:
            capture.begin()
            # A page without a machine is rendered as if this weren't there. Where the page isn't told, its fences
            # have to be seen first.
            capture.active = bool(self._page.machines) or not self._page.told

    def finish(self, html: str) -> str:
        """The finished page, with its results. Whatever goes wrong, no trace of the marking stays."""
        capture = self._capture
        self.tree_is_done = False
        finished = html
        try:
            others = not self._page.excerpt and tells_of_others(finished)
            if others or (capture and capture.active):
                self._build = build_of(self._page.folder, self._page.config, self._page.files)
            if others and self._build.waiting is None:
                finished = self._with_other_pages(finished)
            if capture and capture.active:
                teaser = self._page.excerpt and self._page.path
                finished = self._teaser(finished, capture) if teaser else self._with_results(finished, capture)
        except FencepostError as error:
            log.warning("Fencepost: %s", error)
        except Exception as error:  # a page without results is better than no page
            log.warning("Fencepost: the results of `%s` can't be shown: %r", self._page.name, error)
        if capture and capture.active:
            # On a page that isn't ours after all, `.hidden` means something else, or nothing.
            unshown = {} if self._page.machines else capture.unshown
            finished = _STEP.sub(lambda match: unshown.get(int(match[1]), ""), finished)
            # A Markdown is part of a circle, and stays until Python looks for those.
            capture.begin()
        return finished

    def _new_capture(self) -> FenceCapture | None:
        # Only now: superfences may have been registered behind this extension.
        if not any(isinstance(item, SuperFencesCodeExtension) for item in self._md.registeredExtensions):
            return None
        return FenceCapture(self._md, shown=_shown)

    def _with_other_pages(self, html: str) -> str:
        pages = pages_around(self._page, self._build)
        return filled_in(html, self._page, pages, self._build.settings.max_age)

    def _with_results(self, html: str, capture: FenceCapture) -> str:
        settings = self._build.settings
        captured = capture.result(html)
        records, machines = self._own_records, self._page.machines
        found, numbered = steps_in(captured, machines, settings.allow_attributes, records)
        if not machines:
            records, machines = self._records_alike(found)
        if not machines:
            return html
        if self._page.path:
            self._build.note(self._page.path, found)
        titles = {snippet.id: snippet.title for snippet in found.snippets}
        page = standing_of(machines, records, found.digest_on, titles)
        up = self._page.up if self._page.published else None
        links = Links(self._page.name, up, machines, found.whole) if self._page.name else None
        html = _with_words(self._with_steps(html, captured, numbered, page, links), found, page)
        return _below_title(html, self._place(render_header(page, settings.max_age, links)))

    def _teaser(self, html: str, capture: FenceCapture) -> str:
        """A page's beginning in a list of posts: with its verdict, and without results."""
        page, path = self._page, self._page.path
        assert path is not None
        # It doesn't hold all of its page's steps.
        whole = self._build.steps(path)
        known = standing_of(page.machines, self._own_records, whole.digest_on)

        def without_result(number: int, before: str) -> str:
            fence = capture.seen(number)
            kind = _kind_that_runs(fence)
            return _with_copy(before, kind.copied(fence.source)) if kind else before

        summary = render_summary(known, self._build.settings.max_age)
        return _below_title(_with_words(_at_each_step(html, without_result), whole, known), summary, also="h2")

    @property
    def _own_records(self) -> list[Record]:
        """The page's records, where it is known which page it is."""
        page = self._page
        return self._build.records(page.name, page.machines) if page.name else []

    def _records_alike(self, found: FoundSteps) -> tuple[list[Record], tuple[str, ...]]:
        """The records and the machines of the only page that has these steps."""
        alike = [record for record in self._build.store.read_all() if found.says_the_same_as(record)]
        # Two pages with the very same steps can't be told apart: better nothing than another page's result.
        if len({record.page for record in alike}) != 1:
            return [], ()
        return alike, tuple(record.machine for record in alike)

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
            # So that MkDocs, which looks for anchors earlier, knows a link to a step from a broken one.
            anchors: Any = self._md.treeprocessors["mkdocs_extract_anchors"]
            anchors.present_anchor_ids.add(name)
        result = render_step(step.snippet, page, links, anchor=not own and name not in captured.anchors)
        return self._place(result, partial(printed_by, step.snippet, page))

    def _place(self, result: str, words: Callable[[], str] = str) -> str:
        """What stands in the page for a result: the result itself, or a placeholder where somebody fills it in."""
        waiting = self._build.waiting
        return waiting.add(result, words()) if waiting else result


def _at_each_step(html: str, change: Callable[[int, str], str]) -> str:
    """A page without its markers, in which what stands before each is changed, given the marker's number."""
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


def _with_words(html: str, found: FoundSteps, page: PageStatus) -> str:
    """A page with what its own steps told, in the middle of its text."""
    if MARK not in html:
        return html
    steps = {snippet.id: snippet for snippet in found.snippets}
    html = _TIME.sub(lambda match: render_time(match[1].split(), steps, page), html)
    return _LAST_LINE.sub(lambda match: render_last_line(match[1], steps, page), html)


def _below_title(html: str, header: str, also: str = "h1") -> str:
    """A page with something below its title; at its top where it has none.

    Args:
        html: the page.
        header: what comes there.
        also: what else may be its title, as in lists of posts.
    """
    titles = {"</h1>", f"</{also}>"}
    end = next((match.end() for match in _END_OF_TITLE.finditer(html) if match[0] in titles), 0)
    return f"{html[:end]}\n{header}\n{html[end:]}" if end else f"{header}\n{html}"


def _with_copy(before: str, copied: str | None) -> str:
    """Lets the theme's copy button give a reader what can be pasted into a shell."""
    start = before.rfind("<code")
    if copied is None or start < 0:
        return before
    return f"{before[:start]}<code{verbatim_attribute('data-copy', copied)}{before[start + len('<code') :]}"
