"""The fences of a page, exactly as the site renders them.

The site's own `pymdownx.superfences` decides what a fence is. Each of its formatters is wrapped to put a marker into
the HTML in place of the highlighted code. A marker that is still there, outside comments, in the finished HTML is a
fence of the page. What the site wouldn't show as a fence isn't one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from markdown import Markdown
from markdown.preprocessors import Preprocessor
from pymdownx.superfences import SuperFencesBlockPreprocessor, SuperFencesCodeExtension

from fencepost.fence.attributes import remove_own_words
from fencepost.kinds.registry import kind_for
from fencepost.page.html_scan import MARKER, scan_html, verbatim_text
from fencepost.page.unparsed_fences import UnparsedFence, flag_openers, why_unparsed


@dataclass
class CapturedFence:
    """One fence as superfences has read it.

    Attributes:
        start, end: indices of its opening line and of the line after its closing one, in the expanded page.
        language: as written.
        source: its text, dedented, without the last line end.
        id, classes, attributes, options: the contents of its header; `options` are the highlighter's.
        heading: the anchor of the nearest heading above it, once the page is converted.
        number: the number in its marker.
        shown_by: the module of the formatter that turns it into HTML.
    """

    start: int
    end: int
    language: str
    source: str
    id: str
    classes: tuple[str, ...]
    attributes: dict[str, str]
    options: dict[str, str]
    heading: str = ""
    number: int = 0
    shown_by: str = ""


@dataclass
class Capture:
    """The fences of a converted page.

    Attributes:
        lines: the expanded lines that superfences saw.
        fences: the fences on the page, in the order of the page.
        lost: what looks like a fence and isn't one.
        anchors: the ids of the page's headings.
    """

    lines: list[str] = field(default_factory=list)
    fences: list[CapturedFence] = field(default_factory=list)
    lost: list[UnparsedFence] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)


@dataclass
class _Seen:
    """A fence that superfences has formatted, and its placeholder in superfences' stash."""

    fence: CapturedFence
    placeholder: str = ""


class FenceCapture:
    """Wraps the superfences of a `Markdown`, and reads the result of each conversion.

    Args:
        md: a Markdown built from the site's own extensions, including `pymdownx.superfences`.
        shown: returns the text that readers see of a fence, or `None` to show nothing. With it, the highlighted code
            stays, and the marker is put into it.

    Attributes:
        active: note fences; if false, a page is rendered as if this weren't there.
        unshown: the rendered code of fences that readers don't see, by number.
    """

    def __init__(self, md: Markdown, *, shown: Callable[[CapturedFence], str | None] | None = None) -> None:
        self.md = md
        self.active = True
        self.unshown: dict[int, str] = {}
        self._shown = shown
        self.extension = next(item for item in md.registeredExtensions if isinstance(item, SuperFencesCodeExtension))
        self.preprocessor: SuperFencesBlockPreprocessor = md.preprocessors["fenced_code_block"]
        self._seen: list[_Seen] = []
        self._span = (0, 0)
        self._lines: list[str] = []
        self._flagged: dict[int, str] = {}
        for entry in self.extension.superfences:
            entry["formatter"] = functools.partial(self._mark, _unwrapped(entry["formatter"]))
        self._wrap_preprocessor()
        if not shown:  # flags are for a check of the page, not for its readers
            md.preprocessors.register(_FlagLostOpeners(md, self), "fencepost_flag", 24.5)

    def convert(self, text: str) -> Capture:
        """Convert a page, and return the fences that the site renders on it."""
        self.begin()
        self.md.reset()
        return self.result(self.md.convert(text))

    def begin(self) -> None:
        """Forget the page before; for callers that convert the page themselves."""
        self._seen, self._flagged, self._lines, self.unshown = [], {}, [], {}

    def result(self, finished: str) -> Capture:
        """Return the fences that the conversion since `begin` has left in the finished HTML."""
        html = scan_html(finished)
        fences = []
        lost = []
        for number, seen in enumerate(self._seen):
            if number in html.markers:
                seen.fence.heading = html.markers[number]
                fences.append(seen.fence)
            elif number not in html.commented and kind_for(seen.fence.language):
                opener = self._lines[seen.fence.start]
                if self._taken_back(seen) and opener.strip() in verbatim_text(finished):
                    continue
                lost.append(UnparsedFence(seen.fence.start, opener, "it is swallowed by what surrounds it"))
        for index, text_line in self._flagged.items():
            if index in html.flags_in_prose:
                lost.append(UnparsedFence(index, text_line, why_unparsed(text_line, self._lines[index + 1 :])))
        # In the order of the HTML, where footnotes come last.
        places = {number: place for place, number in enumerate(html.markers)}
        fences.sort(key=lambda fence: places[fence.number])
        return Capture(self._lines, fences, sorted(lost, key=lambda item: item.index), html.anchors)

    def seen(self, number: int) -> CapturedFence:
        """Return the fence with a marker's number."""
        return self._seen[number].fence

    def flag(self, lines: list[str]) -> list[str]:
        """Flag the openers that superfences left alone. In `lines`, each fence is folded into one line."""
        flagged, self._flagged = flag_openers(lines, {seen.fence.start: seen.fence.end for seen in self._seen})
        return flagged

    def _taken_back(self, seen: _Seen) -> bool:
        # If a fence turns out to be in an indented code block, superfences removes it from its stash.
        return bool(seen.placeholder) and self.extension.stash.get(seen.placeholder) is None

    def _wrap_preprocessor(self) -> None:
        """Wrap methods of superfences: only there are the lines of a fence known."""
        fenced = self.preprocessor
        process, store, search = fenced.process_nested_block, fenced._store, fenced.search_nested

        def process_nested_block(ws: str, content: str, start: int, end: int) -> None:
            self._span = (start, end)
            process(ws, content, start, end)

        def remember_placeholder(source: str, code: str, start: int, end: int) -> None:
            store(source, code, start, end)
            if self._seen and not fenced.disabled_indented:
                self._seen[-1].placeholder = next(reversed(self.extension.stash.stash))

        def search_nested(lines: list[str]) -> list[str]:
            self._lines = list(lines)
            searched: list[str] = search(lines)
            return searched

        fenced.process_nested_block = process_nested_block
        fenced._store = remember_placeholder
        fenced.search_nested = search_nested

    def _mark(self, formatter: Callable[..., Any], src: str = "", language: str = "", **arguments: Any) -> str:
        """Format a fence in place of its formatter: note it, and return a marker.

        It must not raise: superfences would swallow the exception and turn the fence into prose.
        """
        if not self.active:
            return str(formatter(src=src, language=language, **arguments))
        number = len(self._seen)
        fence = CapturedFence(
            *self._span,
            language=language or "",
            source=src,
            id=arguments.get("id_value") or "",
            classes=tuple(arguments.get("classes") or ()),
            # Since Markdown 3.11 a bare word maps to `None`, before that to itself.
            attributes={key: key if value is None else value for key, value in (arguments.get("attrs") or {}).items()},
            options=dict(arguments.get("options") or {}),
            number=number,
            shown_by=_module_of(formatter),
        )
        self._seen.append(_Seen(fence))
        marker = f'<div {MARKER}="{number}"></div>'
        if not self._shown:
            return marker
        remove_own_words(arguments)
        text = self._shown(fence)
        code = str(formatter(src=src if text is None else text, language=language, **arguments))
        if text is None:
            self.unshown[number] = code
            return marker
        # Before the last `</div>`: after it, Material's code annotations wouldn't find their list.
        before, closing, after = code.rpartition("</div>")
        return f"{before}{marker}{closing}{after}" if closing else f"{code}{marker}"


def _unwrapped(formatter: Callable[..., Any]) -> Callable[..., Any]:
    """Return the site's own formatter, which an earlier page may have wrapped if the extension is a shared object."""
    if isinstance(formatter, functools.partial) and isinstance(getattr(formatter.func, "__self__", 0), FenceCapture):
        unwrapped: Callable[..., Any] = formatter.args[0]
        return unwrapped
    return formatter


def _module_of(formatter: Callable[..., Any]) -> str:
    """Return the module of a formatter, which superfences wraps if the site has configured it."""
    while isinstance(formatter, functools.partial):
        formatter = formatter.keywords.get("_fmt", formatter.func)
    return str(getattr(formatter, "__module__", ""))


class _FlagLostOpeners(Preprocessor):
    """Flags openers, right after superfences has run."""

    def __init__(self, md: Markdown, capture: FenceCapture) -> None:
        super().__init__(md)
        self.capture = capture

    def run(self, lines: list[str]) -> list[str]:
        return self.capture.flag(lines)
