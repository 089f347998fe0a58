"""Scans the finished HTML of a page for markers, the headings above them, and flags."""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from fencepost.page.unparsed_fences import FLAG

# Random, so that no author can write a marker.
MARKER = f"data-fencepost-{secrets.token_hex(8)}"

# Python's HTML parser finds the same, but takes five times as long. Comments, scripts and style sheets aren't shown to
# readers; the text in a `pre` is shown as it was written.
_TAG = (
    r"<(?:!--(?:-?>|(?P<comment>.*?)(?:--!?>|\Z))"
    r"|(?P<raw>script|style)\b.*?(?:</(?P=raw)\s*>|\Z)"
    r"|(?P<opens>pre|textarea)\b[^>]*>"
    r"|/(?P<closes>pre|textarea)\s*>"
    # A tag without an end takes everything up to the next `>`, even another tag; so does `<` with something invalid.
    r"|[/!?][^<>]*<[^>]*(?:>|\Z)"
    r"|h[1-6]\b(?P<heading>[^>]*)>"
    rf'|div {MARKER}="(?P<marker>\d{{1,9}})">'
    # Quotes only count after a `=`.
    r"""|[a-z][^<>=]*+(?:=\s*(?:"[^"]*"|'[^']*')?+[^<>=]*+)*+<[^>]*(?:>|\Z)"""
)
# A `<` in a quoted attribute opens no tag. Parsing every tag takes time, so it is only done for the few pages with one.
_IN_QUOTES = re.compile(r"""=\s*["'][^"'<>]*<""")
_OTHER_TAG = r"""|[a-z](?:[^<>"']|"[^"]*"|'[^']*')*+>"""
# Without flags in the HTML, as when it is built for readers, the search can go from one `<` to the next.
_TAGS, _TAGS_AND_FLAGS, _ALL_TAGS_AND_FLAGS = (
    re.compile(pattern, re.DOTALL | re.IGNORECASE)
    for pattern in (f"{_TAG})", f"{_TAG})|{FLAG.pattern}", f"{_TAG}{_OTHER_TAG})|{FLAG.pattern}")
)
_ID = re.compile(r"""\bid=(["'])(?P<id>.*?)\1""", re.DOTALL)
_VERBATIM = re.compile(r"<pre\b[^>]*>(.*?)</pre\s*>", re.DOTALL | re.IGNORECASE)
_MARKED = re.compile(rf'{MARKER}="(\d{{1,9}})"')


@dataclass
class HtmlScan:
    """The markers and flags in a page's HTML.

    Attributes:
        markers: the numbers of fences that readers see, each with the anchor of the nearest heading above it.
        commented: the numbers of fences in comments.
        flags_in_prose: the indices of flagged lines that readers see as text.
        anchors: the ids of the headings.
    """

    markers: dict[int, str] = field(default_factory=dict)
    commented: set[int] = field(default_factory=set)
    flags_in_prose: set[int] = field(default_factory=set)
    anchors: set[str] = field(default_factory=set)


def scan_html(finished: str) -> HtmlScan:
    """Scan a page's finished HTML."""
    result = HtmlScan()
    heading = ""
    verbatim = 0
    for match in _tags_in(finished):
        kind = match.lastgroup
        if kind == "marker":
            result.markers[int(match["marker"])] = heading
        elif kind == "heading":
            anchor = _ID.search(match["heading"])
            heading = html.unescape(anchor["id"]) if anchor else heading
            result.anchors.add(heading)
        elif kind == "opens":
            verbatim += 1
        elif kind == "closes":
            verbatim = max(0, verbatim - 1)
        elif kind == "comment":
            result.commented.update(int(number) for number in _MARKED.findall(match["comment"]))
        elif kind is None and match.lastindex and not verbatim:
            result.flags_in_prose.add(int(match[match.lastindex]))
    return result


def _tags_in(finished: str) -> Iterator[re.Match[str]]:
    if _IN_QUOTES.search(finished):
        return _ALL_TAGS_AND_FLAGS.finditer(finished)
    return (_TAGS_AND_FLAGS if FLAG.search(finished) else _TAGS).finditer(finished)


def verbatim_text(finished: str) -> str:
    """Return the text of a page's code blocks, which is shown as it was written."""
    return "\n".join(html.unescape(re.sub(r"<[^>]*>", "", block)) for block in _VERBATIM.findall(finished))
