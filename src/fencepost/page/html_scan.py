"""Reads a finished page: which markers are in it, under which heading, and where the flags ended up."""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from fencepost.page.unparsed_fences import FLAG

# Random, so that no author can write a marker.
MARKER = f"data-fencepost-{secrets.token_hex(8)}"

# Python's own HTML parser tells the same, in five times the time. What stands in a comment, a script or a style sheet
# is nobody's text; in a `pre` it is shown as it was written.
_TAG = (
    r"<(?:!--(?:-?>|(?P<comment>.*?)(?:--!?>|\Z))"
    r"|(?P<raw>script|style)\b.*?(?:</(?P=raw)\s*>|\Z)"
    r"|(?P<opens>pre|textarea)\b[^>]*>"
    r"|/(?P<closes>pre|textarea)\s*>"
    # A tag that doesn't end takes all up to the next `>`, another tag too; so does what is no tag at all.
    r"|[/!?][^<>]*<[^>]*(?:>|\Z)"
    r"|h[1-6]\b(?P<heading>[^>]*)>"
    rf'|div {MARKER}="(?P<marker>\d{{1,9}})">'
    # A quote is one behind a `=` only.
    r"""|[a-z][^<>=]*+(?:=\s*(?:"[^"]*"|'[^']*')?+[^<>=]*+)*+<[^>]*(?:>|\Z)"""
)
# What stands in quotes in a tag opens nothing; but few pages have a `<` there, and to look at every tag takes time.
_IN_QUOTES = re.compile(r"""=\s*["'][^"'<>]*<""")
_OTHER_TAG = r"""|[a-z](?:[^<>"']|"[^"]*"|'[^']*')*+>"""
# Flags are for those who judge a page. Without them, a search may go from one `<` to the next.
_TAGS, _TAGS_AND_FLAGS, _ALL_TAGS_AND_FLAGS = (
    re.compile(pattern, re.DOTALL | re.IGNORECASE)
    for pattern in (f"{_TAG})", f"{_TAG})|{FLAG.pattern}", f"{_TAG}{_OTHER_TAG})|{FLAG.pattern}")
)
_ID = re.compile(r"""\bid=(["'])(?P<id>.*?)\1""", re.DOTALL)
_VERBATIM = re.compile(r"<pre\b[^>]*>(.*?)</pre\s*>", re.DOTALL | re.IGNORECASE)
_MARKED = re.compile(rf'{MARKER}="(\d{{1,9}})"')


@dataclass
class HtmlScan:
    """What of a page's fences is left in its HTML.

    Attributes:
        markers: the fences that readers see, each with the anchor of the nearest heading above it.
        commented: those in a comment.
        flags_in_prose: flagged lines that readers see as text.
        anchors: the ids of the headings.
    """

    markers: dict[int, str] = field(default_factory=dict)
    commented: set[int] = field(default_factory=set)
    flags_in_prose: set[int] = field(default_factory=set)
    anchors: set[str] = field(default_factory=set)


def scan_html(finished: str) -> HtmlScan:
    """Reads a page's finished HTML."""
    found = HtmlScan()
    heading = ""
    verbatim = 0
    for match in _tags_in(finished):
        kind = match.lastgroup
        if kind == "marker":
            found.markers[int(match["marker"])] = heading
        elif kind == "heading":
            anchor = _ID.search(match["heading"])
            heading = html.unescape(anchor["id"]) if anchor else heading
            found.anchors.add(heading)
        elif kind == "opens":
            verbatim += 1
        elif kind == "closes":
            verbatim = max(0, verbatim - 1)
        elif kind == "comment":
            found.commented.update(int(number) for number in _MARKED.findall(match["comment"]))
        elif kind is None and match.lastindex and not verbatim:
            found.flags_in_prose.add(int(match[match.lastindex]))
    return found


def _tags_in(finished: str) -> Iterator[re.Match[str]]:
    if _IN_QUOTES.search(finished):
        return _ALL_TAGS_AND_FLAGS.finditer(finished)
    return (_TAGS_AND_FLAGS if FLAG.search(finished) else _TAGS).finditer(finished)


def verbatim_text(finished: str) -> str:
    """The text that a page shows as it was written: in code blocks."""
    return "\n".join(html.unescape(re.sub(r"<[^>]*>", "", block)) for block in _VERBATIM.findall(finished))
