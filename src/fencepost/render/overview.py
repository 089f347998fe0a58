"""*What still works*: a table of pages by machines, and one of their last runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fencepost.record.history import Run, last_green
from fencepost.render import places
from fencepost.render.header import WITH_REASON, WORDS
from fencepost.render.html import Html, joined, prose, tag
from fencepost.render.page_status import OnMachine, SitePage, Standing
from fencepost.render.run_page import short_image
from fencepost.render.sentence import checked_on, reason_of, steps_done
from fencepost.render.wording import counted, day, duration, instant, short_day
from fencepost.run_key import RunKey

_RUNS_SHOWN = 10
_COLUMNS = ("Page", "Machine", "Verdict", "Last run", "Took", "Last held", "History", "Image")


def render_overview(pages: Sequence[SitePage], max_age_days: float, up: str = "", *, published: bool = False) -> Html:
    """Return a summary, a table of pages by machines, and one of all last runs, which a script makes sortable.

    Args:
        pages: every page with a machine.
        max_age_days: the age in days from which a verdict is old.
        up: the relative URL of the site's root from the page that shows this.
        published: True if the runs are published as text, to link to.
    """
    if not pages:
        return tag("p", "No page has been verified yet.", class_="fencepost-overview", data_search_exclude=True)
    # Excluded from the search, where it would only repeat every page's title.
    return tag(
        "section",
        tag("p", _summary(pages)),
        scrolling(_at_a_glance(pages, up), "Pages by machines"),
        tag("p", "Run by run", class_="fencepost-caption"),
        scrolling(_run_by_run(pages, up, published=published), "Runs"),
        _as_data(up) if published else "",
        class_="fencepost-overview",
        data_fencepost_max_age=f"{max_age_days:g}",
        data_search_exclude=True,
    )


def title_of(page: SitePage, up: str, step: str = "", words: str = "") -> Html:
    """Return a page's title, or other words, as a link to the page if its address is known."""
    anchor = f"#{places.address(step)}" if step else ""
    shown = words or page.title
    return (
        tag("span", shown) if page.url is None else tag("a", shown, href=places.address(page.url, up) + anchor or "./")
    )


def scrolling(table: Html, label: str) -> Html:
    """Return a table that scrolls sideways where the window is too narrow."""
    return tag("div", table, class_="fencepost-scroll", tabindex="0", role="region", aria_label=label)


def _as_data(up: str) -> Html:
    status, badge = (places.address(path, up) for path in (places.STATUS, places.SITE_BADGE))
    words = [
        "The same for programs: ",
        tag("a", "as JSON", href=status),
        ", and ",
        tag("a", "as a badge", href=badge),
        ".",
    ]
    return tag("p", *words, class_="fencepost-quiet")


def _summary(pages: Sequence[SitePage]) -> Html:
    runs = list(_runs(pages))
    records = [item.record for item in runs if item.record and item.record.ran]
    good = sum(item.standing is Standing.VERIFIED for item in runs)
    nothing = sum(item.standing is Standing.NOTHING for item in runs)
    where = f"{counted(len(pages), 'page')} on {counted(len({item.machine for item in runs}), 'machine')}"
    checks = len(runs) - nothing
    if not checks:
        return joined([f"{where}: nothing is checked."])
    parts: list[str] = [f"{where}: {good} of {counted(checks, 'check')} hold{'s' if checks == 1 else ''}."]
    if nothing:
        parts.append(f" {nothing} more {'has' if nothing == 1 else 'have'} nothing to check.")
    if records:
        newest = max(records, key=lambda record: record.started)
        took = duration(sum(record.seconds for record in records))
        parts += [" The last one ran on ", checked_on(newest), f"; all together took {took}."]
    return joined(parts)


def _runs(pages: Sequence[SitePage]) -> Iterator[OnMachine]:
    return (item for page in pages for item in page.standing.machines)


def _at_a_glance(pages: Sequence[SitePage], up: str) -> Html:
    titles = _titles(pages)
    machines = {name: titles[name] for name in sorted(titles)}
    head = tag("tr", tag("th", "Page", scope="col"), *(tag("th", title, scope="col") for title in machines.values()))
    rows = []
    for page in pages:
        here = {item.machine: item for item in page.standing.machines}
        cells = (_cell(here.get(name), title) for name, title in machines.items())
        rows.append(tag("tr", tag("th", title_of(page, up), scope="row"), *cells))
    # It needs a class: Material restyles tables without one.
    return tag("table", tag("thead", head), tag("tbody", *rows), class_="fencepost-pages")


def _titles(pages: Sequence[SitePage]) -> dict[str, str]:
    """Return the title of each machine, as its runs call it if there are any."""
    return {item.machine: item.title for item in sorted(_runs(pages), key=lambda item: item.record is not None)}


def _cell(item: OnMachine | None, title: str) -> Html:
    if item is None:
        return tag("td", tag("span", "not for it", class_="fencepost-none"), data_fencepost_label=title)
    parts: list[Html] = [_verdict(item)]
    if item.record:
        parts.append(tag("span", checked_on(item.record, short=True)))
    return tag("td", *parts, data_fencepost_standing=str(item.standing), data_fencepost_label=title)


def _verdict(item: OnMachine) -> Html:
    reason = reason_of(item) if item.standing in WITH_REASON else ""
    return joined([tag("strong", WORDS[item.standing]), tag("span", prose(reason)) if reason else ""])


def _run_by_run(pages: Sequence[SitePage], up: str, *, published: bool) -> Html:
    head = tag("tr", *(tag("th", name, scope="col") for name in _COLUMNS))
    titles = _titles(pages)
    rows = [
        _run(page, item, titles[item.machine], page.runs.get(item.machine, ()), up, published=published)
        for page in pages
        for item in page.standing.machines
    ]
    return tag("table", tag("thead", head), tag("tbody", *rows), class_="fencepost-runs")


def _run(page: SitePage, item: OnMachine, machine: str, runs: Sequence[Run], up: str, *, published: bool) -> Html:
    record = item.record
    verdict: list[Html] = [_verdict(item)]
    when = tag("span", "-")
    if record:
        verdict += [tag("span", done)] if (done := steps_done(record)) else []
        when = checked_on(record, short=True)
        if published:
            when = tag("a", when, href=places.address(places.run_of(RunKey(page.name, item.machine)), up))
    green = last_green(list(runs))
    rank = list(Standing).index(item.standing)
    return tag(
        "tr",
        tag("th", title_of(page, up), scope="row", data_fencepost_sort=page.title),
        _labelled(1, tag("span", item.full_title if record else machine), machine),
        tag(
            "td",
            *verdict,
            data_fencepost_standing=str(item.standing),
            data_fencepost_label=_COLUMNS[2],
            data_fencepost_sort=str(rank),
        ),
        _labelled(3, when, instant(record.started) if record else ""),
        _labelled(4, tag("span", duration(record.seconds) if record else "-"), f"{record.seconds}" if record else "0"),
        _labelled(
            5,
            tag("time", short_day(green.started), datetime=instant(green.started)) if green else tag("span", "-"),
            instant(green.started) if green else "",
        ),
        _labelled(6, _history(runs), ""),
        _labelled(7, tag("code", short_image(record.image)) if record else tag("span", "-"), ""),
    )


def _labelled(column: int, content: Html, sort: str) -> Html:
    name = _COLUMNS[column]
    return tag("td", content, data_fencepost_label=name, data_fencepost_sort=sort or None)


def _history(runs: Sequence[Run]) -> Html:
    """Return a stroke for each of the last runs, the newest at the right, with a summary as its label."""
    ran = [run for run in runs if run.ran][-_RUNS_SHOWN:]
    if not ran:
        return tag("span", "-")
    held = sum(run.green for run in ran)
    words = f"held in {held} of the last {counted(len(ran), 'run')}"
    strokes = (
        tag(
            "i",
            title=f"{day(run.started)}: {run.verdict}, {duration(run.seconds)}",
            class_=None if run.green else "red",
        )
        for run in ran
    )
    return tag("span", *strokes, class_="fencepost-history", role="img", aria_label=words, title=words)
