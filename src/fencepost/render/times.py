"""How long steps took in the last run, as words in the middle of a page's text."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fencepost.page.snippet import Snippet
from fencepost.render.html import Html, tag
from fencepost.render.standing import PageStanding
from fencepost.render.words import durations


def render_time(ids: Collection[str], steps: Mapping[str, Snippet], page: PageStanding) -> Html:
    """The time that some steps of a page took, all together; on several machines, from the shortest to the longest.

    Args:
        ids: the steps.
        steps: the page's steps, by id.
        page: what is known of it.
    """
    unknown = [name for name in ids if name not in steps]
    if unknown:
        return tag("span", f"(no step {', '.join(unknown)})", class_="fencepost-time")
    sums = []
    for item in page.machines:
        here = [item.of_step(steps[name]) for name in ids if steps[name].runs_on(item.machine)]
        known = [record for record in here if record]
        if known and len(known) == len(here):
            sums.append(sum(record.seconds for record in known))
    return tag("span", durations(sums) if sums else "not measured yet", class_="fencepost-time")
