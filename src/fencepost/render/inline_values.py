"""Values of the last run inside a page's text: how long steps took, the last line that one printed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from fencepost.fence.snippet import Snippet
from fencepost.render.html import Html, tag
from fencepost.render.page_status import PageStatus, SitePage
from fencepost.render.wording import durations
from fencepost.terminal import as_on_screen


def render_time(ids: Collection[str], steps: Mapping[str, Snippet], page: PageStatus) -> Html:
    """Return the total time of some steps of a page; on several machines, the range of these totals.

    Args:
        ids: the ids of the steps.
        steps: the page's steps, by id.
        page: the page's status.
    """
    unknown = [name for name in ids if name not in steps]
    if unknown:
        return tag("span", f"(no step {', '.join(unknown)})", class_="fencepost-time")
    sums = []
    for item in page.machines:
        here = [item.of_step(steps[name]) for name in ids if steps[name].runs_on(item.machine)]
        ran = [record for record in here if record and record.verdict.was_run]
        if ran and len(ran) == len(here):
            sums.append(sum(record.seconds for record in ran))
    return _took(sums)


def render_time_of_page(page: SitePage | None, steps: Collection[str]) -> Html:
    """Return the time of another page, or the total of some of its steps; on several machines, the range.

    Args:
        page: that page; `None` if it is unknown.
        steps: the ids of the steps; empty for the whole page.
    """
    if page is None:
        return tag("span", "(no such page)", class_="fencepost-time")
    sums = []
    for item in page.standing.machines:
        if item.record is None:
            continue
        seconds = {step.id: step.seconds for step in item.record.snippets if step.verdict.was_run}
        if not steps:
            sums += [item.record.seconds] if seconds else []
        elif all(step in seconds for step in steps):
            sums.append(sum(seconds[step] for step in steps))
    return _took(sums)


def render_last_line(name: str, steps: Mapping[str, Snippet], page: PageStatus) -> Html:
    """Return the last line that a step printed, on the first of the page's machines on which it ran.

    Args:
        name: the step's id.
        steps: the page's steps, by id.
        page: the page's status.
    """
    if name not in steps:
        return tag("span", f"(no step {name})", class_="fencepost-time")
    records = (item.of_step(steps[name]) for item in page.machines)
    lines = [line for record in records if record for line in as_on_screen(record.output).splitlines()[-1:]]
    return tag("span", lines[0] if lines else "not run yet", class_="fencepost-time")


def _took(seconds: Sequence[float]) -> Html:
    return tag("span", durations(seconds) if seconds else "not measured yet", class_="fencepost-time")
