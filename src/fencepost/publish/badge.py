"""Badges: small pictures with the status of a page or a site, for READMEs and other sites.

A badge doesn't change as it grows old, so each shows its date.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fencepost.render.html import Html, joined, tag
from fencepost.render.page_status import OnMachine, PageStatus, SitePage, Standing
from fencepost.render.wording import counted, day

_GREEN, _AMBER, _RED, _GREY = "#2b7a4b", "#8a5a00", "#b3261e", "#5c6166"
_TONES = {
    Standing.VERIFIED: _GREEN,
    Standing.PARTLY: _GREEN,
    Standing.CHANGED: _AMBER,
    Standing.FAILED: _RED,
    Standing.ERROR: _RED,
}
_WORDS = {
    Standing.NOTHING: "none checked on",
    Standing.VERIFIED: "verified on",
    Standing.PARTLY: "verified in part on",
    Standing.NOT_HERE: "not verified here, checked on",
    Standing.NOT_YET: "not verified yet",
    Standing.CHANGED: "changed since",
    Standing.ERROR: "could not be checked on",
    Standing.FAILED: "failed on",
}
# The width of a character in DejaVu Sans and Verdana at 11 pixels; `textLength` makes other typefaces fit.
_CHARACTER, _PADDING, _HEIGHT = 6.6, 12, 20


def page_badge(page: PageStatus) -> Html:
    """Return the badge of a page: its worst standing, and the oldest date of the machines that have it."""
    worst = [item for item in page.machines if item.standing is page.worst]
    oldest = _oldest(worst)
    return _badge("steps", f"{_WORDS[page.worst]} {_day(oldest)}".strip(), _TONES.get(page.worst, _GREY))


def site_badge(pages: Sequence[SitePage]) -> Html:
    """Return the badge of a site: how many of its checks hold, and the oldest of their dates."""
    every = [item for page in pages for item in page.standing.machines]
    runs = [item for item in every if item.standing is not Standing.NOTHING]
    if every and not runs:
        return _badge("what still works", f"nothing checked on {_day(_oldest(every))}", _GREY)
    standings = {item.standing for item in runs}
    good = sum(item.standing is Standing.VERIFIED for item in runs)
    oldest = _oldest(runs)
    worst = max(standings, key=list(Standing).index, default=Standing.NOT_YET)
    held = f"{good} of {counted(len(runs), 'check')} hold" if len(runs) != 1 else f"{good} of 1 check holds"
    message = f"{held}, {_day(oldest)}" if oldest else "nothing verified yet"
    return _badge("what still works", message, _TONES.get(worst, _GREY))


def _oldest(items: Sequence[OnMachine]) -> datetime | None:
    return min((item.record.started for item in items if item.record), default=None)


def _day(moment: datetime | None) -> str:
    return day(moment) if moment else ""


def _badge(label: str, message: str, tone: str) -> Html:
    left, right = (round(len(text) * _CHARACTER) + _PADDING for text in (label, message))
    words = f"{label}: {message}"
    size = {"height": str(_HEIGHT), "width": str(left + right)}
    return tag(
        "svg",
        tag("title", words),
        tag("clipPath", tag("rect", rx="3", fill="#fff", **size), id="r"),
        tag(
            "g",
            tag("rect", width=str(left), height=str(_HEIGHT), fill="#3b3f43"),
            tag("rect", x=str(left), width=str(right), height=str(_HEIGHT), fill=tone),
            clip_path="url(#r)",
        ),
        tag(
            "g",
            joined([_text(label, 0, left), _text(message, left, right)]),
            fill="#fff",
            text_anchor="middle",
            font_family="Verdana,DejaVu Sans,sans-serif",
            font_size="11",
        ),
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_label=words,
        **size,
    )


def _text(words: str, start: int, width: int) -> Html:
    length = str(width - _PADDING)
    return tag("text", words, x=f"{start + width / 2:g}", y="14", textLength=length, lengthAdjust="spacingAndGlyphs")
