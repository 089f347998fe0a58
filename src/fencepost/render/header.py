"""The header of a page: when it was verified, on which machines, and how many of its steps."""

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
    """Return the header of a page: a sentence, or a table where its machines disagree.

    Args:
        page: the page's status.
        max_age_days: the age in days from which a verdict is old. The reader's browser works that out; without
            scripts readers see only the date.
        links: the page's links to what is published beside it.
    """
    verdict = _table(page) if _disagree(page) else joined(sentences(page))
    # Don't nest tags of the same name: Material's search would end the element at the first closing tag.
    return tag(
        "aside",
        verdict,
        _tools(page, links) if links and page.worst is not Standing.NOTHING else "",
        class_="fencepost-header",
        aria_label="When this page was verified",
        data_fencepost_standing=str(page.worst),
        data_fencepost_max_age=f"{max_age_days:g}",
        data_fencepost_shell=links.command("MACHINE") if links else None,
        data_search_exclude=True,
    )


def render_summary(page: PageStatus, max_age_days: float) -> Html:
    """Return the header in one line, for a list of pages.

    Args:
        page: the page's status.
        max_age_days: the age in days from which a verdict is old.
    """
    records = [item.record for item in page.machines if item.record]
    parts = [tag("strong", _headline(page) if records and _disagree(page) else WORDS[page.worst])]
    # A page that isn't checked has no date.
    if records and page.worst is not Standing.NOTHING:
        oldest = min(records, key=lambda record: record.started)
        parts += [Html(" on "), checked_on(oldest)]
        if not _disagree(page):
            parts.append(joined([f" on {listed(item.full_title for item in page.machines)}"]))
    return tag(
        "p",
        *parts,
        class_="fencepost-summary",
        data_fencepost_standing=str(page.worst),
        data_fencepost_max_age=f"{max_age_days:g}",
        data_search_exclude=True,
    )


def _disagree(page: PageStatus) -> bool:
    return len({item.standing for item in page.machines}) > 1


def _tools(page: PageStatus, links: Links) -> Html:
    """Return what a reader can do besides reading: watch the run, take the script, open a shell."""
    rows = []
    for item in page.machines:
        choices: list[Html] = []
        cast, run, script = links.cast(item.machine), links.run(item.machine), links.script(item.machine)
        if item.record and item.record.ran and cast and run:
            # The link leads to the run as text, for browsers that can't play the recording.
            choices.append(tag("a", "watch the run", href=run, data_fencepost_cast=cast.rpartition("/")[2]))
            choices.append(tag("a", "read it", href=run))
        if script and item.standing is not Standing.NOTHING:
            name = links.script_name(item.machine)
            choices.append(tag("a", "all steps as a script", href=script, download=name))
        if choices:
            rows.append(tag("li", f"{item.title}: ", joined(choices, Html(" · "))))
    command = tag("code", f"{links.command(page.machines[0].machine)} --after STEP")
    shell_hint = tag(
        "p", "In a copy of this site's sources, ", command, " opens a shell in the machine as that step left it."
    )
    ran = any(item.record and item.record.ran for item in page.machines)
    summary = "Watch it, or do it yourself" if ran else "Do it yourself"
    return tag(
        "details", tag("summary", summary), tag("ul", *rows) if rows else "", shell_hint, class_="fencepost-tools"
    )


def _table(page: PageStatus) -> Html:
    headline = tag("p", tag("strong", _headline(page)))
    head = tag("thead", tag("tr", *(tag("th", word, scope="col") for word in ("Machine", "Verdict", "Date", "Time"))))
    rows = (_row(item, page) for item in page.machines)
    return joined([headline, tag("table", head, tag("tbody", *rows), class_="fencepost-machines")])


def _headline(page: PageStatus) -> str:
    # The words have to fit the sign in front, which is that of the worst.
    standing = page.worst if page.worst in {Standing.FAILED, Standing.ERROR, Standing.CHANGED} else Standing.VERIFIED
    number = sum(item.standing is standing for item in page.machines)
    words = "Changed since it was verified" if standing is Standing.CHANGED else WORDS[standing]
    return f"{words} on {number} of {len(page.machines)} machines"


def _row(item: OnMachine, page: PageStatus) -> Html:
    record = item.record
    return tag(
        "tr",
        tag("th", item.full_title, scope="row"),
        tag("td", _verdict(item, page), data_fencepost_standing=str(item.standing)),
        tag("td", checked_on(record) if record else "-"),
        tag("td", duration(record.seconds) if record else "-"),
    )


def _verdict(item: OnMachine, page: PageStatus) -> Html:
    """Return a machine's verdict for a cell of the table, with its step and reason unless it is good news."""
    parts: list[str] = [tag("strong", WORDS[item.standing])]
    step = item.deciding_step
    if item.standing in {Standing.FAILED, Standing.ERROR} and step:
        parts += [" at step ", link_to_step(step.id, page.title_of(step.id))]
    if item.standing in WITH_REASON and (reason := reason_of(item)):
        parts += [": ", prose(reason)]
    elif item.record and (done := steps_done(item.record)):
        parts.append(f": {done}")
    return joined(parts)
