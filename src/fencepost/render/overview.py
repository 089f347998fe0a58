"""The table of *What still works*: every page by every machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fencepost.record.history import Run, last_green
from fencepost.render.header import WORDS
from fencepost.render.html import Html, joined, prose, tag
from fencepost.render.sentence import checked_on, reason_of, steps_done
from fencepost.render.standing import OnMachine, PageStanding, Standing
from fencepost.render.words import counted, day, duration
from fencepost.verdicts import Verdict

_RUNS_TOLD = 10


@dataclass(frozen=True)
class Row:
    """A page in the table.

    Attributes:
        title: what it is called.
        url: where it is, relative to the table's page; empty where that isn't known.
        page: what is known of it.
        runs: what became of it run after run, by machine, oldest first.
    """

    title: str
    url: str
    page: PageStanding
    runs: Mapping[str, Sequence[Run]] = field(default_factory=dict)


def render_overview(rows: Sequence[Row], max_age_days: float) -> Html:
    """The table, below a sentence that sums it up.

    Args:
        rows: every page with a machine.
        max_age_days: after how many days a verdict is old.
    """
    if not rows:
        return tag("p", "No page has been verified yet.", class_="fencepost-overview", data_search_exclude=True)
    titles = {item.machine: item.title for item in sorted(_runs(rows), key=lambda item: item.record is not None)}
    machines = {name: titles[name] for name in sorted(titles)}
    head = tag("tr", tag("th", "Page", scope="col"), *(tag("th", title, scope="col") for title in machines.values()))
    body = (_row(row, machines) for row in rows)
    # With a class, for Material lays out tables without one.
    table = tag("table", tag("thead", head), tag("tbody", *body), class_="fencepost-pages")
    # The page that this stands on can be found; the verdicts in it would only repeat every page's title.
    return tag(
        "section",
        tag("p", _summary(rows)),
        tag("div", table, class_="fencepost-scroll", tabindex="0"),
        class_="fencepost-overview",
        data_fencepost_max_age=f"{max_age_days:g}",
        data_search_exclude=True,
    )


def _summary(rows: Sequence[Row]) -> Html:
    runs = list(_runs(rows))
    records = [item.record for item in runs if item.record]
    good = sum(item.standing is Standing.VERIFIED for item in runs)
    pages = f"{counted(len(rows), 'page')} on {counted(len({item.machine for item in runs}), 'machine')}"
    told: list[str] = [f"{pages}: {good} of {counted(len(runs), 'check')} hold."]
    if records:
        newest = max(records, key=lambda record: record.started)
        took = duration(sum(record.seconds for record in records))
        told += [" The last one ran on ", checked_on(newest), f"; all together took {took}."]
    return joined(told)


def _runs(rows: Sequence[Row]) -> Iterator[OnMachine]:
    return (item for row in rows for item in row.page.machines)


def _row(row: Row, machines: Mapping[str, str]) -> Html:
    here = {item.machine: item for item in row.page.machines}
    title_of_row = tag("a", row.title, href=row.url) if row.url else tag("span", row.title)
    cells = (_cell(here.get(name), title, row.runs.get(name, ())) for name, title in machines.items())
    return tag("tr", tag("th", title_of_row, scope="row"), *cells)


def _cell(item: OnMachine | None, title: str, runs: Sequence[Run]) -> Html:
    if item is None:
        return tag("td", tag("span", "not for it", class_="fencepost-none"), data_fencepost_machine=title)
    parts: list[Html] = [tag("strong", WORDS[item.standing])]
    if item.standing in {Standing.FAILED, Standing.ERROR, Standing.NOT_HERE} and (reason := reason_of(item)):
        parts.append(tag("span", prose(reason)))
    if item.record:
        if item.standing is not Standing.NOT_HERE:
            parts.append(tag("span", f"{steps_done(item.record)}, {duration(item.record.seconds)}"))
        parts.append(tag("span", checked_on(item.record)))
    parts += [tag("span", told) for told in _past(item, runs)]
    return tag("td", *parts, data_fencepost_standing=str(item.standing), data_fencepost_machine=title)


def _past(item: OnMachine, runs: Sequence[Run]) -> Iterator[str]:
    """What the runs before the last one tell."""
    ran = [run for run in runs if run.verdict is not Verdict.SKIPPED][-_RUNS_TOLD:]
    if item.standing is Standing.FAILED and (green := last_green(list(runs))):
        yield f"last held on {day(green.started)}"
    if len(ran) > 1:
        held = sum(run.green for run in ran)
        yield f"held in {held} of the last {len(ran)} runs" if held < len(ran) else f"held in the last {len(ran)} runs"
