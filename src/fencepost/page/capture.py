"""The fences of a page, exactly as the site renders them.

The site's own `pymdownx.superfences` decides what a fence is. Each of its formatters is wrapped, so that a
fence leaves a marker in the HTML in place of its highlighted code; a fence is a marker that survives there,
outside comments. Whatever the site would not show as a fence is none.
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
    """One fence as superfences understood it.

    Attributes:
        start, end: indices of its opening line and of the line after its closing one, in the expanded page.
        language: as written.
        source: its text, dedented, without the last line's end.
        id, classes, attributes, options: what its header says; `options` are the highlighter's own.
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
    """What the last conversion held.

    Attributes:
        lines: the expanded lines that superfences saw.
        fences: the fences on the page, in its order.
        lost: what looks like a fence and isn't one.
        anchors: the ids of the page's headings.
    """

    lines: list[str] = field(default_factory=list)
    fences: list[CapturedFence] = field(default_factory=list)
    lost: list[UnparsedFence] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)


@dataclass
class _Seen:
    """A fence that superfences formatted, and the placeholder under which it can take it back."""

    fence: CapturedFence
    placeholder: str = ""


class FenceCapture:
    """Puts itself between a `Markdown` and its superfences, and reads each conversion's result.

    Args:
        md: a Markdown built from the site's own extensions, `pymdownx.superfences` among them.
        shown: the text that readers see of a fence, or `None` for nothing; its code then stays, the marker inside.

    Attributes:
        active: whether fences are noted at all; else a page is rendered as if this weren't there.
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
        if not shown:  # the flags are for those who judge a page, not for its readers
            md.preprocessors.register(_FlagLostOpeners(md, self), "fencepost_flag", 24.5)

    def convert(self, text: str) -> Capture:
        """Converts one page, and tells the fences that the site renders on it."""
        self.begin()
        self.md.reset()
        return self.result(self.md.convert(text))

    def begin(self) -> None:
        """Forgets the page before; for those who convert by themselves."""
        self._seen, self._flagged, self._lines, self.unshown = [], {}, [], {}

    def result(self, finished: str) -> Capture:
        """What the conversion since `begin` held, told from its finished HTML."""
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
        # As readers come to them, who read footnotes last.
        places = {number: place for place, number in enumerate(html.markers)}
        fences.sort(key=lambda fence: places[fence.number])
        return Capture(self._lines, fences, sorted(lost, key=lambda item: item.index), html.anchors)

    def seen(self, number: int) -> CapturedFence:
        """The fence behind a marker."""
        return self._seen[number].fence

    def flag(self, lines: list[str]) -> list[str]:
        """Flags the openers that superfences left alone. `lines` has each fence folded into one line."""
        flagged, self._flagged = flag_openers(lines, {seen.fence.start: seen.fence.end for seen in self._seen})
        return flagged

    def _taken_back(self, seen: _Seen) -> bool:
        # superfences takes a fence back, out of its stash, when it turns out to stand in an indented code block.
        return bool(seen.placeholder) and self.extension.stash.get(seen.placeholder) is None

    def _wrap_preprocessor(self) -> None:
        """Superfences knows the lines of a fence only here, and tells them to nobody."""
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
            found: list[str] = search(lines)
            return found

        fenced.process_nested_block = process_nested_block
        fenced._store = remember_placeholder
        fenced.search_nested = search_nested

    def _mark(self, formatter: Callable[..., Any], src: str = "", language: str = "", **given: Any) -> str:
        """Stands in for a formatter: notes the fence, and leaves a marker. It must not raise: superfences
        swallows what is raised here and turns the fence into prose.
        """
        if not self.active:
            return str(formatter(src=src, language=language, **given))
        number = len(self._seen)
        fence = CapturedFence(
            *self._span,
            language=language or "",
            source=src,
            id=given.get("id_value") or "",
            classes=tuple(given.get("classes") or ()),
            # A bare word maps to nothing since Markdown 3.11, and to itself before.
            attributes={key: key if value is None else value for key, value in (given.get("attrs") or {}).items()},
            options=dict(given.get("options") or {}),
            number=number,
            shown_by=_module_of(formatter),
        )
        self._seen.append(_Seen(fence))
        marker = f'<div {MARKER}="{number}"></div>'
        if not self._shown:
            return marker
        remove_own_words(given)
        text = self._shown(fence)
        code = str(formatter(src=src if text is None else text, language=language, **given))
        if text is None:
            self.unshown[number] = code
            return marker
        # Inside the last `</div>`: behind it, Material's code annotations would not find their list any more.
        before, closing, after = code.rpartition("</div>")
        return f"{before}{marker}{closing}{after}" if closing else f"{code}{marker}"


def _unwrapped(formatter: Callable[..., Any]) -> Callable[..., Any]:
    """The site's own formatter, where an extension is one object for all pages, and the page before has wrapped it."""
    if isinstance(formatter, functools.partial) and isinstance(getattr(formatter.func, "__self__", 0), FenceCapture):
        unwrapped: Callable[..., Any] = formatter.args[0]
        return unwrapped
    return formatter


def _module_of(formatter: Callable[..., Any]) -> str:
    """The module of a formatter, which superfences wraps where it is the site's own choice."""
    while isinstance(formatter, functools.partial):
        formatter = formatter.keywords.get("_fmt", formatter.func)
    return str(getattr(formatter, "__module__", ""))


class _FlagLostOpeners(Preprocessor):
    """Runs just behind superfences."""

    def __init__(self, md: Markdown, capture: FenceCapture) -> None:
        super().__init__(md)
        self.capture = capture

    def run(self, lines: list[str]) -> list[str]:
        return self.capture.flag(lines)
