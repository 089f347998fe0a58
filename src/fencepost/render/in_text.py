"""What the last run told, as words in the middle of a page's text: how long steps took, what one printed."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fencepost.page.snippet import Snippet
from fencepost.render.html import Html, tag
from fencepost.render.plain import as_on_screen
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
        known = [record for record in here if record and record.verdict.was_run]
        if known and len(known) == len(here):
            sums.append(sum(record.seconds for record in known))
    return tag("span", durations(sums) if sums else "not measured yet", class_="fencepost-time")


def render_last_line(name: str, steps: Mapping[str, Snippet], page: PageStanding) -> Html:
    """The last line that a step printed, on the first machine of the page on which it ran.

    Args:
        name: the step.
        steps: the page's steps, by id.
        page: what is known of it.
    """
    if name not in steps:
        return tag("span", f"(no step {name})", class_="fencepost-time")
    records = (item.of_step(steps[name]) for item in page.machines)
    lines = [line for record in records if record for line in as_on_screen(record.output).splitlines()[-1:]]
    return tag("span", lines[0] if lines else "not run yet", class_="fencepost-time")
