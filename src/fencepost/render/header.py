"""The line at the top of a page: verified when, on what, and how much of it."""

from __future__ import annotations

from fencepost.render.html import Html, joined, link_to_step, prose, tag
from fencepost.render.links import Links
from fencepost.render.page_status import OnMachine, PageStatus, Standing
from fencepost.render.sentence import checked_on, reason_of, sentences, steps_done
from fencepost.render.wording import duration, listed

WORDS = {
    Standing.NOTHING: "Nothing is checked",
    Standing.VERIFIED: "Verified",
    Standing.PARTLY: "Verified in part",
    Standing.NOT_HERE: "Not verified here",
    Standing.NOT_YET: "Not verified yet",
    Standing.CHANGED: "Changed since",
    Standing.ERROR: "Could not be checked",
    Standing.FAILED: "Failed",
}
WITH_REASON = {Standing.FAILED, Standing.ERROR, Standing.NOT_HERE, Standing.NOTHING}


def render_header(page: PageStatus, max_age_days: float, links: Links | None = None) -> Html:
    """The header of a page with a machine: a sentence, or a table where its machines disagree.

    Args:
        page: what is known of it.
        max_age_days: after how many days a verdict is old. A browser judges that; without scripts the date is shown.
        links: the ways to what is published beside it.
    """
    told = _table(page) if _disagree(page) else joined(sentences(page))
    # No element may hold another of its own name here: Material's search would take its end for the end of all.
    return tag(
        "aside",
        told,
        _tools(page, links) if links and page.worst is not Standing.NOTHING else "",
        class_="fencepost-header",
        aria_label="When this page was verified",
        data_fencepost_standing=str(page.worst),
        data_fencepost_max_age=f"{max_age_days:g}",
        data_fencepost_shell=links.command("MACHINE") if links else None,
        data_search_exclude=True,
    )


def render_summary(page: PageStatus, max_age_days: float) -> Html:
    """The same in one line, for a list of pages.

    Args:
        page: what is known of it.
        max_age_days: as above.
    """
    records = [item.record for item in page.machines if item.record]
    told = [tag("strong", _headline(page) if records and _disagree(page) else WORDS[page.worst])]
    # A page that isn't checked has no day.
    if records and page.worst is not Standing.NOTHING:
        oldest = min(records, key=lambda record: record.started)
        told += [Html(" on "), checked_on(oldest)]
        if not _disagree(page):
            told.append(joined([f" on {listed(item.surroundings for item in page.machines)}"]))
    return tag(
        "p",
        *told,
        class_="fencepost-summary",
        data_fencepost_standing=str(page.worst),
        data_fencepost_max_age=f"{max_age_days:g}",
        data_search_exclude=True,
    )


def _disagree(page: PageStatus) -> bool:
    return len({item.standing for item in page.machines}) > 1


def _tools(page: PageStatus, links: Links) -> Html:
    """What a reader can do with the page beyond reading it."""
    rows = []
    for item in page.machines:
        ways: list[Html] = []
        cast, run, script = links.cast(item.machine), links.run(item.machine), links.script(item.machine)
        if item.record and item.record.ran and cast and run:
            # Without scripts, or where the recording can't be fetched, there is the run to read.
            ways.append(tag("a", "watch the run", href=run, data_fencepost_cast=cast.rpartition("/")[2]))
            ways.append(tag("a", "read it", href=run))
        if script and item.standing is not Standing.NOTHING:
            name = links.script_name(item.machine)
            ways.append(tag("a", "all steps as a script", href=script, download=name))
        if ways:
            rows.append(tag("li", f"{item.title}: ", joined(ways, Html(" · "))))
    command = tag("code", f"{links.command(page.machines[0].machine)} --after STEP")
    here = tag("p", "In a copy of this site's sources, ", command, " leads into the machine as a step has left it.")
    ran = any(item.record and item.record.ran for item in page.machines)
    summary = "Watch it, or do it yourself" if ran else "Do it yourself"
    return tag("details", tag("summary", summary), tag("ul", *rows) if rows else "", here, class_="fencepost-tools")


def _table(page: PageStatus) -> Html:
    headline = tag("p", tag("strong", _headline(page)))
    head = tag("thead", tag("tr", *(tag("th", word, scope="col") for word in ("Machine", "Verdict", "Date", "Time"))))
    rows = (_row(item, page) for item in page.machines)
    return joined([headline, tag("table", head, tag("tbody", *rows), class_="fencepost-machines")])


def _headline(page: PageStatus) -> str:
    # The sign in front is that of the worst; the words have to go with it.
    told = page.worst if page.worst in {Standing.FAILED, Standing.ERROR, Standing.CHANGED} else Standing.VERIFIED
    number = sum(item.standing is told for item in page.machines)
    words = "Changed since it was verified" if told is Standing.CHANGED else WORDS[told]
    return f"{words} on {number} of {len(page.machines)} machines"


def _row(item: OnMachine, page: PageStatus) -> Html:
    record = item.record
    return tag(
        "tr",
        tag("th", item.surroundings, scope="row"),
        tag("td", verdict_in_words(item, page), data_fencepost_standing=str(item.standing)),
        tag("td", checked_on(record) if record else "-"),
        tag("td", duration(record.seconds) if record else "-"),
    )


def verdict_in_words(item: OnMachine, page: PageStatus) -> Html:
    """A machine's verdict as a cell of a table: the word, the steps, and the reason for anything but good news."""
    parts: list[str] = [tag("strong", WORDS[item.standing])]
    step = item.telling
    if item.standing in {Standing.FAILED, Standing.ERROR} and step:
        parts += [" at step ", link_to_step(step.id, page.title_of(step.id))]
    if item.standing in WITH_REASON and (reason := reason_of(item)):
        parts += [": ", prose(reason)]
    elif item.record and (done := steps_done(item.record)):
        parts.append(f": {done}")
    return joined(parts)
