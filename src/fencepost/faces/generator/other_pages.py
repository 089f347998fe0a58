"""Values of other pages in a page: the comments that ask for them, and what replaces the comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

from fencepost.faces.generator.converted_page import ConvertedPage, name_below
from fencepost.render.inline_values import render_time_of_page
from fencepost.render.overview import render_overview
from fencepost.render.page_status import SitePage
from fencepost.render.times import render_slowest

# All comments that ask for a value contain it.
MARK = "fencepost:"
_OVERVIEW = re.compile(r"<!--\s*fencepost:\s*what still works\s*-->")
_SLOWEST = re.compile(r"<!--\s*fencepost:\s*slowest steps\s*-->")
_TIME_OF_PAGE = re.compile(r"<!--\s*fencepost:\s*time of\s+page\s([^>]*)-->")


def mentions_other_pages(html: str) -> bool:
    """Return whether a page has such a comment."""
    return MARK in html and any(mark.search(html) for mark in (_OVERVIEW, _SLOWEST, _TIME_OF_PAGE))


def fill_in(html: str, page: ConvertedPage, pages: Sequence[SitePage], max_age_days: float) -> str:
    """Replace the comments of a page with values of other pages.

    Args:
        html: the finished page.
        page: the page that it is.
        pages: every page of the site that names a machine.
        max_age_days: the age in days from which a verdict is old.
    """
    up = page.up or ""

    def time_of(match: re.Match[str]) -> str:
        # The other page's file, relative to this page's, as in a link.
        link, *steps = match[1].split() or [""]
        name = name_below(page.folder, page.path.parent / unquote(link)) if page.path else ""
        return render_time_of_page(next((item for item in pages if item.name == name), None), steps)

    html = _OVERVIEW.sub(lambda _: render_overview(pages, max_age_days, up, published=page.published), html)
    html = _SLOWEST.sub(lambda _: render_slowest(pages, up), html)
    return _TIME_OF_PAGE.sub(time_of, html)
