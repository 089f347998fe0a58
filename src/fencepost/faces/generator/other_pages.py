"""What a page tells of other pages: the comments in whose place it comes, and what comes there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

from fencepost.faces.generator.converted_page import ConvertedPage, name_below
from fencepost.render.inline_values import render_time_of_page
from fencepost.render.overview import render_overview
from fencepost.render.page_status import SitePage
from fencepost.render.times import render_slowest

# Each comment by which an author asks for a step's output holds it.
MARK = "fencepost:"
_OVERVIEW = re.compile(r"<!--\s*fencepost:\s*what still works\s*-->")
_SLOWEST = re.compile(r"<!--\s*fencepost:\s*slowest steps\s*-->")
_TIME_OF_PAGE = re.compile(r"<!--\s*fencepost:\s*time of\s+page\s([^>]*)-->")


def tells_of_others(html: str) -> bool:
    """Whether a page has such a comment."""
    return MARK in html and any(mark.search(html) for mark in (_OVERVIEW, _SLOWEST, _TIME_OF_PAGE))


def filled_in(html: str, page: ConvertedPage, pages: Sequence[SitePage], max_age_days: float) -> str:
    """The page, with what it tells of others.

    Args:
        html: the finished page.
        page: which one it is.
        pages: every page of the site that names a machine.
        max_age_days: after how many days a verdict is old.
    """
    up = page.up or ""

    def time_of(match: re.Match[str]) -> str:
        way, *steps = match[1].split() or [""]
        # The way to its file, as links have it.
        name = name_below(page.folder, page.path.parent / unquote(way)) if page.path else ""
        return render_time_of_page(next((item for item in pages if item.name == name), None), steps)

    html = _OVERVIEW.sub(lambda _: render_overview(pages, max_age_days, up, published=page.published), html)
    html = _SLOWEST.sub(lambda _: render_slowest(pages, up), html)
    return _TIME_OF_PAGE.sub(time_of, html)
