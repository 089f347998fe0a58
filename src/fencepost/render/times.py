"""The slowest steps of a site."""

from __future__ import annotations

from collections.abc import Sequence

from fencepost.render.html import Html, tag
from fencepost.render.overview import scrolling, title_of
from fencepost.render.page_status import SitePage
from fencepost.render.wording import duration

_SHOWN = 20


def render_slowest(pages: Sequence[SitePage], up: str = "") -> Html:
    """Return a table of the steps that took longest in the last run of each page, slowest first.

    Args:
        pages: every page with a machine.
        up: the relative URL of the site's root.
    """
    steps = [
        (step.seconds, page, item, step)
        for page in pages
        for item in page.standing.machines
        for step in (item.record.snippets if item.record else ())
        if step.verdict.was_run
    ]
    steps.sort(key=lambda entry: -entry[0])
    if not steps:
        return tag("p", "No step has been run yet.", class_="fencepost-overview", data_search_exclude=True)
    longest = max(steps[0][0], 0.001)
    rows = (
        tag(
            "tr",
            tag("th", title_of(page, up, step.id, step.title or step.id), scope="row"),
            tag("td", page.title, data_fencepost_label="Page"),
            tag("td", item.full_title, data_fencepost_label="Machine"),
            tag("td", _bar(seconds / longest), duration(seconds), data_fencepost_label="Took"),
        )
        for seconds, page, item, step in steps[:_SHOWN]
    )
    head = tag("tr", *(tag("th", name, scope="col") for name in ("Step", "Page", "Machine", "Took")))
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="fencepost-times")
    return tag("section", scrolling(table, "The slowest steps"), class_="fencepost-overview", data_search_exclude=True)


def _bar(share: float) -> Html:
    return tag("span", class_="fencepost-bar", style=f"--share: {max(share, 0.004):.3f}", aria_hidden="true")
