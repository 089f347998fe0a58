"""The Python-Markdown extension: puts what the records say into the pages that they are about.

It works wherever Python-Markdown does: MkDocs, ProperDocs and Zensical tell which page they convert; elsewhere the
page is known by its fences.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Extension, Markdown
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from pymdownx.superfences import SuperFencesCodeExtension

from fencepost.errors import FencepostError
from fencepost.faces.build import build_of
from fencepost.faces.converted_page import ConvertedPage, converted_page, name_below
from fencepost.faces.site_pages import pages_around
from fencepost.page.capture import Capture, CapturedFence, FenceCapture
from fencepost.page.languages import runner_of
from fencepost.page.provenance import Origin
from fencepost.page.snippet import digest_of_steps
from fencepost.page.steps import NumberedSnippet, snippets_of
from fencepost.page.survivors import MARKER
from fencepost.record.model import Record
from fencepost.record.store import RecordStore
from fencepost.render.header import render_header, render_summary
from fencepost.render.html import verbatim_attribute
from fencepost.render.in_text import render_last_line, render_time
from fencepost.render.links import Links
from fencepost.render.overview import render_overview
from fencepost.render.site_page import SitePage
from fencepost.render.standing import PageStanding, standing_of
from fencepost.render.step import render_step
from fencepost.render.times import render_slowest, render_time_of_page
from fencepost.render.transcript import copied_transcript, shown_transcript
from fencepost.settings import Settings, read_settings

# Ahead of everything that reads the page, and behind everything that writes it.
_FIRST, _LAST = 1000, -1000

_STEP = re.compile(f'<div {MARKER}="(\\d+)"></div>')
_TIME = re.compile(r"<!--\s*fencepost:\s*time of\s+(?!page\s)([^>]*?)\s*-->")
_LAST_LINE = re.compile(r"<!--\s*fencepost:\s*output of\s+([^\s>]+)\s*-->")
_OVERVIEW = re.compile(r"<!--\s*fencepost:\s*what still works\s*-->")
_SLOWEST = re.compile(r"<!--\s*fencepost:\s*slowest steps\s*-->")
_TIME_OF_PAGE = re.compile(r"<!--\s*fencepost:\s*time of page\s+(\S+)\s*([^>]*?)\s*-->")
_OF_OTHER_PAGES = (_OVERVIEW, _SLOWEST, _TIME_OF_PAGE)
_END_OF_TITLE = re.compile(r"<!--.*?-->|</h1>", re.DOTALL)
# In a list of posts, where each title leads to its post.
_END_OF_TEASER_TITLE = re.compile(r"<!--.*?-->|</h[12]>", re.DOTALL)

# A logger below MkDocs' own, so that `mkdocs build --strict` takes a warning for what it is.
log = logging.getLogger("mkdocs.fencepost")


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
            if not self._page.excerpt and any(mark.search(finished) for mark in _OF_OTHER_PAGES):
                finished = self._with_other_pages(finished)
            if capture and capture.active:
                finished = self._with_results(finished, capture)
        except FencepostError as error:
            log.warning("Fencepost: %s", error)
        except Exception as error:  # a page without results is better than no page
            log.warning("Fencepost: the results of `%s` can't be shown: %r", self._page.name, error)
        if capture and capture.active:
            # On a page that isn't ours after all, `.hidden` means something else, or nothing.
            unshown = {} if self._page.machines else capture.unshown
            finished = _STEP.sub(lambda match: unshown.get(int(match[1]), ""), finished)
        return finished

    def _new_capture(self) -> FenceCapture | None:
        # Only now: superfences may have been registered behind this extension.
        if not any(isinstance(item, SuperFencesCodeExtension) for item in self._md.registeredExtensions):
            return None
        return FenceCapture(self._md, shown=_shown)

    def _with_other_pages(self, html: str) -> str:
        settings = read_settings(self._page.folder)
        pages = pages_around(self._page, self._store(settings))
        published, up = self._page.published, self._page.up or ""

        def time_of(match: re.Match[str]) -> str:
            return render_time_of_page(self._named(match[1], pages), match[2].split())

        html = _OVERVIEW.sub(lambda _: render_overview(pages, settings.max_age, up, published=published), html)
        html = _SLOWEST.sub(lambda _: render_slowest(pages, up), html)
        return _TIME_OF_PAGE.sub(time_of, html)

    def _named(self, way: str, pages: list[SitePage]) -> SitePage | None:
        """A page by the way to its file, as links have it."""
        name = name_below(self._page.folder, self._page.path.parent / way) if self._page.path else ""
        return next((page for page in pages if page.name == name), None)

    def _with_results(self, html: str, capture: FenceCapture) -> str:
        settings = read_settings(self._page.folder)
        captured = capture.result(html)
        found = _Steps(captured, self._page.machines, settings)
        records, machines = self._records(found, settings)
        if not machines:
            return html
        titles = {item.snippet.id: item.snippet.title for item in found.steps}
        page = standing_of(machines, records, self._digest_on(found), titles)
        up = self._page.up if self._page.published else None
        links = Links(self._page.name, up, machines) if self._page.name else None
        html = self._with_steps(html, captured, found, page, links)
        steps = {item.snippet.id: item.snippet for item in found.steps}
        html = _TIME.sub(lambda match: render_time(match[1].split(), steps, page), html)
        html = _LAST_LINE.sub(lambda match: render_last_line(match[1], steps, page), html)
        if self._page.excerpt:
            header = render_summary(page, settings.max_age)
            titles_end = _END_OF_TEASER_TITLE
        else:
            header = render_header(page, settings.max_age, links)
            titles_end = _END_OF_TITLE
        end = next((match.end() for match in titles_end.finditer(html) if match[0].startswith("</h")), 0)
        return f"{html[:end]}\n{header}\n{html[end:]}" if end else f"{header}\n{html}"

    def _records(self, found: _Steps, settings: Settings) -> tuple[list[Record], tuple[str, ...]]:
        """The page's records, and its machines."""
        store = self._store(settings)
        if self._page.machines:
            read = [store.read(self._page.name, machine) for machine in self._page.machines] if self._page.name else []
            return [record for record in read if record], self._page.machines
        alike = [record for record in store.read_all() if found.says_the_same_as(record)]
        # Two pages with the very same steps can't be told apart: better nothing than another page's result.
        if len({record.page for record in alike}) != 1:
            return [], ()
        return alike, tuple(record.machine for record in alike)

    def _digest_on(self, found: _Steps) -> Callable[[str], str]:
        """What the page's steps say now. A teaser doesn't hold them all: there, the page itself has to be asked."""
        if not (self._page.excerpt and self._page.relpath and self._page.path):
            return found.digest_on
        read = build_of(self._page.relpath.config, self._page.folder).read(self._page.path)
        return read.digest_on if read else lambda _: ""

    def _with_steps(self, html: str, captured: Capture, found: _Steps, page: PageStanding, links: Links | None) -> str:
        steps = {captured.fences[item.number].number: item for item in found.steps}
        parts = []
        last = 0
        for match in _STEP.finditer(html):
            before = html[last : match.start()]
            last = match.end()
            step = steps.get(int(match[1]))
            if step is None or step.snippet.attributes.hidden:
                parts.append(before)
                continue
            parts.append(_with_copy(before, step))
            if not self._page.excerpt:
                parts.append(self._step(step, captured, page, links))
        return "".join([*parts, html[last:]])

    def _step(self, step: NumberedSnippet, captured: Capture, page: PageStanding, links: Links | None) -> str:
        own = captured.fences[step.number].id
        name = step.snippet.id
        if "mkdocs_extract_anchors" in self._md.treeprocessors:
            # So that MkDocs, which looks for anchors earlier, knows a link to a step from a broken one.
            anchors: Any = self._md.treeprocessors["mkdocs_extract_anchors"]
            anchors.present_anchor_ids.add(name)
        return render_step(step.snippet, page, links, anchor=not own and name not in captured.anchors)

    def _store(self, settings: Settings) -> RecordStore:
        return RecordStore(self._page.folder / settings.records, read_only=True)


class _Steps:
    """The steps among a page's fences. What is wrong with a fence, a check tells; here it is no step."""

    def __init__(self, captured: Capture, machines: tuple[str, ...], settings: Settings) -> None:
        nowhere = [Origin("", 0)] * (len(captured.lines) + 2)
        names = machines or tuple(_only(captured))
        self.steps, problems = snippets_of(captured, nowhere, machines=names, also_allowed=settings.allow_attributes)
        self._wrong = bool(problems)

    def digest_on(self, machine: str) -> str:
        """What they say on a machine. A page with a mistake in it can't have been run as it stands."""
        return "" if self._wrong else digest_of_steps((item.snippet for item in self.steps), machine)

    def says_the_same_as(self, record: Record) -> bool:
        """Whether a record is of these very steps."""
        return bool(self.steps) and record.steps_sha256 == self.digest_on(record.machine)


def _only(captured: Capture) -> list[str]:
    """Every machine that any fence names: without the page's front matter, none of them can be wrong."""
    return [name for fence in captured.fences for name in fence.attributes.get("only", "").replace(",", " ").split()]


def _shown(fence: CapturedFence) -> str | None:
    if "hidden" in fence.classes:
        return None
    runs = "notest" not in fence.classes and "notest" not in fence.attributes
    return shown_transcript(fence.source) if runs and runner_of(fence.language) == "console" else fence.source


def _with_copy(before: str, step: NumberedSnippet) -> str:
    """Lets the theme's copy button give a reader what can be pasted into a shell."""
    copied = copied_transcript(step.snippet.source) if step.snippet.runner == "console" else None
    start = before.rfind("<code")
    if copied is None or start < 0:
        return before
    return f"{before[:start]}<code{verbatim_attribute('data-copy', copied)}{before[start + len('<code') :]}"
